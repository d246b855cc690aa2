import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { certificatesAt } from "../../src/cli/endpoint";
import { standIn } from "../support/engine/stand-in/stand-in";
import { ETCD_VERSIONS, type EtcdVersion } from "../support/etcd-binaries";
import { type Cluster, startCluster } from "../support/etcd-cluster";
import { requireEtcd } from "../support/require-etcd";
import {
  type Issued,
  type Rollout,
  enableAuthentication,
  inWords,
  rollout,
  startTraffic,
  stopTraffic,
} from "../support/rotation/rollout";
import { CROSS_SIGNED, SHARED_TO_OWN, STAGED, updates } from "../support/rotation/stages";
import { type Figures, nothingFailed, type Traffic } from "../support/rotation/traffic";

const serials = async (cluster: Cluster) =>
  (await Promise.all(cluster.endpoints.map(certificatesAt))).map(([found]) => found?.serialNumber).sort();
const issuedSerials = ({ members }: Issued) =>
  Object.values(members)
    .map(({ serialNumber }) => serialNumber)
    .sort();

describe("the rotation of both authorities of a live cluster with authentication on", function () {
  this.timeout(900_000);
  let crossSigned: Record<keyof typeof CROSS_SIGNED, Issued>;
  let staged: Record<keyof typeof STAGED, Issued>;

  before(async () => {
    // Certificates are the same from every engine.
    crossSigned = await updates(standIn, CROSS_SIGNED);
    staged = await updates(standIn, STAGED);
  });

  for (const version of ETCD_VERSIONS) {
    describe(`of etcd ${version}`, () => {
      let cluster: Cluster;
      let held: Issued;
      let traffic: Record<string, Traffic>;
      let out: Rollout;
      const directory = mkdtempSync(join(tmpdir(), "rotation-"));
      const pids = () => Object.values(cluster.members).map(({ pid }) => pid);
      const once = { "etcd-1": 1, "etcd-2": 1, "etcd-3": 1, "app-1": 1, "app-2": 1 };

      before(async function () {
        await requireEtcd(this, version);
        held = crossSigned.first;
        const flags = ["--heartbeat-interval=200", "--election-timeout=2000"];
        const { caBundlePem, members, components } = held;
        cluster = await startCluster({ version, directory, caBundlePem, members, flags });
        await enableAuthentication(cluster, components);
      });
      beforeEach(() => {
        traffic = startTraffic(cluster, held);
        out = rollout(cluster, traffic);
      });
      after(async () => {
        await cluster?.stop();
        rmSync(directory, { recursive: true, force: true });
      });

      const stop = async (what: string): Promise<Record<string, Figures>> => {
        const figures = await stopTraffic(traffic);
        console.log(`        etcd ${cluster.binaries.version}, ${what}: ${inWords(figures, out)}`);
        return figures;
      };

      if (version === "3.6")
        it("makes requests fail where members restart before clients have, so that the figures below can fail", async () => {
          await out.roll(crossSigned.distrust, ["members"]);
          const figures = await stop("members before clients");
          // The way back, by which members accept each other again: their certificates are of both generations.
          await rollout(cluster, {}).roll(crossSigned.back, ["members"]);
          for (const { failed, firstFailure } of Object.values(figures)) assert.ok(failed > 0 && firstFailure);
        });

      it("takes one restart of each member and client with a cross certificate, and no request fails", async () => {
        await out.roll(crossSigned.sign, ["clients"]);
        assert.deepEqual(await serials(cluster), issuedSerials(crossSigned.sign));
        await out.roll(crossSigned.distrust, ["members"]);
        await out.roll(crossSigned.retire);
        const figures = await stop("cross-signed");
        held = crossSigned.retire;
        nothingFailed(figures);
        assert.deepEqual(out.restarts, once);
      });

      it("needs no restart of a member for renewal and new keys", async () => {
        const before = pids();
        for (const stage of ["renewed", "rotatedKeys"] as const) {
          await out.roll(crossSigned[stage], ["clients"]);
          assert.deepEqual(await serials(cluster), issuedSerials(crossSigned[stage]));
        }
        assert.deepEqual(pids(), before);
        const figures = await stop("renewal and new keys");
        held = crossSigned.rotatedKeys;
        nothingFailed(figures);
      });

      if (version === "3.6")
        it("goes back one stage and forward again", async () => {
          await out.roll(crossSigned.forward, ["clients"]);
          await out.roll(crossSigned.back, ["members"]);
          await out.roll(crossSigned.forward, ["members"]);
          const figures = await stop("one stage back and forward");
          held = crossSigned.forward;
          nothingFailed(figures);
        });
    });
  }

  describe("of etcd 3.6 in three stages", () => {
    const directory = mkdtempSync(join(tmpdir(), "rotation-"));
    let cluster: Cluster;

    before(async function () {
      await requireEtcd(this, "3.6");
      const flags = ["--heartbeat-interval=200", "--election-timeout=2000"];
      const { caBundlePem, members, components } = staged.first;
      cluster = await startCluster({ version: "3.6", directory, caBundlePem, members, flags });
      await enableAuthentication(cluster, components);
    });
    after(async () => {
      await cluster?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    it("takes two restarts of each member and no request fails", async () => {
      const traffic = startTraffic(cluster, staged.first);
      const out = rollout(cluster, traffic);
      await out.roll(staged.trust, ["members", "clients"]);
      await out.roll(staged.sign, ["clients"]);
      await out.roll(staged.distrust, ["members", "clients"]);
      await out.roll(staged.retire);
      const figures = await stopTraffic(traffic);
      console.log(`        etcd ${cluster.binaries.version}, three stages: ${inWords(figures, out)}`);
      nothingFailed(figures);
      assert.deepEqual(out.restarts, { "etcd-1": 2, "etcd-2": 2, "etcd-3": 2, "app-1": 3, "app-2": 3 });
    });
  });

  // Before 3.5.15 etcd takes no list of names.
  const onlyMembers = {
    "3.4": "--peer-cert-allowed-hostname=etcd.etcd-peer",
    "3.6": "--peer-cert-allowed-cn=etcd-1,etcd-2,etcd-3",
    "3.7": "--peer-cert-allowed-cn=etcd-1,etcd-2,etcd-3",
  };
  for (const [version, names] of Object.entries(onlyMembers) as [EtcdVersion, string][]) {
    describe(`of etcd ${version} from one authority for both ports to one for each`, () => {
      const directory = mkdtempSync(join(tmpdir(), "rotation-"));
      let moved: Record<keyof typeof SHARED_TO_OWN, Issued>;
      let cluster: Cluster;

      before(async function () {
        await requireEtcd(this, version);
        moved = await updates(standIn, SHARED_TO_OWN);
        const flags = ["--heartbeat-interval=200", "--election-timeout=2000", names];
        const { caBundlePem, members, components } = moved.shared;
        cluster = await startCluster({ version, directory, caBundlePem, members, flags });
        await enableAuthentication(cluster, components);
      });
      after(async () => {
        await cluster?.stop();
        rmSync(directory, { recursive: true, force: true });
      });

      it("takes one restart of each member, none of a client, and no request fails", async () => {
        const traffic = startTraffic(cluster, moved.shared);
        const out = rollout(cluster, traffic);
        await out.roll(moved.sign);
        await out.roll(moved.distrust, ["members"]);
        await out.roll(moved.own);
        const figures = await stopTraffic(traffic);
        console.log(`        etcd ${cluster.binaries.version}, shared to own: ${inWords(figures, out)}`);
        nothingFailed(figures);
        assert.deepEqual(out.restarts, { "etcd-1": 1, "etcd-2": 1, "etcd-3": 1, "app-1": 0, "app-2": 0 });
      });
    });
  }
});
