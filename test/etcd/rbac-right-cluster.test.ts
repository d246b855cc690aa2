import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, before, beforeEach, describe, it } from "mocha";
import { restoringProgram, TESTED_ETCD_VERSIONS } from "../support/etcd-binaries";
import { type Forwarder, startForwarder } from "../support/forwarder";
import { testAuthority } from "../support/issue-certificates";
import { ProvidedStack } from "../support/rbac/provided";
import { applyTo, beforeChange, declare, type RbacCluster, startRbacCluster } from "../support/rbac/rbac-cluster";
import { requireEtcd } from "../support/require-etcd";
import { run } from "../support/run";

const app = { permissions: [{ prefix: "/app/", access: "readwrite" as const }] };
const components = { root: {}, app };

const clusterId = async (etcd: RbacCluster) => {
  const { stdout } = await etcd.etcdctl("endpoint status --write-out=json");
  return /"cluster_id":(\d+)/.exec(stdout)![1]!;
};

/** What a cluster holds, to see that nothing was changed. */
const held = async (etcd: RbacCluster) => {
  let all = "";
  for (const line of ["user list", "role list", "role get app"]) {
    const { code, stdout, stderr } = await etcd.etcdctl(line);
    assert.equal(code, 0, stderr);
    all += stdout;
  }
  return all;
};

for (const version of TESTED_ETCD_VERSIONS) {
  describe(`two clusters of etcd ${version} that change places behind one address`, function () {
    this.timeout(60_000);
    let ours: RbacCluster;
    let others: RbacCluster;
    let address: Forwarder;
    let stack: ProvidedStack;
    let untouched: string;

    before(async function () {
      await requireEtcd(this, version);
    });
    beforeEach(async () => {
      const authority = await testAuthority("test-ca");
      [ours, others] = await Promise.all([
        startRbacCluster(version, 1, [], authority),
        startRbacCluster(version, 1, [], authority),
      ]);
      for (const line of [
        "user add root --no-password",
        "role add root",
        "user grant-role root root",
        "user add app --no-password",
        "user add batch --no-password",
        "role add app",
        "role grant-permission app read --prefix /theirs/",
        "user grant-role app app",
        "auth enable",
      ])
        assert.equal((await others.etcdctl(line)).code, 0, line);
      untouched = await held(others);
      address = await startForwarder(ours.cluster.endpoints[0]!);
      stack = new ProvidedStack({ ...ours.connection, ...others.root, endpoints: [address.endpoint] });
    });
    afterEach(async () => {
      await address?.close();
      await Promise.all([ours?.stop(), others?.stop()]);
    });

    it("are told apart by an update, a refresh and a destroy, which change nothing in the other one", async () => {
      await stack.up({ components: { ...components, batch: {} } });
      address.lead(others.cluster.endpoints[0]!);
      const refusal = new RegExp(
        `lead to the cluster ${await clusterId(others)}, but this declaration was last made in the cluster ` +
          `${await clusterId(ours)}. Nothing was changed.*give clusterId: "${await clusterId(others)}"`,
        "s",
      );
      await assert.rejects(stack.preview({ components }), refusal);
      await assert.rejects(stack.up({ components }), refusal);
      assert.match(await stack.refresh(), refusal);
      await assert.rejects(stack.destroy(), refusal);
      assert.equal(await held(others), untouched);
      assert.notEqual((await others.etcdctl("put /x 1", await ours.client("app"))).code, 0);
      // Back on its own, all goes on.
      address.lead(ours.cluster.endpoints[0]!);
      await stack.up({ components });
      assert.equal((await ours.etcdctl("user list")).stdout, "app\nroot\n");
    });

    it("are taken over, one after the other, by who names the new one and adopts what it holds", async () => {
      await stack.up({ components: { ...components, batch: {} } });
      address.lead(others.cluster.endpoints[0]!);
      const named = { components, clusterId: await clusterId(others) };
      await assert.rejects(
        stack.up(named),
        /etcd has already: authentication, role app, role root, user app, user root/,
      );
      assert.equal(await held(others), untouched);
      await stack.up({ ...named, adoptExisting: true });
      assert.match(await held(others), /\/app\//);
      // Nobody of this declaration made the other cluster's batch.
      assert.match((await others.etcdctl("user list")).stdout, /batch/);
      await stack.up(named);
      await stack.destroy();
      assert.match((await others.etcdctl("user list")).stdout, /app\nbatch\nroot/);
    });

    it("are told apart already when the first update ended after the inventory", async () => {
      // The rest of the first update fails, since the cluster refuses a user that the inventory did not ask about.
      await assert.rejects(stack.up({ components: { ...components, patroni: { login: "password" } } }), /password/);
      address.lead(others.cluster.endpoints[0]!);
      await assert.rejects(
        stack.up({ components: { ...components, patroni: { login: "password", password: "secret" } } }),
        /was last made in the cluster/,
      );
      assert.equal(await held(others), untouched);
    });

    it("are told apart in the middle of an update, too: not one call reaches the other one", async () => {
      const connection = { ...ours.connection, ...others.root, endpoints: [address.endpoint] };
      let calls = 0;
      const leading = beforeChange(async () => {
        if (++calls > 1) return;
        address.lead(others.cluster.endpoints[0]!);
        // The connection is seen to have ended before the call, and a new one is opened for it.
        await sleep(200);
      });
      const fresh = declare({ root: {}, fresh: app });
      await assert.rejects(
        applyTo(connection, fresh, leading),
        /answers for the cluster \d+, where \d+ answered before/,
      );
      assert.equal(calls, 1);
      assert.equal(await held(others), untouched);
    });

    it("are refused together", async () => {
      const endpoints = [...ours.cluster.endpoints, ...others.cluster.endpoints];
      await assert.rejects(stack.up({ components, endpoints }), /lead to several clusters.*Nothing was changed/s);
      assert.equal((await ours.etcdctl("user list")).stdout, "");
      assert.equal(await held(others), untouched);
    });

    it("are refused from the first update on when the declaration names another one", async () => {
      const named = { components, clusterId: await clusterId(others) };
      await assert.rejects(
        stack.up(named),
        /clusterId names the cluster \d+, but the endpoints lead to the cluster \d+/,
      );
      assert.equal((await ours.etcdctl("user list")).stdout, "");
    });

    it("let a destroy pass by the other one when the declaration's own is given up", async () => {
      await stack.up({ components });
      address.lead(others.cluster.endpoints[0]!);
      await assert.rejects(stack.destroy(), /set skipDeleteIfUnreachable: true, run "pulumi up"/);
      await stack.preview({ components, skipDeleteIfUnreachable: true });
      await stack.up({ components, skipDeleteIfUnreachable: true });
      assert.match(await stack.destroy(), /taken for gone/);
      assert.equal(await held(others), untouched);
    });
  });

  describe(`a cluster of etcd ${version} that comes back with the same id`, function () {
    this.timeout(60_000);
    let etcd: RbacCluster;
    let stack: ProvidedStack;
    let id: string;

    before(async function () {
      await requireEtcd(this, version);
    });
    beforeEach(async () => {
      etcd = await startRbacCluster(version);
      stack = new ProvidedStack(etcd.connection);
      id = await clusterId(etcd);
      for (let i = 0; i < 5; i++) await etcd.etcdctl(`put /key ${i}`);
    });
    afterEach(() => etcd?.stop());
    const directory = () => join(dirname(etcd.cluster.members["etcd-1"]!.logFile), "etcd-1", "data");

    async function restart(prepare: () => Promise<void>): Promise<void> {
      const member = etcd.cluster.members["etcd-1"]!;
      await member.stop();
      await prepare();
      member.start();
      await member.healthy();
      assert.equal(await clusterId(etcd), id);
    }

    it("rebuilt from nothing, is refused until it is named", async () => {
      await stack.up({ components });
      await restart(async () => rmSync(directory(), { recursive: true }));
      const refusal = new RegExp(
        `${id} is at revision 1, but was at 6 before: it was rebuilt.*give clusterId: "${id}@1"`,
        "s",
      );
      await assert.rejects(stack.up({ components, waitSeconds: 10 }), refusal);
      await assert.rejects(stack.destroy(), refusal);
      assert.equal((await etcd.etcdctl("user list")).stdout, "");
      await stack.up({ components, clusterId: `${id}@1` });
      assert.equal((await etcd.etcdctl("user list")).stdout, "app\nroot\n");
      await stack.destroy();
      assert.equal((await etcd.etcdctl("user list")).stdout, "");
    });

    it("goes on as it was after a mere restart", async () => {
      await stack.up({ components });
      await restart(async () => undefined);
      await stack.up({ components, waitSeconds: 10 });
    });

    it("restored from a snapshot, is refused until it is named", async function () {
      this.timeout(180_000);
      const program = await restoringProgram(version);
      await stack.up({ components });
      const snapshot = `${directory()}.snapshot`;
      assert.equal((await etcd.etcdctl(`snapshot save ${snapshot}`)).code, 0);
      await etcd.etcdctl("put /key later");
      await stack.up({ components: { ...components, later: app } });
      await restart(async () => {
        rmSync(directory(), { recursive: true });
        const peer = `etcd-1=${etcd.cluster.members["etcd-1"]!.peerEndpoint}`;
        const args = ["snapshot", "restore", snapshot, "--data-dir", directory(), "--name", "etcd-1"];
        const addresses = ["--initial-cluster", peer, "--initial-advertise-peer-urls", peer.slice("etcd-1=".length)];
        const restored = await run(program, [...args, ...addresses], { env: { ETCDCTL_API: "3" } });
        assert.equal(restored.code, 0, restored.stderr);
      });
      const declared = { components: { ...components, later: app }, waitSeconds: 10 };
      await assert.rejects(stack.up(declared), new RegExp(`restored from an older snapshot.*"${id}@6"`, "s"));
      await stack.up({ ...declared, clusterId: `${id}@6`, adoptExisting: true });
      assert.equal((await etcd.etcdctl("user list")).stdout, "app\nlater\nroot\n");
    });
  });
}
