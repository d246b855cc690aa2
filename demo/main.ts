import "../test/support/environment";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Engine, Project } from "../test/support/engine/engine";
import type { Cluster } from "../test/support/etcd-cluster";
import { showRefusals, showWriteAndRead } from "./clients";
import { writeFiles } from "./files";
import { showProxy } from "./grpc-proxy";
import type { Outputs } from "./identities";
import { keep, stopKept } from "./keep";
import { findEtcd, showHealth, startMembers } from "./members";
import { directory, paths } from "./paths";
import { say, step } from "./say";
import { findEngine, issue, openStack, secondUp, showNoChange } from "./stack";
import { showCommands, showIdentities } from "./summary";
import { createUsersAndRoles, openUsersAndRoles, showDestroy, showRepair, showWhoMayWhat } from "./users-and-roles";

/** What has to be put away, whatever happens. */
const running: { stacks: Project[]; cluster?: Cluster; isEnding: boolean } = { stacks: [], isEnding: false };

async function demonstrate(keepRunning: boolean): Promise<void> {
  const engine = await step("Find etcd and the Pulumi engine", 2, async () => {
    await findEtcd();
    return findEngine();
  });
  const stack = await openStack(engine, paths.program);
  running.stacks.push(stack);
  const outputs = await step("Issue the certificates", 7, () => issue(stack));
  const second = secondUp(stack);
  await step("Write the files", 1, async () => writeFiles(outputs));
  const cluster = await step("Start a three-member etcd, TLS to clients and peers", 3, () => startMembers(outputs));
  running.cluster = cluster;
  await step("Ask each member for its health", 1, () => showHealth(cluster, outputs));
  await step("Write and read with a component's certificate", 1, () => showWriteAndRead(cluster, outputs));
  await step("Try to get in without one", 1, () => showRefusals(cluster, outputs));
  await step("Go through a grpc-proxy", 1, () => showProxy(cluster, outputs));
  await step("Run pulumi up again, which began after the first", 1, async () => showNoChange(await second));
  await usersAndRoles(engine, cluster, outputs);
  showIdentities(outputs);
  showCommands(cluster, keepRunning);
  if (keepRunning) keep(cluster);
}

async function usersAndRoles(engine: Engine, cluster: Cluster, outputs: Outputs): Promise<void> {
  const stack = await openUsersAndRoles(engine, cluster, outputs);
  running.stacks.push(stack);
  await step("Make users and roles, turn authentication on", 5, () => createUsersAndRoles(stack, cluster, outputs));
  await step("Let each component at its own keys and at others'", 1, () => showWhoMayWhat(cluster, outputs));
  await step("Change a permission by hand", 4, () => showRepair(stack, cluster, outputs));
  await step("Take users and roles away again", 4, () => showDestroy(stack, cluster, outputs));
}

async function putAway(): Promise<void> {
  if (!existsSync(paths.kept)) await running.cluster?.stop();
  await Promise.all(running.stacks.map((stack) => stack.dispose()));
  rmSync(paths.lock, { force: true });
}

async function main([flag]: string[]): Promise<void> {
  if (flag === "--stop") return stopKept();
  if (flag !== undefined && flag !== "--keep") throw new Error(`Unknown: ${flag}. There are --keep and --stop.`);
  if (existsSync(paths.kept)) await stopKept();
  refuseBesideAnother();
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  writeFileSync(paths.lock, String(process.pid));
  const begin = Date.now();
  await demonstrate(flag === "--keep").finally(putAway);
  say(`\nAll of it took ${((Date.now() - begin) / 1000).toFixed(0)} s.`);
}

// Two at once would overwrite each other's files.
function refuseBesideAnother(): void {
  if (!existsSync(paths.lock)) return;
  const pid = Number(readFileSync(paths.lock, "utf8"));
  if (isAlive(pid)) throw new Error(`Another demo runs, process ${pid}; wait for its end or stop it.`);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (running.isEnding) return;
    running.isEnding = true;
    say(`\n${signal}: stopping everything.`);
    void putAway().finally(() => process.exit(130));
  });
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`\nThe demo failed. ${error.message}`);
  process.exitCode = 1;
});
