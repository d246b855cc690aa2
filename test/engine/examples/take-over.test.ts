import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { type ExampleCluster, exampleCluster } from "../../support/example-cluster";
import { testAuthority } from "../../support/issue-certificates";
import { ask, writeMachine } from "../../support/machine-member";
import { type RealStack, hasPulumi, openRealStackIn } from "../../support/real-stack";
import { requireEtcd } from "../../support/require-etcd";
import { skip } from "../../support/skip";

const members = ["etcd-1", "etcd-2", "etcd-3"];

/** The stages in their order, and who restarts after each. */
const stages: [string, string[]][] = [
  ["take-over", members],
  ["sign", []],
  ["distrust", members],
  ["retire", []],
  ["sign-peers", []],
  ["distrust-peers", members],
  ["done", []],
];

describe("examples/take-over, on pulumi and a cluster made by hand", function () {
  this.timeout(10 * 60_000);
  const directory = mkdtempSync(join(tmpdir(), "take-over-"));
  let stack: RealStack;
  let cluster: ExampleCluster;

  before(async function () {
    if (!hasPulumi()) skip(this, "pulumi is not installed");
    const binaries = await requireEtcd(this, "3.6");
    stack = await openRealStackIn(resolve(__dirname, "../../../examples/take-over"));
    cluster = await exampleCluster(binaries, directory, members.length, "my-app");
    const { certPem, privateKeyPem } = await startByHand();
    const settings = ["--plaintext", `oldCert=${certPem}`, "--secret", `oldKey=${privateKeyPem}`];
    await stack.run(["config", "set-all", ...settings]);
    for (const [i, member] of members.entries())
      await stack.run(["config", "set", "--path", `members.${member}.hosts[0]`, `127.0.0.${i + 1}`]);
  });
  after(async () => {
    await cluster?.stop();
    stack?.dispose();
    rmSync(directory, { recursive: true, force: true });
  });

  /** As the tutorial starts it: one pair for each member, one authority for all. */
  async function startByHand() {
    const authority = await testAuthority("my-etcd", new Date("2040-01-01"));
    const initial = members.map((member) => `${member}=${cluster.peerUrl(member)}`).join(",");
    const write = (identity: string, files: Record<string, string>) =>
      writeMachine(
        Object.entries(files).map(([name, content]) => ({
          path: join(directory, identity, name),
          mode: "0600",
          content,
        })),
      );
    for (const member of members) {
      const host = new URL(cluster.endpoints[member]!).hostname;
      const pair = await authority.issue({ commonName: member, hosts: [host, "localhost", "127.0.0.1"] });
      const file = (name: string) => join(directory, member, name);
      const files = { "ca.pem": authority.certPem, "server.pem": pair.certPem, "server-key.pem": pair.privateKeyPem };
      write(member, { ...files, "peer.pem": pair.certPem, "peer-key.pem": pair.privateKeyPem });
      const tls = (prefix: string, name: string) => [
        `--${prefix}cert-file=${file(`${name}.pem`)}`,
        `--${prefix}key-file=${file(`${name}-key.pem`)}`,
        `--${prefix}trusted-ca-file=${file("ca.pem")}`,
        `--${prefix}client-cert-auth`,
      ];
      cluster.start(member, [
        ...[`--name=${member}`, `--initial-cluster=${initial}`, ...tls("", "server"), ...tls("peer-", "peer")],
        ...[
          `--listen-client-urls=${cluster.endpoints[member]}`,
          `--advertise-client-urls=${cluster.endpoints[member]}`,
        ],
        `--listen-peer-urls=${cluster.peerUrl(member)}`,
        `--initial-advertise-peer-urls=${cluster.peerUrl(member)}`,
      ]);
    }
    const client = await authority.issue({ commonName: "my-app", usages: ["client"] });
    write("my-app", {
      "ca.pem": authority.certPem,
      "my-app.pem": client.certPem,
      "my-app-key.pem": client.privateKeyPem,
    });
    for (const member of members) await cluster.healthy(member);
    return { certPem: authority.certPem, privateKeyPem: authority.privateKeyPem };
  }

  async function works(what: string) {
    for (const args of [
      ["endpoint", "health"],
      ["put", "/stage", what],
    ]) {
      const { code, stderr } = await cluster.etcdctl(args);
      assert.equal(code, 0, `${what}: ${stderr}`);
    }
    const { stdout } = await cluster.etcdctl(["member", "list"]);
    assert.equal(stdout.match(/started/g)?.length, 3);
  }

  for (const [stage, restarting] of stages) {
    it(`works at every point of the stage ${stage}`, async () => {
      await stack.run(["config", "set", "stage", stage]);
      await stack.run(["up", "--yes", "--skip-preview", "--suppress-outputs"]);
      await works(`${stage}, before its files`);
      await cluster.deliver(stack);
      await works(`${stage}, with its files`);
      for (const member of restarting) {
        await cluster.restart(member);
        await works(`${stage}, with ${member} restarted`);
      }
      await stack.run(["preview", "--expect-no-changes"]);
    });
  }

  it("ends as a new cluster: no client's certificate opens the peer port, and destroy leaves nothing", async () => {
    const { certPem, privateKeyPem, caBundlePem } = cluster.files();
    for (const member of members) {
      const url = `${cluster.peerUrl(member)}/members`;
      assert.equal((await ask(url, { certPem, privateKeyPem }, caBundlePem)).status, undefined);
    }
    await stack.run(["destroy", "--yes", "--skip-preview", "--suppress-outputs"]);
    assert.doesNotMatch(await stack.run(["stack", "export"]), /tls:index/);
  });
});
