import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, before, beforeEach, describe, it } from "mocha";
import { type Engine, engines, type Project } from "../support/engine/engine";
import { writeProgram } from "../support/program";
import { type RbacCluster, startRbacCluster } from "../support/rbac/rbac-cluster";
import { requireEtcd } from "../support/require-etcd";
import { skip } from "../support/skip";

const program = `
const pulumi = require("@pulumi/pulumi");
const { EtcdRbac } = require("etcd-pki");
const { connection, name, adoptExisting, aliases } = JSON.parse(require("node:fs").readFileSync(process.env.DECLARED));
const { endpoints, caBundlePem, certPem, privateKeyPem } = connection;
new EtcdRbac(name, {
  endpoints, caBundlePem, adoptExisting,
  administrator: { certPem, privateKeyPem: pulumi.secret(privateKeyPem) },
  components: { root: {}, app: { permissions: [{ prefix: "/app/", access: "readwrite" }] } },
}, { aliases });
`;

describe("An EtcdRbac that gets another name in the program", function () {
  this.timeout(300_000);
  let engine: Engine;
  let etcd: RbacCluster;
  let project: Project;
  let directory: string;
  const declare = (declared: { name: string; adoptExisting?: boolean; aliases?: object[] }) =>
    writeFileSync(join(directory, "declared.json"), JSON.stringify({ ...declared, connection: etcd.connection }), {
      mode: 0o600,
    });
  const assertAllThere = async () => {
    assert.match((await etcd.etcdctl("auth status")).stdout, /Authentication Status: true/);
    assert.equal((await etcd.etcdctl("user list")).stdout, "app\nroot\n");
    assert.equal((await etcd.etcdctl("put /app/x 1", await etcd.client("app"))).code, 0);
  };

  before(async function () {
    const found = (await engines()).find(({ kind }) => kind === "pulumi");
    if (found === undefined) return skip(this, "no pulumi on this machine");
    engine = found;
    await requireEtcd(this, "3.6");
  });
  beforeEach(async () => {
    etcd = await startRbacCluster("3.6");
    directory = mkdtempSync(join(tmpdir(), "etcd-rbac-renamed-"));
    declare({ name: "etcd" });
    const env = { DECLARED: join(directory, "declared.json") };
    project = await engine.open(writeProgram("rbac-renamed", program), { env });
    await project.up();
  });
  afterEach(async () => {
    await project?.dispose();
    rmSync(directory, { recursive: true, force: true });
    await etcd?.stop();
  });

  it("is the same one by its alias, as the refusal says", async () => {
    declare({ name: "main" });
    await assert.rejects(project.preview(), /had another name until now, give that as an alias instead/);
    declare({ name: "main", aliases: [{ name: "etcd" }] });
    const { steps } = await project.up();
    assert.deepEqual([...new Set(steps.map(({ op }) => op))], ["same"]);
    await assertAllThere();
    await project.destroy();
    assert.equal((await etcd.etcdctl("user list")).stdout, "");
  });

  it("takes over what the old one made, which then leaves it alone", async () => {
    declare({ name: "main", adoptExisting: true });
    const { steps } = await project.up();
    assert.ok(steps.some(({ op, name }) => op === "delete" && name === "etcd-users-and-roles"));
    await assertAllThere();
    await project.destroy();
    // It was there before the new one.
    await assertAllThere();
  });
});
