import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import { type Engine, engines } from "../support/engine/engine";
import { LANGUAGES, type OpenProgram } from "../support/rbac/languages";
import { declare, type RbacCluster, removeFrom, startRbacCluster } from "../support/rbac/rbac-cluster";
import type { Declared } from "../support/rbac/rbac-project";
import { requireEtcd } from "../support/require-etcd";
import { skip } from "../support/skip";

const permissions = [{ prefix: "/app/", access: "readwrite" as const }];
const components = { root: {}, app: { permissions } };
const more = { ...components, other: { permissions } };
const leavingOut = (...urns: string[]) => ({ flags: urns.flatMap((urn) => ["--exclude", urn]) });
const refusal =
  /the inventory is left out of this update with --target or --exclude.*whether etcd has already: .*user other/s;

for (const [language, open] of Object.entries(LANGUAGES)) {
  describe(`An EtcdRbac in ${language} of which an update leaves out`, function () {
    this.timeout(300_000);
    let engine: Engine;
    let etcd: RbacCluster;
    let opened: OpenProgram;
    const start = async (declared: Declared["components"] = components) => {
      opened = await open(engine, "rbac-left-out", { connection: etcd.connection, components: declared });
      return opened.project;
    };
    const users = async () => (await etcd.etcdctl("user list")).stdout.split("\n").filter(Boolean);

    before(async function () {
      const found = (await engines()).find(({ kind }) => kind === "pulumi");
      if (found === undefined) return skip(this, "no pulumi on this machine");
      engine = found;
      await requireEtcd(this, "3.6");
      etcd = await startRbacCluster("3.6");
    });
    afterEach(async () => {
      await opened?.project.dispose();
      await removeFrom(etcd.connection, declare(more), false);
    });
    after(() => etcd?.stop());

    it("everything makes nothing, and the next update makes all", async () => {
      const project = await start();
      const all = leavingOut("**EtcdRbac**");
      assert.doesNotMatch((await project.preview(all)).log, /error/i);
      await project.up(all);
      assert.deepEqual(await users(), []);
      await project.up();
      assert.deepEqual(await users(), ["app", "root"]);
      await project.up(all);
    });

    it("the users and roles makes them with the next update", async () => {
      const project = await start();
      await project.up(leavingOut("**UsersAndRoles**"));
      assert.deepEqual(await users(), []);
      await project.up();
      assert.deepEqual(await users(), ["app", "root"]);
    });

    it("the inventory is refused, in the preview, too, since nobody then knows what was there before", async () => {
      const inventory = leavingOut("**Inventory**");
      const first = await start(more);
      await assert.rejects(first.preview(inventory), refusal);
      await assert.rejects(first.up(inventory), refusal);
      assert.deepEqual(await users(), []);
      opened.declare({ connection: etcd.connection, components });
      await first.up();
      // It is somebody else's.
      await etcd.etcdctl("user add other --no-password");
      opened.declare({ connection: etcd.connection, components: more });
      await assert.rejects(first.preview(inventory), refusal);
      await assert.rejects(first.up(inventory), refusal);
      assert.equal((await etcd.etcdctl("user get other")).stdout, "User: other\nRoles:\n");
      assert.deepEqual(await users(), ["app", "other", "root"]);
      // What it has noted already may go on without it.
      opened.declare({ connection: etcd.connection, components: { root: {} } });
      await first.up(inventory);
      assert.deepEqual(await users(), ["other", "root"]);
    });
  });
}
