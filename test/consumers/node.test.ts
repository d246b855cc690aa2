import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Etcd3, EtcdPermissionDeniedError } from "etcd3";
import { after, before, describe, it } from "mocha";
import { Access } from "../../src/args";
import { type ConsumerCluster, startConsumerCluster } from "../support/consumers/consumer-cluster";
import { DEFAULT_ETCD_VERSION } from "../support/etcd-binaries";
import { requireEtcd } from "../support/require-etcd";

describe("etcd3 for Node as a consumer", function () {
  this.timeout(60_000);
  let etcd: ConsumerCluster;
  let client: Etcd3;
  before(async function () {
    await requireEtcd(this, DEFAULT_ETCD_VERSION);
    etcd = await startConsumerCluster({ app: { permissions: [{ prefix: "/app/", access: Access.ReadWrite }] } });
    const { ca, cert, key } = etcd.files.app!;
    const [rootCertificate, certChain, privateKey] = [ca, cert, key].map((file) => readFileSync(file));
    const credentials = { rootCertificate: rootCertificate!, certChain: certChain!, privateKey: privateKey! };
    client = new Etcd3({ hosts: etcd.endpoint, credentials });
  });
  after(async () => {
    client?.close();
    await etcd?.stop();
  });

  it("writes, reads, watches, leases, locks and is elected below its prefix", async () => {
    const app = client.namespace("/app/");
    const watcher = await app.watch().prefix("").create();
    const seen = new Promise((resolve) => watcher.once("put", ({ value }) => resolve(value.toString())));
    await app.put("a").value("1");
    assert.equal(await seen, "1");
    await watcher.cancel();
    const lease = app.lease(60);
    await lease.put("leased").value("1");
    assert.deepEqual(await app.getAll().keys(), ["a", "leased"]);
    await lease.revoke();
    assert.equal(await app.get("leased"), null);
    assert.equal(await app.lock("lock").do(async () => await app.get("a").string()), "1");
    const election = app.election("leader", 5);
    const campaign = election.campaign("me");
    await new Promise((resolve) => campaign.once("elected", resolve));
    assert.equal(await election.leader(), "me");
    await campaign.resign();
    assert.deepEqual(await etcd.refusals(), {});
  });

  it("is refused a key outside it", async () => {
    await assert.rejects(async () => void (await client.get("/other/a")), EtcdPermissionDeniedError);
    assert.deepEqual(await etcd.refusals(), { Range: 1 });
  });
});
