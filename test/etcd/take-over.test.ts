import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { standIn } from "../support/engine/stand-in/stand-in";
import type { EtcdVersion } from "../support/etcd-binaries";
import { type Cluster, startCluster } from "../support/etcd-cluster";
import { requireEtcd } from "../support/require-etcd";
import {
  type ClientFiles,
  type Issued,
  enableAuthentication,
  inWords,
  rollout,
  startTraffic,
  stopTraffic,
} from "../support/rotation/rollout";
import { updates } from "../support/rotation/stages";
import { nothingFailed } from "../support/rotation/traffic";
import { type HandMadeCluster, kubeadm, kubespray, tlsSetup } from "../support/take-over/hand-made";
import { keylessStages, takeOverStages } from "../support/take-over/stages";
import { skip } from "../support/skip";

const flags = ["--heartbeat-interval=200", "--election-timeout=2000"];
const values = <From, To>(record: Record<string, From>, to: (value: From, key: string) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, to(value, key)]));

describe("A live cluster that was made by hand, with authentication on", function () {
  this.timeout(900_000);
  const root = mkdtempSync(join(tmpdir(), "take-over-"));
  let cluster: Cluster | undefined;
  after(() => rmSync(root, { recursive: true, force: true }));

  /** Starts it with what was made by hand. */
  async function start(version: EtcdVersion, hand: HandMadeCluster, directory: string) {
    const { authority, members, components } = hand;
    const caBundlePem = authority.certPem;
    cluster = await startCluster({ version, directory, caBundlePem, members, flags });
    const clients = values(components, (pair): ClientFiles => ({ ...pair, caBundlePem }));
    await enableAuthentication(cluster, clients);
    const traffic = startTraffic(cluster, { components: clients });
    return { cluster, traffic, out: rollout(cluster, traffic) };
  }

  /** Each member and each client that works, with this many restarts. */
  const restarts = ({ members, components }: HandMadeCluster, ofMembers: number, ofClients: number) => ({
    ...values(members, () => ofMembers),
    ...values(withoutRoot(components), () => ofClients),
  });

  const handMade = [
    { make: tlsSetup, version: "3.7" },
    { make: kubeadm, version: "3.5" },
    { make: kubespray, version: "3.6" },
    { make: tlsSetup, version: "3.4" },
  ] as const;
  for (const { make, version } of handMade) {
    describe(`by ${make.name}, of etcd ${version}`, () => {
      const directory = join(root, `${make.name}-${version}`);
      let hand: HandMadeCluster;
      let issued: Record<keyof ReturnType<typeof takeOverStages>, Issued>;
      before(async function () {
        await requireEtcd(this, version);
        mkdirSync(directory);
        hand = make(directory) ?? skip(this, "no cfssl on this machine (Debian: golang-cfssl)");
        issued = await updates(standIn, takeOverStages(hand));
      });
      after(() => cluster?.stop());

      it("moves to two authorities of our own with one restart of each member and client, and no request fails", async () => {
        const { cluster, traffic, out } = await start(version, hand, join(directory, "run"));
        await out.roll(issued.taken);
        await out.roll(issued.sign, ["clients"]);
        await out.roll(issued.distrust, ["members"]);
        await out.roll(issued.retire);
        const figures = await stopTraffic(traffic);
        console.log(`        etcd ${cluster.binaries.version}, ${hand.name}: ${inWords(figures, out)}`);
        nothingFailed(figures);
        assert.deepEqual(out.restarts, restarts(hand, 1, 1));
        const old = await cluster.etcdctl(["get", "key", "--command-timeout=2s"], hand.components["root"], {
          caBundlePem: issued.retire.caBundlePem,
        });
        assert.notEqual(old.code, 0, "the hand-made root still gets in");
      });
    });
  }

  describe("by kubespray, of etcd 3.6, whose authority's key is not at hand", () => {
    const directory = join(root, "keyless");
    let hand: HandMadeCluster;
    let issued: Record<keyof ReturnType<typeof keylessStages>, Issued>;
    before(async function () {
      await requireEtcd(this, "3.6");
      mkdirSync(directory);
      hand = kubespray(directory);
      issued = await updates(standIn, keylessStages(hand));
    });
    after(() => cluster?.stop());

    it("moves in three stages, gets no certificate before all trust its authority, and no request fails", async () => {
      assert.deepEqual(issued.trust.members, {});
      assert.deepEqual(issued.trust.components, {});
      const { cluster, traffic, out } = await start("3.6", hand, join(directory, "run"));
      await out.roll(withBundles(hand, issued.trust), ["members", "clients"]);
      await out.roll(issued.sign, ["clients"]);
      await out.roll(issued.distrust, ["members", "clients"]);
      await out.roll(issued.retire);
      const figures = await stopTraffic(traffic);
      console.log(`        etcd ${cluster.binaries.version}, kubespray without its key: ${inWords(figures, out)}`);
      nothingFailed(figures);
      assert.deepEqual(out.restarts, restarts(hand, 2, 3));
    });
  });
});

const withoutRoot = <Value>(components: Record<string, Value>) =>
  Object.fromEntries(Object.entries(components).filter(([name]) => name !== "root"));

/** The hand-made pairs with the bundles of an update that issues none. */
const withBundles = (
  { members, components }: HandMadeCluster,
  { caBundlePem, memberCaBundlePem, peerCaBundlePem }: Issued,
): Pick<Issued, "members" | "components"> => ({
  members: values(members, ({ peer, ...own }) => ({
    ...own,
    caBundlePem: memberCaBundlePem,
    peer: { ...(peer ?? own), caBundlePem: peerCaBundlePem },
  })),
  components: values(components, (pair) => ({ ...pair, caBundlePem })),
});
