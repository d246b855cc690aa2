import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, before, describe, it } from "mocha";
import { type ExampleCluster, exampleCluster } from "../../support/example-cluster";
import { type RealStack, hasPulumi, openRealStackIn } from "../../support/real-stack";
import { requireEtcd } from "../../support/require-etcd";
import { skip } from "../../support/skip";

const up = ["up", "--yes", "--skip-preview", "--suppress-outputs"];
const users = ["calico-node", "dashboard", "kube-apiserver", "my-app", "root"];

describe("users and roles, on pulumi and a live cluster", function () {
  this.timeout(5 * 60_000);
  let directory: string;
  let stack: RealStack | undefined;
  let cluster: ExampleCluster | undefined;

  before(async function () {
    if (!hasPulumi()) skip(this, "pulumi is not installed");
    await requireEtcd(this, "3.6");
  });
  afterEach(async () => {
    await cluster?.stop();
    stack?.dispose();
    rmSync(directory, { recursive: true, force: true });
  });

  it("are made, stay, and go again (examples/users-and-roles)", async function () {
    directory = mkdtempSync(join(tmpdir(), "users-and-roles-"));
    stack = await openRealStackIn(resolve(__dirname, "../../../examples/users-and-roles"));
    cluster = await exampleCluster(await requireEtcd(this, "3.6"), directory, 1, "root");
    await stack.run(["config", "set", "--path", "members.etcd-1.hosts[0]", "127.0.0.1"]);
    await stack.run(up);
    await cluster.deliver(stack);
    cluster.start("etcd-1");
    await cluster.healthy("etcd-1");

    await stack.run(["config", "set", "--path", "endpoints[0]", cluster.endpoints["etcd-1"]!]);
    await stack.run(up);
    await stack.run(["preview", "--expect-no-changes"]);
    assert.match((await cluster.etcdctl(["auth", "status"])).stdout, /Authentication Status: true/);
    assert.deepEqual((await cluster.etcdctl(["user", "list"])).stdout.trim().split("\n"), users);

    await stack.run(["destroy", "--yes", "--skip-preview", "--suppress-outputs"]);
    assert.match((await cluster.etcdctl(["auth", "status"])).stdout, /Authentication Status: false/);
    assert.equal((await cluster.etcdctl(["user", "list"])).stdout, "");
  });
});
