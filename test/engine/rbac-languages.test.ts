import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { EngineError, engines, type Engine, type Project, type Run } from "../support/engine/engine";
import { nodeProgram, type Program, pythonProgram, yamlProgram } from "../support/rbac/programs";
import { type RbacCluster, startRbacCluster } from "../support/rbac/rbac-cluster";
import type { Declared } from "../support/rbac/rbac-project";
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
/** What `--refresh` and `--diff` do. */
const exactly = { env: { PULUMI_OPTION_REFRESH: "true", PULUMI_OPTION_DIFF: "true" } };

for (const [language, write] of Object.entries({ yaml: yamlProgram, python: pythonProgram })) {
  describe(`EtcdRbac in ${language}, on Pulumi's engine`, function () {
    this.timeout(600_000);
    let engine: Engine;
    let etcd: RbacCluster;
    let program: Program;
    let project: Project;
    let stateDirectory: string;
    const declare = (changes: Partial<Declared> = {}) =>
      program.declare({ connection: etcd.connection, components, roles, ...changes });
    const rows = async () => (await project.exportState()).deployment.resources!;

    before(async function () {
      const found = (await engines()).find(({ kind }) => kind === "pulumi");
      if (found === undefined) return skip(this, "no pulumi on this machine");
      engine = found;
      await requireEtcd(this, "3.6");
      const made = await write(`rbac-${language}`);
      if (typeof made === "string") return skip(this, made);
      program = made;
      etcd = await startRbacCluster("3.6");
      stateDirectory = mkdtempSync(join(tmpdir(), "etcd-rbac-languages-"));
      declare();
      project = await engine.open(program.directory, { stateDirectory, env: program.env });
    });
    after(async () => {
      await project?.dispose();
      if (stateDirectory) rmSync(stateDirectory, { recursive: true, force: true });
      await etcd?.stop();
    });

    it("says every call in the first preview, under the resource that makes it, and makes none", async () => {
      const { log, steps } = await project.preview();
      assert.match(log, /UsersAndRoles \(etcd-users-and-roles\):\s+the update makes 12 calls to etcd:/);
      assert.match(log, /grant readwrite on prefix \/app\/ to role app: the declaration asks for it/);
      assert.match(log, /a client whose certificate names no user may do nothing; the users are app, root/);
      assert.deepEqual(new Set(steps.map(({ op }) => op)), new Set(["create"]));
      assert.equal((await etcd.etcdctl("user list")).stdout.trim(), "");
    });

    it("refuses in the preview a user that etcd has already", async () => {
      await etcd.etcdctl("user add app --no-password");
      await assert.rejects(project.preview(), (error: EngineError) => {
        assert.match(error.message, /etcd has already: user app\. To take this over.*adoptExisting: true/s);
        assert.match(error.message, /grant role app to user app/);
        return true;
      });
      await etcd.etcdctl("user delete app");
    });

    it("makes users, roles and authentication, and then finds nothing to do", async () => {
      const run = await project.up();
      assert.match(run.log, /UsersAndRoles \(etcd-users-and-roles\):\s+https:\S+: \d+ changes, \d+ reads/);
      assert.match((await etcd.etcdctl("auth status")).stdout, /Authentication Status: true/);
      assert.match((await etcd.etcdctl("user get app")).stdout, /app.*shared|shared.*app/s);
      assert.deepEqual(changed(await project.preview()), []);
    });

    it("has no code in the state, and the administrator's key encrypted", async () => {
      const text = JSON.stringify(await rows());
      assert.doesNotMatch(text, /PRIVATE KEY|function|require\(|pulumi-nodejs/);
      assert.match(text, /etcd-pki:index:UsersAndRoles/);
    });

    it("shows a removed permission as one line, and makes one call of it", async () => {
      declare({ components: fewer });
      const preview = await project.preview({ env: { PULUMI_OPTION_DIFF: "true" } });
      assert.deepEqual(changed(preview), ["update etcd-users-and-roles [roles]"]);
      assert.deepEqual(
        preview.log.match(/^ *[-+~] (prefix|key) .*$/gm)?.map((line) => line.trim()),
        ['- prefix /old/: "read"'],
      );
      assert.match((await project.up()).log, /: 1 changes, \d+ reads/);
      assert.doesNotMatch((await etcd.etcdctl("role get app")).stdout, /old/);
    });

    it("shows by property what was changed by hand, and sets it right", async () => {
      await etcd.etcdctl("role grant-permission app readwrite --prefix /evil/");
      await etcd.etcdctl("user revoke-role app shared");
      const { log } = await project.preview(exactly);
      assert.match(log, /~ roles: \{\s+~ app: \{\s+- prefix \/evil\/: "readwrite"\s+\}\s+\}/);
      assert.match(log, /~ users: \{\s+~ app: \{\s+\+ shared: "granted"\s+\}\s+\}/);
      await project.up();
      assert.doesNotMatch((await etcd.etcdctl("role get app")).stdout, /evil/);
    });

    it("goes over to a program in Node.js and back without replacing or changing anything", async () => {
      const own = program;
      for (const [next, type] of [
        [nodeProgram(own), "pulumi-nodejs:dynamic/etcd:UsersAndRoles"],
        [own, "etcd-pki:index:UsersAndRoles"],
      ] as const) {
        program = next;
        program.activate();
        declare({ components: fewer });
        const run = await project.up();
        assert.deepEqual(
          run.steps.filter(({ op }) => !["same", "update"].includes(op)).map(({ op, urn }) => `${op} ${urn}`),
          [],
        );
        assert.doesNotMatch(run.log, /[1-9]\d* changes/);
        assert.ok((await rows()).some((row) => row.type === type));
        assert.doesNotMatch(JSON.stringify(await rows()), /PRIVATE KEY/);
        assert.deepEqual(changed(await project.up()), []);
      }
    });

    it("takes back what it made, without the program", async () => {
      program.forget();
      const { log } = await project.destroy();
      assert.match(log, /: \d+ changes/);
      assert.match((await etcd.etcdctl("auth status")).stdout, /Authentication Status: false/);
      assert.equal((await etcd.etcdctl("user list")).stdout.trim(), "");
    });
  });
}
