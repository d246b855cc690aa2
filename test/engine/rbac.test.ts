import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { EngineError, engines, type Run } from "../support/engine/engine";
import { freePorts } from "../support/ports";
import { type RbacCluster, startRbacCluster } from "../support/rbac/rbac-cluster";
import { type Declared, openRbacProject, type RbacProject } from "../support/rbac/rbac-project";
import { requireEtcd } from "../support/require-etcd";
import { skip } from "../support/skip";

const permissions = [
  { prefix: "/app/", access: "readwrite" as const },
  { prefix: "/old/", access: "read" as const },
];
const components = { root: {}, app: { permissions, roles: ["shared"] } };
const fewer = { root: {}, app: { permissions: permissions.slice(0, 1), roles: ["shared"] } };
const roles = { shared: [{ key: "/shared", access: "read" as const }] };

const changed = ({ steps }: Run) =>
  steps
    .filter(({ op }) => op !== "same")
    .map(({ op, name, changedProperties }) => `${op} ${name} [${changedProperties}]`);

for (const kind of ["stand-in", "pulumi"] as const) {
  describe(`EtcdRbac on ${kind}`, function () {
    this.timeout(300_000);
    let etcd: RbacCluster;
    let project: RbacProject;
    const declare = (changes: Partial<Declared> = {}) =>
      project.declare({ connection: etcd.connection, components, roles, ...changes });

    before(async function () {
      const engine = (await engines()).find((candidate) => candidate.kind === kind);
      if (engine === undefined) return skip(this, `no ${kind} on this machine`);
      await requireEtcd(this, "3.6");
      etcd = await startRbacCluster("3.6");
      project = await openRbacProject(engine, "rbac", { connection: etcd.connection, components, roles });
    });
    after(async () => {
      await project?.dispose();
      await etcd?.stop();
    });

    it("takes what a killed update has made for its own, and goes on from there", async () => {
      const hook = `--import=${join(__dirname, "../support/rbac/kill-after.mjs")}`;
      await assert.rejects(project.up({ env: { NODE_OPTIONS: hook, KILL_AFTER_CHANGE: "5" } }));
      assert.match((await etcd.etcdctl("role list")).stdout, /app/);
      const run = await project.up();
      assert.match(run.log, /: 10 changes, \d+ reads/);
    });

    it("has made users, roles and authentication, and then finds nothing to do", async () => {
      assert.match((await etcd.etcdctl("auth status")).stdout, /Authentication Status: true/);
      assert.match((await etcd.etcdctl("user get app")).stdout, /app.*shared|shared.*app/s);
      assert.deepEqual(changed(await project.up()), []);
    });

    it("shows a removed permission as one line, and makes one call of it", async () => {
      declare({ components: fewer });
      const preview = await project.preview();
      assert.deepEqual(changed(preview), ["update etcd-users-and-roles [roles]"]);
      assert.match(preview.log, /revoke prefix \/old\/ from role app: the declaration does not ask for it/);
      assert.match((await project.up()).log, /: 1 changes, \d+ reads/);
      assert.doesNotMatch((await etcd.etcdctl("role get app")).stdout, /old/);
    });

    it("says in a preview what it does for a component that comes or goes, and to authentication", async () => {
      declare({ components: { root: {}, other: fewer.app } });
      const { log } = await project.preview();
      for (const call of [/delete user app/, /delete role app/, /user other/, /role other/]) assert.match(log, call);
      declare({ components: fewer, options: { enableAuthentication: false } });
      assert.match((await project.preview()).log, /turn authentication off/);
      declare({ components: fewer });
    });

    it("finds by the next update what was changed by hand, and sets it right", async () => {
      await etcd.etcdctl("role grant-permission app readwrite --prefix /evil/");
      const run = await project.up();
      assert.match(run.log, /etcd differs from the declaration:/);
      assert.match(run.log, /revoke prefix \/evil\/ from role app/);
      assert.doesNotMatch((await etcd.etcdctl("role get app")).stdout, /evil/);
    });

    it("finds by a refresh what was changed, added and removed by hand", async () => {
      await etcd.etcdctl("role revoke-permission app --prefix /app/");
      await etcd.etcdctl("user revoke-role app shared");
      await etcd.etcdctl("role delete shared");
      await etcd.etcdctl("user add stranger --no-password");
      const refreshed = await project.refresh();
      assert.match(refreshed.log, /user stranger is not declared/);
      const rows = (await project.exportState()).deployment.resources!;
      const inputs = rows.find(({ urn }) => urn.endsWith("users-and-roles"))!.inputs!;
      assert.deepEqual(inputs.roles, { root: {}, app: {} });
      assert.deepEqual(inputs.users, { root: { root: "granted" }, app: { app: "granted" } });
      assert.deepEqual(changed(await project.up()), ["update etcd-users-and-roles [roles,users]"]);
      assert.match((await etcd.etcdctl("role get app")).stdout, /\/app\//);
      assert.match((await etcd.etcdctl("user get app")).stdout, /shared/);
    });

    it("stores a renewed administrator certificate and changes nothing in etcd", async () => {
      const renewed = await etcd.client("root");
      declare({ components: fewer, connection: { ...etcd.connection, ...renewed } });
      const run = await project.up();
      assert.match(changed(run).join(), /^update etcd-users-and-roles \[(administrator)?\]$/);
      assert.match(run.log, /: 0 changes,/);
    });

    it("refuses a user that etcd has already, and takes it over when told to", async () => {
      const more = { ...fewer, stranger: { roles: ["shared"] } };
      declare({ components: more });
      await assert.rejects(project.up(), (error: EngineError) => {
        assert.match(error.message, /etcd has already: user stranger\. To take this over.*adoptExisting: true/s);
        return true;
      });
      assert.doesNotMatch((await etcd.etcdctl("user get stranger")).stdout, /shared/);
      declare({ components: more, options: { adoptExisting: true } });
      await project.up();
      assert.match((await etcd.etcdctl("user get stranger")).stdout, /shared/);
    });

    it("keeps the administrator's key out of the state and of what it prints", async () => {
      const { log } = await project.preview();
      const text = JSON.stringify(await project.exportState()) + log;
      const secret = etcd.connection.privateKeyPem.split("\n")[1]!;
      assert.ok(secret.length > 30);
      assert.ok(!text.includes(secret), text.slice(0, text.indexOf(secret)).slice(-1500));
      assert.ok(!text.includes("PRIVATE KEY"));
    });

    it("destroys on the cluster that the environment names, and leaves what it took over", async () => {
      const [free] = await freePorts(1);
      const elsewhere = { ETCD_RBAC_ENDPOINTS: `https://127.0.0.1:${free}` };
      await assert.rejects(project.destroy({ env: elsewhere }), new RegExp(`127.0.0.1:${free}: nothing listens there`));
      const run = await project.destroy({ env: { ETCD_RBAC_ENDPOINTS: etcd.connection.endpoints.join() } });
      assert.match(run.log, /: \d+ changes/);
      assert.match((await etcd.etcdctl("auth status")).stdout, /Authentication Status: false/);
      assert.equal((await etcd.etcdctl("user list")).stdout.trim(), "stranger");
      assert.equal((await etcd.etcdctl("role list")).stdout.trim(), "");
    });

    it("lets a destroy go on without the cluster, if the declaration says so", async () => {
      await etcd.etcdctl("user delete stranger");
      declare({ options: { skipDeleteIfUnreachable: true } });
      await project.up();
      await etcd.cluster.stop();
      assert.match(
        (await project.destroy()).log,
        /The cluster is taken for gone, since skipDeleteIfUnreachable is set/,
      );
    });
  });
}
