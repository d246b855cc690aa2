import { existsSync, rmSync } from "node:fs";
import type { Project } from "../test/support/engine/engine";
import type { Cluster } from "../test/support/etcd-cluster";
import { showRefusals, showWriteAndRead } from "./clients";
import { writeFiles } from "./files";
import { showProxy } from "./grpc-proxy";
import { keep, stopKept } from "./keep";
import { findEtcd, showHealth, startMembers } from "./members";
import { directory, paths } from "./paths";
import { say, step } from "./say";
import { changeNothing, findEngine, issue, openStack } from "./stack";
import { showCommands, showIdentities } from "./summary";

/** What has to be put away, whatever happens. */
const running: { stack?: Project; cluster?: Cluster } = {};

async function demonstrate(keepRunning: boolean): Promise<void> {
  const engine = await step("Find etcd and the Pulumi engine", 2, async () => {
    await findEtcd();
    return findEngine();
  });
  const stack = await openStack(engine, paths.example);
  running.stack = stack;
  const outputs = await step("Issue the certificates", 7, () => issue(stack));
  await step("Write the files", 1, async () => writeFiles(outputs));
  const cluster = await step("Start a three-member etcd, TLS to clients and peers", 3, () => startMembers(outputs));
  running.cluster = cluster;
  await step("Ask each member for its health", 1, () => showHealth(cluster, outputs));
  await step("Write and read with a component's certificate", 1, () => showWriteAndRead(cluster, outputs));
  await step("Try to get in without one", 2, () => showRefusals(cluster));
  await step("Go through a grpc-proxy", 1, () => showProxy(cluster, outputs));
  await step("Run pulumi up again", 5, () => changeNothing(stack));
  showIdentities(outputs);
  showCommands(cluster, keepRunning);
  if (keepRunning) keep(cluster);
}

async function putAway(): Promise<void> {
  if (!existsSync(paths.kept)) await running.cluster?.stop();
  await running.stack?.dispose();
}

async function main([flag]: string[]): Promise<void> {
  if (flag === "--stop") return stopKept();
  if (flag !== undefined && flag !== "--keep") throw new Error(`Unknown: ${flag}. There are --keep and --stop.`);
  if (existsSync(paths.kept)) await stopKept();
  rmSync(directory, { recursive: true, force: true });
  const begin = Date.now();
  await demonstrate(flag === "--keep").finally(putAway);
  say(`\nAll of it took ${((Date.now() - begin) / 1000).toFixed(0)} s.`);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    say(`\n${signal}: stopping everything.`);
    void putAway().finally(() => process.exit(130));
  });
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(`\nThe demo failed. ${error.message}`);
  process.exitCode = 1;
});
