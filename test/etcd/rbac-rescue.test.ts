import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { letOut } from "../../src/rbac/authentication";
import type { EtcdClient } from "../../src/rbac/client";
import { GUARD, type Step } from "../../src/rbac/steps";
import { environment } from "../support/environment";
import { TESTED_ETCD_VERSIONS } from "../support/etcd-binaries";
import { type Forwarder, startForwarder } from "../support/forwarder";
import { applyTo, declare, heldBy, type RbacCluster, removeFrom, startRbacCluster } from "../support/rbac/rbac-cluster";
import { requireEtcd } from "../support/require-etcd";
import { run } from "../support/run";

const declaration = declare({ root: {}, app: { permissions: [{ prefix: "/app/", access: "readwrite" }] } });

/** A client whose process does something right after authentication was turned on. */
const onceEnabled = (then: () => Promise<void> | void) => (client: EtcdClient) =>
  Object.assign(Object.create(client) as EtcdClient, {
    change: async (step: Step, password?: string) => {
      await client.change(step, password);
      if (step.call === "authEnable") await then();
    },
  });
const killed = () => {
  throw new Error("killed");
};

for (const version of TESTED_ETCD_VERSIONS) {
  describe(`authentication just turned on in etcd ${version}, and then the line is gone`, function () {
    this.timeout(180_000);
    let etcd: RbacCluster;
    let line: Forwarder;
    before(async function () {
      await requireEtcd(this, version);
    });
    const start = async (flags: string[] = []) => {
      etcd = await startRbacCluster(version, 1, flags);
      line = await startForwarder(etcd.cluster.endpoints[0]!);
      etcd.connection.endpoints = [line.endpoint];
    };
    afterEach(async () => {
      await line?.close();
      await etcd?.stop();
    });
    const isOn = async () => (await etcd.etcdctl("put /x 1", await etcd.client("nobody"))).code !== 0;

    it("is proved by the next run before the guard goes", async () => {
      await start();
      await assert.rejects(applyTo(etcd.connection, declaration, onceEnabled(killed)), /killed/);
      assert.ok((await heldBy(etcd.connection, declaration)).users.has(GUARD));
      const { summary } = await applyTo(etcd.connection, declaration);
      assert.match(summary, /: 1 changes/);
      assert.ok(!(await heldBy(etcd.connection, declaration)).users.has(GUARD));
      assert.equal(await isOn(), true);
    });

    describe("where a member does not take users from certificates", () => {
      beforeEach(() => start(["--client-cert-auth=false"]));

      it("is turned off again when the line comes back in time", async () => {
        const cut = onceEnabled(() => {
          line.cut();
          void sleep(5000).then(() => line.lead(etcd.cluster.endpoints[0]!));
        });
        await assert.rejects(applyTo(etcd.connection, declaration, cut), /^Error: authentication is off again/);
        assert.equal(await isOn(), false);
      });

      it("is turned off again past a proxy of the environment, which is for the way out", async () => {
        const before = process.env.https_proxy;
        process.env.https_proxy = "http://127.0.0.1:9";
        try {
          await assert.rejects(applyTo(etcd.connection, declaration), /^Error: authentication is off again/);
        } finally {
          if (before === undefined) delete process.env.https_proxy;
          else process.env.https_proxy = before;
        }
        assert.equal(await isOn(), false);
      });

      it("is said to be on when the line stays away, and the next run turns it off first", async () => {
        await assert.rejects(
          applyTo(
            etcd.connection,
            declaration,
            onceEnabled(() => line.cut()),
          ),
          /authentication is on, but no member answered.*Run "pulumi up" again: it goes on with the proof/s,
        );
        assert.equal(await isOn(), true);
        line.lead(etcd.cluster.endpoints[0]!);
        await assert.rejects(applyTo(etcd.connection, declaration), /authentication is off again/);
        assert.equal(await isOn(), false);
      });

      it("is said to be on when it cannot be turned off, with words that let a person in", async () => {
        await assert.rejects(applyTo(etcd.connection, declaration, onceEnabled(killed)), /killed/);
        line.cut();
        const { message } = await letOut(etcd.connection, "A member takes no users from certificates.");
        assert.match(message, /^AUTHENTICATION IS ON, AND THE ADMINISTRATOR IS LOCKED OUT\. A member takes/);
        assert.match(message, /could not be turned off again: No member of etcd can be reached/);
        assert.doesNotMatch(message, /BEGIN/);
        assert.equal(await isOn(), true);
        line.lead(etcd.cluster.endpoints[0]!);
        const command = message.slice(message.indexOf("PASSWORD="));
        const { code, stderr } = await byHand(etcd, command);
        assert.equal(code, 0, stderr);
        assert.equal(await isOn(), false);
      });
    });
  });

  describe(`a member of etcd ${version} that was down when authentication was turned on, and takes no users from certificates`, function () {
    this.timeout(180_000);
    const isOff = async (etcd: RbacCluster) => !(await heldBy(etcd.connection, declaration)).authentication;
    let etcd: RbacCluster;
    before(async function () {
      await requireEtcd(this, version);
      const last = (member: string) => (member === "etcd-3" ? ["--client-cert-auth=false"] : []);
      etcd = await startRbacCluster(version, 3, last);
    });
    after(() => etcd?.stop());

    it("is found when it is back, and the guard lets everybody out, also with a new key of the administrator's", async () => {
      const late = etcd.cluster.members["etcd-3"]!;
      await late.kill();
      await applyTo(etcd.connection, declaration);
      Object.assign(etcd.connection, await etcd.client("root"));
      await applyTo(etcd.connection, declaration);
      late.start();
      await late.healthy();
      // The one that is asked first now locks the administrator out.
      const connection = { ...etcd.connection, endpoints: [late.endpoint] };
      await assert.rejects(applyTo(connection, declaration), /^Error: authentication is off again. \S+ does not take/);
      assert.equal(await isOff(etcd), true);
    });

    it("lets a destroy turn authentication off and take the guard away while it is down", async () => {
      const late = etcd.cluster.members["etcd-3"]!;
      await late.kill();
      await applyTo(etcd.connection, declaration);
      await removeFrom(etcd.connection, declaration, false);
      const held = await heldBy(etcd.connection, declaration);
      assert.deepEqual([...held.users.keys(), held.authentication], [false]);
    });
  });
}

/** What a person does with the line that the message ends with. */
async function byHand({ cluster, ca, root }: RbacCluster, command: string) {
  const directory = mkdtempSync(join(tmpdir(), "etcd-rbac-by-hand-"));
  const files = { "ca.crt": ca.certPem, "root.crt": root.certPem, "root.key": root.privateKeyPem };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content, { mode: 0o600 });
  const { etcdctl } = cluster.binaries;
  const PATH = `${dirname(etcdctl)}:${process.env.PATH}`;
  try {
    return await run("sh", ["-c", `cd ${directory}; ${command}`], { env: environment({ PATH }) });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
