import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { type ExampleCluster, exampleCluster } from "../../support/example-cluster";
import { freePorts } from "../../support/ports";
import { type RealStack, hasPulumi, openRealStackIn } from "../../support/real-stack";
import { requireEtcd } from "../../support/require-etcd";
import { run } from "../../support/run";
import { skip } from "../../support/skip";

const clusterOf = (host: string, endpoint = `https://${host}:2379`) => ({
  members: { "etcd-1": { hosts: [host] } },
  endpoints: [endpoint],
});

describe("examples/many-clusters, on pulumi and a live cluster", function () {
  this.timeout(5 * 60_000);
  const directory = mkdtempSync(join(tmpdir(), "many-clusters-"));
  let stack: RealStack;
  let live: ExampleCluster;
  let clusters: Record<string, ReturnType<typeof clusterOf>>;

  before(async function () {
    if (!hasPulumi()) skip(this, "pulumi is not installed");
    const binaries = await requireEtcd(this, "3.6");
    stack = await openRealStackIn(resolve(__dirname, "../../../examples/many-clusters"));
    live = await exampleCluster(binaries, directory, 1, "root");
    const [nobody] = await freePorts(1);
    clusters = {
      prod: clusterOf("127.0.0.1", live.endpoints["etcd-1"]),
      berlin: clusterOf("127.0.0.1", `https://127.0.0.1:${nobody}`),
      rome: clusterOf("10.2.0.1"),
    };
  });
  after(async () => {
    await live?.stop();
    for (const name of Object.keys(clusters ?? {}))
      rmSync(join(stack.directory, `Pulumi.${name}.yaml`), { force: true });
    stack?.dispose();
    rmSync(directory, { recursive: true, force: true });
  });

  async function fleet(args: string[], declared: object = clusters) {
    const file = join(directory, "clusters.json");
    writeFileSync(file, JSON.stringify(declared));
    const env = { ...stack.environment, PULUMI_STACK: "" };
    return run("tsx", [join(stack.directory, "fleet.ts"), file, ...args], { cwd: stack.directory, env });
  }

  it("updates a stack each, two at a time; a second run changes nothing", async () => {
    const first = await fleet(["--parallel", "2"]);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /3 done, 0 failed, 0 not begun/);
    const again = await fleet([]);
    assert.equal(again.stdout.match(/: nothing, /g)?.length, 3, again.stdout);
  });

  it("goes on with the others where the update of one fails", async () => {
    const { code, stdout, stderr } = await fleet(["--parallel", "1"], {
      berlin: { ...clusters["berlin"], members: { "etcd-1": { hosts: [] } } },
      rome: clusters["rome"],
    });
    assert.equal(code, 1);
    assert.match(stdout, /rome: nothing/);
    assert.match(stderr, /berlin: FAILED/);
    assert.match(stdout, /1 done, 1 failed, 0 not begun/);
  });

  it("stops a rotation at a cluster that is not ready, which stays where it is", async () => {
    await live.deliver(stack);
    live.start("etcd-1");
    await live.healthy("etcd-1");
    const sign = await fleet(["--step", "sign"]);
    assert.equal(sign.code, 0, sign.stderr);
    await live.deliver(stack);

    const distrust = ["--step", "distrust", "--restarted", "my-app,root"];
    // A preview promises nothing: what comes after it asks the members all the same.
    await fleet([...distrust, "--preview"]);
    const { code, stdout, stderr } = await fleet([...distrust, "--parallel", "1"]);
    assert.equal(code, 1);
    assert.match(stdout, /^prod: .*\n1 done, 1 failed, 1 not begun\nfailed: berlin\nnot begun: rome\n$/);
    assert.match(stderr, /berlin: FAILED\n[^]*Not ready for distrust/);

    const again = await fleet([]);
    assert.equal(again.stdout.match(/: nothing, /g)?.length, 3, again.stdout);
    assert.equal((await stack.outputs<{ step: string }>()).step, "distrust");
  });

  it("leaves nothing behind", async () => {
    await stack.run(["destroy", "--yes", "--skip-preview", "--suppress-outputs"]);
    assert.doesNotMatch(await stack.run(["stack", "export"]), /tls:index/);
  });
});
