import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { KeyFormat } from "../../src/secrets/args";
import { filesIn } from "../../src/secrets/contents";
import { planSecrets } from "../../src/secrets/plan";
import { jetcdLogin, requireJetcd } from "../support/jetcd";
import { mountSecret } from "../support/mounted-secret";
import { applyTo, declare, type RbacCluster, startRbacCluster } from "../support/rbac/rbac-cluster";
import { requireEtcd } from "../support/require-etcd";

describe("Java's etcd client with a mounted Secret, on etcd with authentication", function () {
  this.timeout(120_000);
  const directory = mkdtempSync(join(tmpdir(), "etcd-pki-jetcd-"));
  let etcd: RbacCluster;

  before(async function () {
    await requireEtcd(this, "3.6");
    await requireJetcd(this);
    etcd = await startRbacCluster("3.6");
    await applyTo(
      etcd.connection,
      declare({ root: {}, app: { permissions: [{ prefix: "/app/", access: "readwrite" }] } }),
    );
  });
  after(async () => {
    await etcd?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Logs in as `app`, whose key is passed as EtcdPki has it: SEC1. */
  async function login(keyFormat: KeyFormat, key: string) {
    const { certPem, privateKeyPem } = await etcd.client("app");
    const sec1 = createPrivateKey(privateKeyPem).export({ type: "sec1", format: "pem" }) as string;
    const contents = { certPem, privateKeyPem: sec1, caBundlePem: etcd.ca.certPem };
    const [row] = planSecrets("etcd", { secrets: { app: { ...contents, keyFormat } } });
    const files = Object.entries(filesIn(row!, contents));
    const data = Object.fromEntries(files.map(([name, text]) => [name, Buffer.from(text).toString("base64")]));
    const at = join(directory, keyFormat);
    mountSecret(at, data, 0o400);
    const [endpoint] = etcd.cluster.endpoints;
    return jetcdLogin(endpoint!, join(at, "ca.crt"), join(at, "tls.crt"), join(at, "tls.key"), key);
  }

  it("logs in, writes and reads with a key in PKCS#8, and where its role ends it is refused", async () => {
    const { code, stdout, stderr } = await login(KeyFormat.Pkcs8, "/app/greeting");
    assert.equal(code, 0, stderr);
    assert.equal(stdout.trim(), "hello from Java");
    assert.match((await login(KeyFormat.Pkcs8, "/other")).stderr, /permission denied/);
  });

  it("cannot read the key as it is passed, which is why keyFormat is there", async () => {
    const { code, stderr } = await login(KeyFormat.Default, "/app/greeting");
    assert.notEqual(code, 0);
    assert.match(stderr, /does not contain valid private key/);
  });
});
