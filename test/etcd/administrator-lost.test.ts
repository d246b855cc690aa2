import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { DEFAULT_ETCD_VERSION } from "../support/etcd-binaries";
import { startCluster, type Cluster } from "../support/etcd-cluster";
import { type TestAuthority, testAuthority } from "../support/issue-certificates";
import { requireEtcd } from "../support/require-etcd";

describe("an administrator whose key and authority are lost (docs/incidents.md)", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), "administrator-"));
  let lost: TestAuthority;
  let cluster: Cluster;

  before(async function () {
    await requireEtcd(this, DEFAULT_ETCD_VERSION);
    lost = await testAuthority("lost");
    const members = { "etcd-1": await lost.issue({ commonName: "etcd-1" }) };
    cluster = await startCluster({ version: DEFAULT_ETCD_VERSION, directory, caBundlePem: lost.certPem, members });
    const root = await lost.issue({ commonName: "root" });
    for (const args of ["user add root --no-password", "user grant-role root root", "auth enable"]) {
      const { code, stderr } = await cluster.etcdctl(args.split(" "), root);
      assert.equal(code, 0, stderr);
    }
  });
  after(async () => {
    await cluster?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it("does not get in without a name", async () => {
    const { stderr } = await cluster.etcdctl(["auth", "disable"], await lost.issue({ commonName: "" }));
    assert.match(stderr, /user name is empty/);
  });

  it("is root again by a new authority, which the members trust from their next start on", async () => {
    const next = await testAuthority("next");
    const { "etcd-1": member } = cluster.members;
    await member!.stop();
    const pair = await next.issue({ commonName: "etcd-1" });
    cluster.replaceFiles("etcd-1", { ...pair, caBundlePem: next.certPem });
    member!.start();
    const root = await next.issue({ commonName: "root" });
    const ask = (...args: string[]) => cluster.etcdctl(args, root, { caBundlePem: next.certPem });
    while ((await ask("endpoint", "health")).code !== 0) await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal((await ask("user", "list")).stdout, "root\n");
    assert.match((await ask("auth", "status")).stdout, /Authentication Status: true/);
  });
});
