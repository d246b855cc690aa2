import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "mocha";
import { standIn } from "../support/engine/stand-in/stand-in";
import { type Cluster, startCluster } from "../support/etcd-cluster";
import type { EtcdVersion } from "../support/etcd-binaries";
import { requireEtcd } from "../support/require-etcd";
import {
  type Issued,
  type Rollout,
  enableAuthentication,
  rollout,
  startTraffic,
  stopTraffic,
} from "../support/rotation/rollout";
import { STAGES, type StageName, rotationProgram, update } from "../support/rotation/stages";
import type { Figures, Traffic } from "../support/rotation/traffic";
import { certificatesAt } from "../../src/cli/endpoint";

const serials = async (cluster: Cluster) =>
  (await Promise.all(cluster.endpoints.map(certificatesAt))).map(([found]) => found?.serialNumber).sort();
const issuedSerials = ({ members }: Issued) =>
  Object.values(members)
    .map(({ serialNumber }) => serialNumber)
    .sort();

describe("on a live cluster with authentication on", () => {
  const issued = {} as Record<StageName, Issued>;

  before(async function () {
    this.timeout(10 * 60_000);
    const project = await standIn.open(rotationProgram());
    for (const stage of Object.keys(STAGES) as StageName[]) issued[stage] = (await update(project, stage)).issued;
    await project.dispose();
  });

  for (const version of ["3.4", "3.5", "3.6", "3.7"] as EtcdVersion[]) {
    describe(`of etcd ${version}`, () => {
      let cluster: Cluster;
      let traffic: Record<string, Traffic>;
      let out: Rollout;
      const directory = mkdtempSync(join(tmpdir(), "rotation-"));

      before(async function () {
        await requireEtcd(this, version);
        const flags = ["--heartbeat-interval=200", "--election-timeout=2000"];
        const { caBundlePem, members, components } = issued.first;
        cluster = await startCluster({ version, directory, caBundlePem, members, flags });
        await enableAuthentication(cluster, components["root"] as Issued["components"][string]);
      });
      beforeEach(() => {
        traffic = startTraffic(cluster, issued.first);
        out = rollout(cluster, traffic, issued.first);
      });
      after(async () => {
        await cluster?.stop();
        rmSync(directory, { recursive: true, force: true });
      });

      const nothingFailed = (figures: Record<string, Figures>) => {
        for (const [component, { failed, isComplete, requests, firstFailure }] of Object.entries(figures)) {
          assert.deepEqual(
            { component, failed, isComplete, firstFailure },
            { component, failed: 0, isComplete: true, firstFailure: undefined },
          );
          assert.ok(requests > 100);
        }
      };
      const pids = () => Object.values(cluster.members).map(({ pid }) => pid);

      if (version === "3.6")
        it("requests fail where the rollout of a stage is skipped, so that the figures below can fail", async function () {
          this.timeout(10 * 60_000);
          // The members hold certificates of a generation that none of them has restarted for.
          await out.leaves(issued.sign);
          const figures = await stopTraffic(traffic);
          for (const { name, replaceFiles } of Object.values(cluster.members))
            replaceFiles({ ...issued.first.members[name] });
          for (const { failed, firstFailure } of Object.values(figures)) assert.ok(failed > 0 && firstFailure);
        });

      // Once, since every restart takes its time.
      const back = version === "3.6" ? ["back" as const] : [];
      it(`no request fails through all stages, ${back.length > 0 ? "one stage back, " : ""}renewal and key rotation`, async function () {
        this.timeout(10 * 60_000);
        await out.bundle(issued.trust);
        await out.leaves(issued.sign);
        assert.deepEqual(await serials(cluster), issuedSerials(issued.sign));
        await out.bundle(issued.distrust);
        for (const stage of back) await out.bundle(issued[stage]);
        const before = pids();
        for (const stage of ["renewed", "rotatedKeys"] as const) {
          await out.leaves(issued[stage]);
          assert.deepEqual(await serials(cluster), issuedSerials(issued[stage]));
        }
        assert.deepEqual(pids(), before);
        nothingFailed(await stopTraffic(traffic));
      });
    });
  }
});
