import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { type ExampleCluster, exampleCluster } from "../../support/example-cluster";
import { openMachineRoom, type MachineRoom } from "../../support/machine-room";
import { type RealStack, hasPulumi, openRealStackIn } from "../../support/real-stack";
import { requireEtcd } from "../../support/require-etcd";
import { run } from "../../support/run";
import { skip } from "../../support/skip";

const example = resolve(__dirname, "../../../examples/rotation");
const members = ["etcd-1", "etcd-2", "etcd-3"];

describe("examples/rotation, on pulumi and a live cluster", function () {
  this.timeout(10 * 60_000);
  const directory = mkdtempSync(join(tmpdir(), "rotation-"));
  const machines = join(directory, "machines.sh");
  const restarted = join(directory, "restarted");
  let stack: RealStack;
  let cluster: ExampleCluster;
  let room: MachineRoom;

  before(async function () {
    if (!hasPulumi()) skip(this, "pulumi is not installed");
    const binaries = await requireEtcd(this, "3.6");
    stack = await openRealStackIn(example);
    for (const [i, member] of members.entries())
      await stack.run(["config", "set", "--path", `members.${member}.hosts[0]`, `127.0.0.${i + 1}`]);
    await stack.run(["up", "--yes", "--skip-preview", "--suppress-outputs"]);
    cluster = await exampleCluster(binaries, directory, members.length, "my-app");
    await cluster.deliver(stack);
    members.forEach((member) => cluster.start(member));
    await Promise.all(members.map((member) => cluster.healthy(member)));
    room = await openMachineRoom(
      Object.fromEntries(members.map((member) => [`/restart/${member}`, async () => (await restart(member), {})])),
    );
    writeFileSync(machines, machinesScript());
  });
  after(async () => {
    room?.close();
    await cluster?.stop();
    stack?.dispose();
    rmSync(directory, { recursive: true, force: true });
  });

  async function restart(member: string) {
    appendFileSync(restarted, `${member}\n`);
    await cluster.restart(member);
  }

  // The same words as in the example, for machines that are folders.
  const machinesScript = () => `
members=(${members.join(" ")})
clients=(my-app root)
endpoints=(${Object.values(cluster.endpoints).join(" ")})
deliver() { cp "$2"/* "${directory}/$1/"; }
restart() { case $1 in etcd-*) curl --fail --silent --data '{}' ${room.url}/restart/$1 > /dev/null ;; esac; }
healthy() { "${cluster.etcdctlPath}" endpoint health --endpoints=${Object.values(cluster.endpoints).join(",")} \\
  --cacert=${directory}/my-app/ca.pem --cert=${directory}/my-app/my-app.pem --key=${directory}/my-app/my-app-key.pem; }
`;

  const rotate = (verb: string) =>
    run(join(example, "rotate.sh"), [verb], { cwd: example, env: { ...stack.environment, MACHINES: machines } });

  async function step(name: string) {
    writeFileSync(restarted, "");
    await stack.run(["config", "set", "step", name]);
    const review = await rotate("review");
    assert.equal(review.code, 0, review.stdout + review.stderr);
    const { code, stdout, stderr } = await rotate("apply");
    assert.equal(code, 0, stdout + stderr);
    const health = await cluster.etcdctl(["endpoint", "health"]);
    assert.equal(health.code, 0, health.stderr);
    return readFileSync(restarted, "utf8").trim().split("\n").filter(Boolean);
  }

  it("refuses to leave a step out", async () => {
    await stack.run(["config", "set", "step", "retire"]);
    const { code, stdout } = await rotate("apply");
    assert.notEqual(code, 0);
    assert.match(stdout, /refus/i);
  });

  it("signs without a restart of a member", async () => assert.deepEqual(await step("sign"), []));
  it("restarts one member after the other to distrust", async () => assert.deepEqual(await step("distrust"), members));
  it("retires, and is done", async () => {
    assert.deepEqual(await step("retire"), []);
    await stack.run(["preview", "--expect-no-changes"]);
  });
});
