import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, before, describe, it } from "mocha";
import { type ExampleCluster, exampleCluster } from "../../support/example-cluster";
import { type RealStack, hasPulumi, openRealStackIn } from "../../support/real-stack";
import { requireEtcd } from "../../support/require-etcd";
import { skip } from "../../support/skip";

const update = (...flags: string[]) => ["up", "--yes", "--skip-preview", "--suppress-outputs", ...flags];

const programs = {
  "examples/users-and-roles": {
    first: update(),
    users: ["calico-node", "dashboard", "kube-apiserver", "my-app", "root"],
  },
  "examples/users-and-roles/yaml": {
    first: update("--exclude", "**etcd-pki:index:EtcdRbac**"),
    users: ["kube-apiserver", "my-app", "root"],
  },
};

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

  for (const [program, { first, users }] of Object.entries(programs)) {
    it(`are made, stay, and go again (${program})`, async function () {
      directory = mkdtempSync(join(tmpdir(), "users-and-roles-"));
      stack = await openRealStackIn(resolve(__dirname, "../../..", program));
      cluster = await exampleCluster(await requireEtcd(this, "3.6"), directory, 1, "root");
      const endpoints = ["config", "set", "--path", "endpoints[0]", cluster.endpoints["etcd-1"]!];
      const isYaml = program.endsWith("yaml");
      if (isYaml) await stack.run(endpoints);
      else await stack.run(["config", "set", "--path", "members.etcd-1.hosts[0]", "127.0.0.1"]);
      await stack.run(first);
      await cluster.deliver(stack);
      cluster.start("etcd-1");
      await cluster.healthy("etcd-1");

      if (!isYaml) await stack.run(endpoints);
      await stack.run(update());
      await stack.run(["preview", "--expect-no-changes"]);
      assert.match((await cluster.etcdctl(["auth", "status"])).stdout, /Authentication Status: true/);
      assert.deepEqual((await cluster.etcdctl(["user", "list"])).stdout.trim().split("\n"), users);

      await stack.run(["destroy", "--yes", "--skip-preview", "--suppress-outputs"]);
      assert.match((await cluster.etcdctl(["auth", "status"])).stdout, /Authentication Status: false/);
      assert.equal((await cluster.etcdctl(["user", "list"])).stdout, "");
    });
  }
});
