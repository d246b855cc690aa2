import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "mocha";
import type { EtcdClient } from "../../src/rbac/client";
import { GUARD, type Step } from "../../src/rbac/steps";
import { TESTED_ETCD_VERSIONS } from "../support/etcd-binaries";
import {
  applyTo,
  beforeChange,
  declare,
  heldBy,
  type RbacCluster,
  removeFrom,
  startRbacCluster,
} from "../support/rbac/rbac-cluster";
import { requireEtcd } from "../support/require-etcd";

const components = { root: {}, app: { permissions: [{ prefix: "/app/", access: "readwrite" as const }] } };
const declaration = declare(components);
/** Nothing of the run comes after authentication was turned on, as when its process is gone. */
const killedOnceEnabled = (client: EtcdClient): EtcdClient =>
  Object.assign(Object.create(client) as EtcdClient, {
    change: async (step: Step, password?: string) => {
      await client.change(step, password);
      if (step.call === "authEnable") throw new Error("killed");
    },
  });
const withoutRoot = declare({ app: components.app }, {}, { made: declaration.made });

for (const version of TESTED_ETCD_VERSIONS) {
  describe(`the guard against a lock-out on etcd ${version}`, function () {
    this.timeout(60_000);
    let etcd: RbacCluster;

    before(async function () {
      await requireEtcd(this, version);
      etcd = await startRbacCluster(version);
    });
    after(() => etcd?.stop());
    beforeEach(() => removeFrom(etcd.connection, declaration, false));

    it("refuses an administrator whose certificate is not root's, before it changes anything", async () => {
      const app = await etcd.client("app");
      const connection = { ...etcd.connection, ...app };
      await assert.rejects(
        applyTo(connection, declaration),
        /administrator's certificate is for "app".*give the component root's/s,
      );
      assert.equal((await etcd.etcdctl("role list")).stdout.trim(), "");
    });

    it("refuses a key that is not the certificate's, without showing either", async () => {
      const other = await etcd.client("root");
      const connection = { ...etcd.connection, privateKeyPem: other.privateKeyPem };
      await assert.rejects(applyTo(connection, declaration), (error: Error) => {
        assert.match(error.message, /privateKeyPem is not the key of administrator.certPem/);
        assert.doesNotMatch(error.message, /BEGIN/);
        return true;
      });
    });

    for (const [what, mutilate] of [
      ["to delete root", withoutRoot],
      [
        "to take the role root from root",
        { ...declaration, desired: { ...declaration.desired, users: new Map([["root", []]]) } },
      ],
    ] as const) {
      it(`refuses ${what} while authentication is on`, async () => {
        await applyTo(etcd.connection, declaration);
        await assert.rejects(applyTo(etcd.connection, mutilate), /would lock everybody out/);
        assert.deepEqual((await heldBy(etcd.connection, declaration)).users.get("root"), ["root"]);
        assert.equal((await heldBy(etcd.connection, declaration)).authentication, true);
      });
    }

    it("turns authentication on only after everything else, and leaves no guard behind", async () => {
      const calls: string[] = [];
      await applyTo(
        etcd.connection,
        declaration,
        beforeChange((step) => void calls.push(step.call)),
      );
      const enable = calls.indexOf("authEnable");
      assert.deepEqual(calls.slice(enable + 1), ["userDelete"]);
      assert.ok(enable > calls.lastIndexOf("roleGrantPermission"));
      assert.ok(!(await heldBy(etcd.connection, declaration)).users.has(GUARD));
    });
  });

  describe(`etcd ${version} that does not take users from certificates`, function () {
    this.timeout(60_000);
    for (const [what, flags] of [
      ["asks for a certificate, but not for its name", ["--client-cert-auth=false"]],
      ["asks for no certificate", ["--client-cert-auth=false", "--trusted-ca-file="]],
    ] as const) {
      it(`stays without authentication when it ${what}`, async function () {
        await requireEtcd(this, version);
        const etcd = await startRbacCluster(version, 1, [...flags]);
        try {
          await assert.rejects(
            applyTo(etcd.connection, declaration),
            /start etcd with --client-cert-auth and --trusted-ca-file/,
          );
          const held = await heldBy(etcd.connection, declaration);
          assert.equal(held.authentication, false);
          assert.ok(!held.users.has(GUARD));
          // Where the handshake shows it, nothing has been changed at all.
          if (what === "asks for no certificate") assert.equal((await etcd.etcdctl("role list")).stdout.trim(), "");
          assert.equal((await etcd.etcdctl("put /anything 1")).code, 0);
        } finally {
          await etcd.stop();
        }
      });
    }

    const oneOfTwo = (member: string) => (member === "etcd-2" ? ["--client-cert-auth=false"] : []);

    it("keeps authentication off when it is only one of several members", async function () {
      await requireEtcd(this, version);
      const etcd = await startRbacCluster(version, 2, oneOfTwo);
      try {
        const message = new RegExp(`authentication is off again. ${etcd.cluster.endpoints[1]} does not take the user`);
        await assert.rejects(applyTo(etcd.connection, declaration), message);
        const held = await heldBy(etcd.connection, declaration);
        assert.equal(held.authentication, false);
        assert.ok(!held.users.has(GUARD));
      } finally {
        await etcd.stop();
      }
    });

    it("is found by the next run when this one is killed before it asked it", async function () {
      await requireEtcd(this, version);
      const etcd = await startRbacCluster(version, 2, oneOfTwo);
      try {
        await assert.rejects(applyTo(etcd.connection, declaration, killedOnceEnabled), /killed/);
        await assert.rejects(applyTo(etcd.connection, declaration), /authentication is off again/);
        assert.equal((await heldBy(etcd.connection, declaration)).authentication, false);
      } finally {
        await etcd.stop();
      }
    });

    it("is let out by the next run when this one is killed with authentication just turned on", async function () {
      await requireEtcd(this, version);
      const etcd = await startRbacCluster(version, 1, ["--client-cert-auth=false"]);
      try {
        await assert.rejects(applyTo(etcd.connection, declaration, killedOnceEnabled), /killed/);
        assert.notEqual((await etcd.etcdctl("put /anything 1")).code, 0);
        await assert.rejects(applyTo(etcd.connection, declaration), /does not take the user from the certificate/);
        assert.equal((await etcd.etcdctl("put /anything 1")).code, 0);
      } finally {
        await etcd.stop();
      }
    });
  });
}
