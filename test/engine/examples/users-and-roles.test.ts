import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, before, describe, it } from "mocha";
import { type ExampleCluster, exampleCluster } from "../../support/example-cluster";
import { pulumiInstall } from "../../support/pulumi-install";
import { type RealStack, hasPulumi, openRealStackIn } from "../../support/real-stack";
import { requireEtcd } from "../../support/require-etcd";
import { skip } from "../../support/skip";

const root = resolve(__dirname, "../../..");
const example = join(root, "examples/users-and-roles");
const up = ["up", "--yes", "--skip-preview", "--suppress-outputs"];
const users = ["calico-node", "dashboard", "kube-apiserver", "my-app", "root"];
const members = ["etcd-1", "etcd-2", "etcd-3"];

describe("users and roles, on pulumi and a live cluster", function () {
  this.timeout(10 * 60_000);
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
    if (directory) rmSync(directory, { recursive: true, force: true });
  });

  async function staysAndGoes(stack: RealStack, cluster: ExampleCluster): Promise<void> {
    const printed = async (line: string) => (await cluster.etcdctl(line.split(" "))).stdout;
    await stack.run(["preview", "--expect-no-changes"]);
    assert.match(await printed("auth status"), /Authentication Status: true/);
    assert.deepEqual((await printed("user list")).trim().split("\n"), users);
    assert.match(await printed("user get dashboard"), /dashboard.*settings-reader/s);
    assert.match(await printed("role get my-app"), /KV Write:\s+\[\/my-app\/, \/my-app0\)/);
    assert.match(await printed("role get kube-apiserver"), /\[\/registry\/, \/registry0\)/);
    await stack.run(["destroy", "--yes", "--skip-preview", "--suppress-outputs"]);
    assert.match(await printed("auth status"), /Authentication Status: false/);
    assert.equal(await printed("user list"), "");
  }

  it("are made, stay, and go again (examples/users-and-roles)", async function () {
    directory = mkdtempSync(join(tmpdir(), "users-and-roles-"));
    stack = await openRealStackIn(example);
    cluster = await exampleCluster(await requireEtcd(this, "3.6"), directory, 1, "root");
    await stack.run(["config", "set", "--path", "members.etcd-1.hosts[0]", "127.0.0.1"]);
    await stack.run(up);
    await cluster.deliver(stack);
    cluster.start("etcd-1");
    await cluster.healthy("etcd-1");
    await stack.run(["config", "set", "--path", "endpoints[0]", cluster.endpoints["etcd-1"]!]);
    await stack.run(up);
    await staysAndGoes(stack, cluster);
  });

  for (const language of ["yaml", "python", "go"])
    it(`are made, stay, and go again (examples/users-and-roles/${language})`, async function () {
      directory = mkdtempSync(join(tmpdir(), "users-and-roles-"));
      cluster = await exampleCluster(await requireEtcd(this, "3.6"), directory, members.length, "root");
      const program = onThisMachine(language, new URL(cluster.endpoints["etcd-1"]!).port);
      const missing = language === "yaml" ? undefined : await pulumiInstall(program);
      if (missing !== undefined) return skip(this, missing);
      stack = await openRealStackIn(program);
      await stack.run([...up, "--exclude", "**EtcdRbac**"]);
      await cluster.deliver(stack);
      members.forEach((member) => cluster!.start(member));
      for (const member of members) await cluster.healthy(member);
      await stack.run(up);
      await staysAndGoes(stack, cluster);
    });
});

/** A copy of an example's program whose machines are loopback addresses. */
function onThisMachine(language: string, clientPort: string): string {
  const copy = join(root, ".build/programs", `users-and-roles-${language}`);
  rmSync(copy, { recursive: true, force: true });
  cpSync(join(example, language), copy, { recursive: true, filter: (file) => !/\.venv|sdks/.test(file) });
  for (const file of readdirSync(copy, { withFileTypes: true }).filter((entry) => entry.isFile())) {
    const path = join(copy, file.name);
    const source = readFileSync(path, "utf8");
    writeFileSync(path, source.replaceAll("10.0.0.", "127.0.0.").replaceAll(":2379", `:${clientPort}`));
  }
  return copy;
}
