import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, before, beforeEach, describe, it } from "mocha";
import { requireKubernetesProvider } from "../../support/kubernetes-provider";
import { type RealStack, hasPulumi, openRealStackIn } from "../../support/real-stack";
import { run } from "../../support/run";
import { skip } from "../../support/skip";

const example = (name: string) => resolve(__dirname, "../../../examples", name);

describe("examples that need no live cluster, on pulumi", function () {
  this.timeout(5 * 60_000);
  let stack: RealStack;
  let directory: string;

  before(function () {
    if (!hasPulumi()) skip(this, "pulumi is not installed");
  });
  beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "example-"))));
  afterEach(() => {
    stack?.dispose();
    rmSync(directory, { recursive: true, force: true });
  });

  const up = () => stack.run(["up", "--yes", "--skip-preview", "--suppress-outputs"]);
  async function ends() {
    await stack.run(["preview", "--expect-no-changes"]);
    await stack.run(["destroy", "--yes", "--skip-preview", "--suppress-outputs"]);
    assert.doesNotMatch(await stack.run(["stack", "export"]), /tls:index/);
  }

  it("kubeadm: the files have the names that kubeadm documents, and belong together", async () => {
    stack = await openRealStackIn(example("kubeadm"));
    await up();
    const identities = ["etcd-1", "kube-apiserver", "kube-etcd-healthcheck-client"];
    const args = ["files", "--stack", "prod", "--layout", "kubeadm", "--directory", directory, "--identity"];
    const { code, stderr } = await run("etcd-pki", [...args, identities.join(",")], {
      cwd: stack.directory,
      env: stack.environment,
    });
    assert.equal(code, 0, stderr);
    const files = readdirSync(directory, { recursive: true }).map(String);
    const pairs = ["apiserver-etcd-client", "etcd/healthcheck-client", "etcd/peer", "etcd/server"];
    for (const name of pairs) assert.ok(files.includes(`${name}.crt`) && files.includes(`${name}.key`), name);
    const certificate = (name: string) => new X509Certificate(readFileSync(join(directory, `${name}.crt`)));
    for (const name of ["apiserver-etcd-client", "etcd/healthcheck-client", "etcd/server"])
      assert.ok(certificate(name).verify(certificate("etcd/ca").publicKey), name);
    assert.equal(statSync(join(directory, "etcd/server.key")).mode & 0o777, 0o600);
    await ends();
  });

  it("two-clusters: each cluster gets its own Secrets, and no other's", async function () {
    await requireKubernetesProvider(this);
    stack = await openRealStackIn(example("two-clusters"));
    await stack.run(["config", "set", "render", directory]);
    await up();
    const secretsIn = (cluster: string) =>
      readdirSync(join(directory, cluster), { recursive: true })
        .map(String)
        .filter((file) => file.includes("secret"))
        .map((file) => readFileSync(join(directory, cluster, file), "utf8"))
        .map((text) => /etcd-pki\/identity: (\S+)/.exec(text)?.[1])
        .sort();
    assert.deepEqual(secretsIn("east"), ["calico-east", "prometheus-east"]);
    assert.deepEqual(secretsIn("west"), ["calico-west"]);
    await ends();
  });
});
