import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { type Cluster, startCluster } from "../support/etcd-cluster";
import type { KeyPair } from "../support/issue-certificates";
import { type RealStack, hasPulumi, openRealStack } from "../support/real-stack";
import { requireEtcd } from "../support/require-etcd";
import { run } from "../support/run";
import { skip } from "../support/skip";

const main = resolve(__dirname, "../../src/cli/main.ts");

const program = `
const { EtcdPki } = require("etcd-pki");
const hosts = ["127.0.0.1"];
const { memberCaBundlePem, members } = new EtcdPki("etcd", {
  members: { "etcd-1": { hosts }, "etcd-2": { hosts }, "etcd-3": { hosts } },
  components: { app: {} },
  certificateAuthority: JSON.parse(process.env.DECLARED),
});
module.exports = { memberCaBundlePem, members };
`;

interface Outputs {
  memberCaBundlePem: string;
  members: Record<string, KeyPair>;
}

describe("etcd-pki ready, with a stack's own state beside its rotation", function () {
  this.timeout(5 * 60_000);
  const directory = mkdtempSync(join(tmpdir(), "ready-"));
  let stack: RealStack;
  let cluster: Cluster;
  let outputs: Outputs;

  before(async function () {
    if (!hasPulumi()) skip(this, "pulumi is not installed");
    await requireEtcd(this, "3.6");
    stack = await openRealStack(program);
    await up({ generations: ["1"] });
    const { memberCaBundlePem: caBundlePem, members } = outputs;
    cluster = await startCluster({ version: "3.6", directory, caBundlePem, members });
  });
  after(async () => {
    await cluster?.stop();
    stack?.dispose();
    rmSync(directory, { recursive: true, force: true });
  });

  async function up(certificateAuthority: object) {
    await stack.run(["up", "--yes", "--skip-preview", "--suppress-outputs"], certificateAuthority);
    outputs = await stack.outputs();
  }

  async function restart(...names: string[]) {
    for (const name of names) {
      // The peers' own authority stays as it is; without `peer` their files would be the clients'.
      cluster.replaceFiles(name, { caBundlePem: outputs.memberCaBundlePem, peer: {} });
      await cluster.members[name]?.restart();
    }
  }
  const deliver = (...names: string[]) => {
    for (const name of names) cluster.replaceFiles(name, { ...outputs.members[name] });
  };
  const everyone = ["etcd-1", "etcd-2", "etcd-3"];

  /** The exit code, and the members at which something is missing. */
  async function ready(stage: string): Promise<[number, ...string[]]> {
    const endpoints = Object.values(cluster.members).map(({ endpoint }) => endpoint);
    const { code, stdout, stderr } = await run(
      process.execPath,
      ["--require", "tsx/cjs", main, "ready", "--json", "--for", stage, "--stack", "--restarted", "app"].concat([
        "--endpoint",
        endpoints.join(","),
      ]),
      { cwd: stack.directory, env: { ...stack.environment, DECLARED: "{}" } },
    );
    assert.equal(stderr, "");
    assert.doesNotMatch(stdout, /PRIVATE KEY/);
    const { members } = JSON.parse(stdout) as { members: { member: string; address: string; missing: string[] }[] };
    const waiting = members.filter(({ missing }) => missing.length > 0).map(({ address }) => address);
    const names = Object.values(cluster.members).filter(({ endpoint }) => waiting.includes(endpoint));
    return [code, ...names.map(({ name }) => name)];
  }

  it("in stages: trust, sign, distrust, each only after the members that it needs", async () => {
    await up({ generations: ["1", "2"], signing: "1" });
    assert.deepEqual(await ready("sign"), [1, ...everyone]);
    await restart("etcd-1", "etcd-2");
    assert.deepEqual(await ready("sign"), [1, "etcd-3"]);
    await restart("etcd-3");
    assert.deepEqual(await ready("sign"), [0]);

    await up({ generations: ["1", "2"], signing: "2" });
    deliver("etcd-1", "etcd-3");
    assert.deepEqual(await ready("distrust"), [1, "etcd-2"]);
    deliver("etcd-2");
    assert.deepEqual(await ready("distrust"), [0]);
    await up({ generations: ["2"], distrusted: ["1"] });
    await restart(...everyone);
  });

  it("in one restart: the cross certificate is enough until it leaves", async () => {
    await up({ generations: ["2", "3"], signing: "3", crossSignedBy: { "3": "2" }, distrusted: ["1"] });
    assert.deepEqual(await ready("distrust"), [1, ...everyone]);
    deliver(...everyone);
    assert.deepEqual(await ready("distrust"), [0]);

    await up({ generations: ["3"], crossSignedBy: { "3": "2" }, distrusted: ["1", "2"] });
    assert.deepEqual(await ready("retire"), [1, ...everyone]);
    await restart("etcd-1", "etcd-3");
    assert.deepEqual(await ready("retire"), [1, "etcd-2"]);
    await restart("etcd-2");
    assert.deepEqual(await ready("retire"), [0]);
  });
});
