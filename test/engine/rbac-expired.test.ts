import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, before, beforeEach, describe, it } from "mocha";
import { type Engine, type EngineError, engines } from "../support/engine/engine";
import type { KeyPair } from "../support/issue-certificates";
import { LANGUAGES, type OpenProgram } from "../support/rbac/languages";
import { type RbacCluster, startRbacCluster } from "../support/rbac/rbac-cluster";
import { requireEtcd } from "../support/require-etcd";
import { skip } from "../support/skip";

const components = { root: {}, app: { permissions: [{ prefix: "/app/", access: "readwrite" as const }] } };
const LIFE_MS = 30_000;

// Each waits for the end of a certificate.
const languages = Object.entries(LANGUAGES).filter(([language]) => language === "Node.js" || process.env["TEST_ALL"]);

for (const [language, open] of languages) {
  describe(`An EtcdRbac in ${language} whose administrator's certificate has expired`, function () {
    this.timeout(300_000);
    let engine: Engine;
    let etcd: RbacCluster;
    let opened: OpenProgram;
    const declare = (root: KeyPair) => opened.declare({ connection: { ...etcd.connection, ...root }, components });
    const users = async () => (await etcd.etcdctl("user list")).stdout;

    before(async function () {
      const found = (await engines()).find(({ kind }) => kind === "pulumi");
      if (found === undefined) return skip(this, "no pulumi on this machine");
      engine = found;
      await requireEtcd(this, "3.6");
    });
    beforeEach(async () => {
      etcd = await startRbacCluster("3.6");
      const notAfter = new Date(Date.now() + LIFE_MS);
      const root = await etcd.ca.issue({ commonName: "root", hosts: [], usages: ["client"], notAfter });
      const connection = { ...etcd.connection, ...root };
      opened = await open(engine, "rbac-expired", { connection, components });
      await opened.project.up();
      await sleep(Math.max(0, notAfter.getTime() - Date.now() + 1000));
    });
    afterEach(async () => {
      await opened?.project.dispose();
      await etcd?.stop();
    });

    it("keeps what it knows in a refresh, and goes on with a renewed one", async () => {
      const { log } = await opened.project.refresh();
      assert.match(log, /what was known of its users and roles stays: the administrator's certificate ended on/);
      await assert.rejects(opened.project.destroy(), /administrator's certificate ended on/);
      declare(await etcd.client("root"));
      assert.match((await opened.project.up()).log, /: 0 changes/);
      await opened.project.destroy();
      assert.equal(await users(), "");
    });

    it("is destroyed with another certificate that the environment names, as the refusal says", async () => {
      const refusal = await opened.project.destroy().then(
        () => assert.fail("it was destroyed"),
        (error: EngineError) => error.message,
      );
      assert.match(refusal, /put the paths of another certificate of root and of its key into\s+the environment/);
      const names = refusal.match(/ETCD_RBAC_(CERT|KEY)/g);
      assert.deepEqual([...new Set(names)], ["ETCD_RBAC_CERT", "ETCD_RBAC_KEY"]);
      assert.equal(await users(), "app\nroot\n");
      const directory = mkdtempSync(join(tmpdir(), "etcd-rbac-expired-"));
      const file = (name: string, content: string) => {
        writeFileSync(join(directory, name), content, { mode: 0o600 });
        return join(directory, name);
      };
      const { certPem, privateKeyPem } = await etcd.client("root");
      const env = { ETCD_RBAC_CERT: file("root.crt", certPem), ETCD_RBAC_KEY: file("root.key", privateKeyPem) };
      const { log } = await opened.project.refresh({ env });
      assert.doesNotMatch(log, /what was known/);
      await opened.project.destroy({ env });
      rmSync(directory, { recursive: true });
      assert.equal(await users(), "");
    });
  });
}
