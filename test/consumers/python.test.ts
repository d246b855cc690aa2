import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { Access, Login } from "../../src/args";
import { type ConsumerCluster, startConsumerCluster } from "../support/consumers/consumer-cluster";
import { requirePython } from "../support/consumers/parts";
import { DEFAULT_ETCD_VERSION } from "../support/etcd-binaries";
import { requireEtcd } from "../support/require-etcd";
import { run } from "../support/run";

const permissions = [{ prefix: "/app/", access: Access.ReadWrite }];
const program = (name: string) => join(__dirname, "programs", name);

describe("OpenStack's etcd3gw as a consumer", function () {
  this.timeout(60_000);
  let etcd: ConsumerCluster;
  let bin: string;
  before(async function () {
    bin = await requirePython(this, "etcd3gw", ["etcd3gw==2.7.0"]);
    await requireEtcd(this, DEFAULT_ETCD_VERSION);
    etcd = await startConsumerCluster({
      app: { permissions, login: Login.Password, password: "a-password" },
      named: { permissions },
    });
  });
  after(() => etcd?.stop());

  const etcd3gw = (certificate: string) => {
    const { ca, cert, key } = etcd.files[certificate]!;
    const login = [etcd.port, ca, cert, key, "app", "a-password"];
    return run(join(bin, "python"), [program("etcd3gw_client.py"), ...login, "/app/", "/other/a"]);
  };

  it("works below its prefix by password through the HTTP gateway, and is refused a key outside it", async () => {
    const { code, stdout, stderr } = await etcd3gw("app");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^got \[b'1'\]\nlisted 2\nwatched b'2'\na lease has 1 key\nrefused .*permission denied.*\n$/);
    assert.deepEqual(await etcd.refusals(), { Range: 1 });
  });

  it("is turned away with a certificate that has a common name, so its own has none", async () => {
    const { code, stderr } = await etcd3gw("named");
    assert.notEqual(code, 0);
    assert.match(stderr, /CommonName of client sending a request against gateway will be ignored/);
  });
});

describe("python-etcd3 as a consumer", function () {
  this.timeout(60_000);
  let etcd: ConsumerCluster;
  let bin: string;
  before(async function () {
    // What it is generated with runs with no newer protobuf.
    bin = await requirePython(this, "etcd3", ["etcd3==0.12.0", "protobuf==3.20.3"]);
    await requireEtcd(this, DEFAULT_ETCD_VERSION);
    etcd = await startConsumerCluster({ app: { permissions } });
  });
  after(() => etcd?.stop());

  it("works below its prefix by its certificate, and is refused a key outside it", async () => {
    const { ca, cert, key } = etcd.files.app!;
    const args = [program("python_etcd3_client.py"), etcd.port, ca, cert, key, "/app/", "/other/a"];
    const { code, stdout, stderr } = await run(join(bin, "python"), args);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "watched 1\nlisted 2\nafter the lease None\nrefused etcdserver: permission denied\n");
    assert.deepEqual(await etcd.refusals(), { Range: 1 });
  });
});
