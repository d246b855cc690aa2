import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { Access } from "../../src/args";
import { type ConsumerCluster, startConsumerCluster } from "../support/consumers/consumer-cluster";
import { requireJava, root } from "../support/consumers/parts";
import { DEFAULT_ETCD_VERSION } from "../support/etcd-binaries";
import { requireEtcd } from "../support/require-etcd";
import { run } from "../support/run";

describe("jetcd as a consumer", function () {
  this.timeout(120_000);
  let etcd: ConsumerCluster;
  let classPath: string;
  before(async function () {
    classPath = await requireJava(this, "jetcd");
    await requireEtcd(this, DEFAULT_ETCD_VERSION);
    etcd = await startConsumerCluster({ app: { permissions: [{ prefix: "/app/", access: Access.ReadWrite }] } });
  });
  after(() => etcd?.stop());

  const jetcd = (key: string) => {
    const { ca, cert } = etcd.files.app!;
    const source = join(root, "tools/jetcd/Consumer.java");
    return run("java", ["-cp", classPath, source, etcd.endpoint, ca, cert, key, "/app/", "/other/a"]);
  };

  it("works below its prefix by its certificate with a PKCS #8 key, and is refused a key outside it", async () => {
    const { key } = etcd.files.app!;
    assert.match(readFileSync(key, "utf8"), /^-----BEGIN PRIVATE KEY-----/);
    const { code, stdout, stderr } = await jetcd(key);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^watched 1\nlisted 2\nrefused .*permission denied.*\n$/);
    assert.deepEqual(await etcd.refusals(), { Range: 1 });
  });

  it("cannot read the same key as SEC1, which is why there is a PKCS #8 form", async () => {
    const { key } = etcd.files.app!;
    const sec1 = createPrivateKey(readFileSync(key)).export({ type: "sec1", format: "pem" });
    writeFileSync(`${key}.sec1`, sec1, { mode: 0o600 });
    const { code, stderr } = await jetcd(`${key}.sec1`);
    assert.notEqual(code, 0);
    assert.match(stderr, /does not contain valid private key/);
  });
});
