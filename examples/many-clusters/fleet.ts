/**
 * Updates every cluster of `clusters.json`: a stack each, some at a time.
 *   npx tsx fleet.ts                    all
 *   npx tsx fleet.ts --preview          what would change
 *   npx tsx fleet.ts --step distrust --restarted my-app,root
 *                                       the next step of a rotation, in each cluster that is ready for it
 * `--parallel` says how many run at once (4). Ends with 1 if one failed: an update goes on with the others, a rotation stops.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { LocalWorkspace, type OpMap, type Stack } from "@pulumi/pulumi/automation";

interface Cluster {
  members: Record<string, { hosts: string[] }>;
  /** Where its members listen for clients. */
  endpoints: string[];
}

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    preview: { type: "boolean" },
    step: { type: "string" },
    restarted: { type: "string" },
    parallel: { type: "string", default: "4" },
  },
});
const clusters = JSON.parse(readFileSync(positionals[0] ?? "clusters.json", "utf8")) as Record<string, Cluster>;
const queue = Object.keys(clusters);
const done: string[] = [];
const failed: string[] = [];

async function update(name: string): Promise<OpMap> {
  const { members, endpoints } = clusters[name]!;
  const stack = await LocalWorkspace.createOrSelectStack({ stackName: name, workDir: __dirname });
  await stack.setConfig("members", { value: JSON.stringify(members) });
  await stack.setConfig("step", { value: await nextStep(stack, endpoints) });
  if (flags.preview) return (await stack.preview()).changeSummary;
  const { summary } = await stack.up({ suppressOutputs: true });
  return summary.resourceChanges ?? {};
}

/** The step of the last update, or the one that is asked for, if every member of the cluster is ready for it. */
async function nextStep(stack: Stack, endpoints: string[]): Promise<string> {
  const last = String((await stack.outputs())["step"]?.value ?? "now");
  const next = flags.step ?? last;
  if (next !== last && ["distrust", "retire"].includes(next)) {
    const restarted = flags.restarted ? ["--restarted", flags.restarted] : [];
    await etcdPki("ready", "--for", next, "--stack", stack.name, "--endpoint", ...endpoints, ...restarted);
  }
  return next;
}

const etcdPki = (...args: string[]) =>
  new Promise<void>((resolve, reject) =>
    execFile("npx", ["etcd-pki", ...args], { cwd: __dirname }, (error, stdout, stderr) =>
      error ? reject(new Error(stdout + stderr)) : resolve(),
    ),
  );

const inWords = ({ same = 0, ...changes }: OpMap) =>
  Object.entries(changes).map(([operation, count]) => `${count} ${operation}`).join(", ") || `nothing, ${same} the same`; // prettier-ignore

/** What stopped one cluster of a rotation may stop the next ones, too. */
const takeNext = () => (flags.step && failed.length > 0 ? undefined : queue.shift());

async function worker(): Promise<void> {
  for (let name = takeNext(); name !== undefined; name = takeNext()) {
    try {
      console.log(`${name}: ${inWords(await update(name))}`);
      done.push(name);
    } catch (error) {
      failed.push(name);
      console.error(`${name}: FAILED\n${(error as Error).message}`);
    }
  }
}

async function main() {
  await Promise.all(Array.from({ length: Number(flags.parallel) }, worker));
  console.log(`${done.length} done, ${failed.length} failed, ${queue.length} not begun`);
  if (failed.length > 0) console.log(`failed: ${failed.join(", ")}`);
  if (queue.length > 0) console.log(`not begun: ${queue.join(", ")}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

void main();
