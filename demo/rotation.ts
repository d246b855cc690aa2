import "../test/support/environment";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificatesAt } from "../src/cli/endpoint";
import { join as joined } from "../src/cli/expiry/facts";
import { table as reportTable } from "../src/cli/expiry/formats";
import { reportOn } from "../src/cli/expiry/report";
import { inStack } from "../src/cli/expiry/stack";
import type { EtcdPkiArgs } from "../src/pki/args";
import { bestEngine, type Project } from "../test/support/engine/engine";
import { DEFAULT_ETCD_VERSION, ETCD_VERSIONS, type EtcdVersion, etcdBinaries } from "../test/support/etcd-binaries";
import { type Cluster, startCluster } from "../test/support/etcd-cluster";
import {
  type Issued,
  type Restart,
  enableAuthentication,
  rollout,
  startTraffic,
  stopTraffic,
} from "../test/support/rotation/rollout";
import { CROSS_SIGNED, rotationProgram, update } from "../test/support/rotation/stages";
import type { Figures } from "../test/support/rotation/traffic";
import { say, seen, step, table } from "./say";

const figures: string[][] = [["", "COMPONENT", "REQUESTS", "FAILED", "REPEATED", "LONGEST", "WATCHER"]];

type Stage = keyof typeof CROSS_SIGNED;

/** The authorities of clients and peers are replaced under load, then the same with restarts in the wrong order. */
async function demonstrate(project: Project, version: EtcdVersion): Promise<void> {
  const stage = (name: Stage) => updateStage(project, name);
  const first = await step("Declare one generation, start three members, turn authentication on", 20, async () => {
    const issued = await stage("first");
    return { issued, ...(await start(version, issued)) };
  });
  const { cluster } = first;
  const traffic = startTraffic(cluster, first.issued);
  const out = rollout(cluster, traffic);
  const roll = async (name: Stage, restarts: Restart[] = []) => {
    const issued = await stage(name);
    await out.roll(issued, restarts);
    return issued;
  };
  const leaves = (name: Stage, restarts: Restart[]) => withoutRestart(cluster, () => roll(name, restarts));
  say(`   at work: a writer, a reader and a watcher for each of ${Object.keys(traffic).join(", ")}`);

  await step("Try to skip a stage", 3, () => showRefusal(project));
  await step("Sign: clients restart, no member does", 10, () => leaves("sign", ["clients"]));
  const distrusted = await step("Distrust: members restart, one by one", 30, () => roll("distrust", ["members"]));
  await step("Go back one stage: members restart", 30, () => roll("back", ["members"]));
  await step("And forward again", 30, () => roll("forward", ["members"]));
  await step("Retire: nobody restarts", 10, () => leaves("retire", []));
  await step("Renew all certificates: no member restarts", 10, () => leaves("renewed", ["clients"]));
  await step("Rotate all keys: no member restarts", 10, () => leaves("rotatedKeys", ["clients"]));
  const met = await stopTraffic(traffic);
  addFigures("all stages", met);
  await step("Report what ends when, from the stack and from the live members", 2, () => showReport(project, cluster));
  await first.stop();

  await step("The same with members restarted before clients, by force", 60, async () => {
    const forced = await start(version, first.issued);
    const clients = startTraffic(forced.cluster, first.issued);
    await rollout(forced.cluster, clients).roll(distrusted, ["members"]);
    addFigures("wrong order", await stopTraffic(clients));
    await forced.stop();
  });

  say("");
  table(figures).forEach((line) => say(`   ${line}`));
  seen("Failed requests and gaps through all stages", isFlawless(met), "none");
}

async function start(version: EtcdVersion, { caBundlePem, members, components }: Issued) {
  const directory = mkdtempSync(join(tmpdir(), "etcd-pki-rotation-"));
  const flags = ["--heartbeat-interval=200", "--election-timeout=2000"];
  const cluster = await startCluster({ version, directory, caBundlePem, members, flags });
  await enableAuthentication(cluster, components);
  const stop = async () => {
    await cluster.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { cluster, stop };
}

async function updateStage(project: Project, name: Stage): Promise<Issued> {
  const declared: EtcdPkiArgs = CROSS_SIGNED[name];
  say(`   pulumi up with both authorities: ${JSON.stringify(declared.certificateAuthority)}`);
  const { issued, run } = await update(project, declared);
  for (const line of new Set(run.log.match(/EtcdPki "etcd": .*/g))) say(`   ${line}`);
  return issued;
}

async function showRefusal(project: Project): Promise<void> {
  const jump = CROSS_SIGNED.retire;
  say(`   pulumi preview with both authorities: ${JSON.stringify(jump.certificateAuthority)}`);
  const text = await project.preview({ env: { ROTATION: JSON.stringify(jump) } }).then(
    () => "",
    (error: Error) => error.message,
  );
  const [, refusal = ""] = /hook "etcd-trust" failed: (EtcdPki "etcd":\s*\n(?:\s+- .*\n?)+)/.exec(text) ?? [];
  seen("Refused", refusal !== "", refusal.trimEnd());
}

async function withoutRestart(cluster: Cluster, roll: () => Promise<Issued>): Promise<void> {
  const pids = () => Object.values(cluster.members).map(({ pid }) => pid);
  const before = pids().join();
  const issued = await roll();
  const serving = (await Promise.all(cluster.endpoints.map(certificatesAt))).flat();
  const wanted = new Set(Object.values(issued.members).map(({ serialNumber }) => serialNumber));
  const served = serving.filter(({ serialNumber }) => wanted.has(serialNumber));
  seen("Members that serve their new certificate, unrestarted", served.length === 3 && before === pids().join(), "3");
}

async function showReport(project: Project, cluster: Cluster): Promise<void> {
  const stack = inStack("the stack", JSON.stringify(await project.exportState()));
  const showing = async (source: string) =>
    (await certificatesAt(source)).map((certificate) => ({ source, place: "endpoint" as const, certificate }));
  const live = (await Promise.all(cluster.endpoints.map(showing))).flat();
  const report = reportOn(joined([...stack.found, ...live], false).joined, stack.unreadable, 0, new Date());
  reportTable(report)
    .split("\n")
    .forEach((line) => say(`   ${line}`));
  seen("Disagreements", report.disagreements.length === 0, "none");
}

function addFigures(what: string, met: Record<string, Figures>): void {
  for (const [component, { requests, failed, repeated, longestMs, isComplete, firstFailure }] of Object.entries(met)) {
    const watcher = isComplete ? "complete" : "gaps";
    figures.push([what, component, String(requests), String(failed), String(repeated), `${longestMs} ms`, watcher]);
    if (firstFailure !== undefined) say(`   ${component}: ${firstFailure}`);
  }
}

const isFlawless = (met: Record<string, Figures>) =>
  Object.values(met).every(({ failed, isComplete }) => failed === 0 && isComplete);

async function main([wanted = DEFAULT_ETCD_VERSION]: string[]): Promise<void> {
  const version = ETCD_VERSIONS.find((known) => known === wanted);
  if (version === undefined) throw new Error(`Unknown: ${wanted}. There are ${ETCD_VERSIONS.join(", ")}.`);
  const engine = await bestEngine({ download: true, say: (line) => say(`   ${line}`) });
  say(`   etcd: ${(await etcdBinaries(version)).version}`);
  const project = await engine.open(rotationProgram());
  await demonstrate(project, version).finally(() => project.dispose());
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
