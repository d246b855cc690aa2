import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { testFromHostileShell } from "../support/hostile-shell";

describe("A shell that exports a passphrase, a backend, proxies and options of Node.js", function () {
  this.timeout(600_000);

  it("does not reach stacks, etcd and its clients", async () => {
    const { code, stdout, stderr } = await testFromHostileShell(
      ...["--grep", "two clusters|A cluster", "test/engine/changes.test.ts", "test/etcd/cluster.test.ts"],
    );
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /passing/);
  });
});
