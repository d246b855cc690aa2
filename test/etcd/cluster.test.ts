import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { TESTED_ETCD_VERSIONS } from "../support/etcd-binaries";
import { startCluster, type Cluster } from "../support/etcd-cluster";
import { requireEtcd } from "../support/require-etcd";
import { testAuthority, type KeyPair } from "../support/issue-certificates";

for (const version of TESTED_ETCD_VERSIONS) {
  describe(`A three-member cluster of etcd ${version}`, function () {
    const directory = mkdtempSync(join(tmpdir(), "etcd-cluster-"));
    let cluster: Cluster;
    let client: KeyPair;

    before(async function () {
      await requireEtcd(this, version);
      const ca = await testAuthority("test-ca");
      client = await ca.issue({ commonName: "client", hosts: [], usages: ["client"] });
      const members: Record<string, KeyPair> = {};
      for (const name of ["etcd-1", "etcd-2", "etcd-3"]) members[name] = await ca.issue({ commonName: name });
      cluster = await startCluster({ version, directory, caBundlePem: ca.certPem, members });
    });

    after(async () => {
      await cluster?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    it("runs the version that was asked for", () => {
      assert.match(cluster.binaries.version, new RegExp(`^${version}\\.\\d+$`));
    });

    it("is healthy through each member", async () => {
      for (const endpoint of cluster.endpoints) {
        const { code, stdout, stderr } = await cluster.etcdctl(["endpoint", "health"], client, {
          endpoints: [endpoint],
        });
        assert.equal(code, 0, stderr);
        assert.match(stdout + stderr, new RegExp(`${endpoint} is healthy`));
      }
    });

    it("has all three as its members", async () => {
      const { stdout } = await cluster.etcdctl(["member", "list"], client);
      assert.deepEqual(stdout.match(/etcd-\d/g)?.sort(), ["etcd-1", "etcd-2", "etcd-3"]);
    });

    it("shows through one member what was written through another", async () => {
      const [first = "", , third = ""] = cluster.endpoints;
      await cluster.etcdctl(["put", "/greeting", "hello"], client, { endpoints: [first] });
      const read = await cluster.etcdctl(["get", "/greeting", "--print-value-only"], client, { endpoints: [third] });
      assert.deepEqual(read, { code: 0, stdout: "hello\n", stderr: "" });
    });

    it("refuses a client without a certificate", async () => {
      await assertRefused(undefined, "client didn't provide a certificate");
    });

    it("refuses a client with a certificate from another authority", async () => {
      const other = await testAuthority("test-ca");
      const stranger = await other.issue({ commonName: "client", usages: ["client"] });
      await assertRefused(stranger, "certificate signed by unknown authority");
    });

    it("keeps every private key readable for its owner alone", () => {
      for (const { files } of Object.values(cluster.members)) {
        assert.equal((statSync(files.privateKeyPem).mode & 0o777).toString(8), "600");
      }
    });

    it("goes on with two members, and with the third when it is back", async () => {
      const { "etcd-2": second } = cluster.members;
      await second?.kill();
      // The killed one may have been the leader.
      await cluster.members["etcd-3"]?.healthy();
      const endpoints = cluster.endpoints.filter((endpoint) => endpoint !== second?.endpoint);
      const write = await cluster.etcdctl(["put", "/greeting", "still here"], client, { endpoints });
      assert.equal(write.code, 0, write.stderr);
      await second?.restart();
      const read = await cluster.etcdctl(["get", "/greeting", "--print-value-only"], client, {
        endpoints: [second?.endpoint ?? ""],
      });
      assert.equal(read.stdout, "still here\n");
    });

    async function assertRefused(stranger: KeyPair | undefined, reason: string) {
      const { code } = await cluster.etcdctl(["get", "/greeting", "--command-timeout=2s"], stranger);
      assert.notEqual(code, 0);
      const logs = Object.values(cluster.members).map(({ logFile }) => readFileSync(logFile, "utf8"));
      assert.ok(logs.join("").includes(reason), `no member logged "${reason}"`);
    }
  });
}
