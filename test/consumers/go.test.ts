import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Access } from "../../src/args";
import { type ConsumerCluster, startConsumerCluster } from "../support/consumers/consumer-cluster";
import { requireGo } from "../support/consumers/parts";
import { DEFAULT_ETCD_VERSION } from "../support/etcd-binaries";
import { requireEtcd } from "../support/require-etcd";
import { run } from "../support/run";

describe("etcd's client for Go as a consumer", function () {
  this.timeout(60_000);
  let etcd: ConsumerCluster;
  let program: string;
  before(async function () {
    program = await requireGo(this, "consumers", "./etcd-client", 120);
    await requireEtcd(this, DEFAULT_ETCD_VERSION);
    etcd = await startConsumerCluster({ app: { permissions: [{ prefix: "/app/", access: Access.ReadWrite }] } });
  });
  after(() => etcd?.stop());

  const client = (prefix: string) => {
    const { ca, cert, key } = etcd.files.app!;
    const flags = { endpoints: etcd.endpoint, prefix, cacert: ca, cert, key };
    return run(
      program,
      Object.entries(flags).map(([flag, value]) => `-${flag}=${value}`),
    );
  };

  it("watches, writes, reads, locks and is elected", async () => {
    const { code, stdout, stderr } = await client("/app/");
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "watched /app/a\nread 1 key\nelected me\n");
    assert.deepEqual(await etcd.refusals(), {});
  });

  it("is refused another's keys", async () => {
    const { code, stderr } = await client("/other/");
    assert.notEqual(code, 0);
    assert.match(stderr, /permission denied/);
  });
});

describe("k3s' client as a consumer", function () {
  this.timeout(60_000);
  let etcd: ConsumerCluster;
  let program: string;
  before(async function () {
    program = await requireGo(this, "consumers", "./k3s-bootstrap", 300);
    await requireEtcd(this, DEFAULT_ETCD_VERSION);
    etcd = await startConsumerCluster({
      k3s: { presets: [{ name: "k3s" }] },
      "kube-apiserver": { presets: [{ name: "kube-apiserver" }] },
    });
  });
  after(() => etcd?.stop());

  const bootstrap = (user: string, list = "/bootstrap") => {
    const { ca, cert, key } = etcd.files[user]!;
    const datastore = { endpoint: etcd.endpoint, cafile: ca, certfile: cert, keyfile: key };
    const flags = Object.entries(datastore).map(([flag, value]) => `-datastore-${flag}=${value}`);
    return run(program, [...flags, `-list=${list}`]);
  };

  it("shares its servers' keys below /bootstrap", async () => {
    const { code, stdout, stderr } = await bootstrap("k3s");
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "bootstrapped, 1 key\n");
    assert.deepEqual(await etcd.refusals(), {});
  });

  it("is refused other keys", async () => {
    assert.match((await bootstrap("k3s", "/boot")).stderr, /permission denied/);
    assert.deepEqual(await etcd.refusals(), { Range: 1 });
  });

  it("does not start with the preset of a kube-apiserver alone", async () => {
    assert.match((await bootstrap("kube-apiserver")).stderr, /permission denied/);
  });
});
