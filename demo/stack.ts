import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bestEngine, type Engine, type OpenOptions, type Project, type Run } from "../test/support/engine/engine";
import type { Outputs } from "./identities";
import { paths, shown } from "./paths";
import { say, seen } from "./say";

const STACK = "demo";

/** The engine that this machine has or can get. */
export const findEngine = (): Promise<Engine> => bestEngine({ download: true, say: (line) => say(`   ${line}`) });

/** Opens a program on a state of its own in `.demo/`. */
export function openStack(engine: Engine, program: string, config: OpenOptions["config"] = {}): Promise<Project> {
  mkdirSync(paths.state, { recursive: true });
  // What an interrupted demo left behind.
  rmSync(join(program, `Pulumi.${STACK}.yaml`), { force: true });
  return engine.open(program, { stackName: STACK, stateDirectory: paths.state, config });
}

/** The first `up`: everything is made. */
export async function issue(stack: Project): Promise<Outputs> {
  say(`   pulumi up, in ${shown(stack.directory)}`);
  const run = await stack.up();
  const created = run.steps.filter(({ op }) => op === "create");
  seen("Resources created", created.length > 0 && created.length === run.steps.length, String(created.length));
  return Object.fromEntries(
    Object.entries(run.outputs).map(([name, { value }]) => [name, value]),
  ) as unknown as Outputs;
}

/** The second `up`, for which nothing waits: the cluster starts beside it. */
export function secondUp(stack: Project): Promise<Run> {
  const run = stack.up();
  // A failure is told where the run is awaited.
  run.catch(() => undefined);
  return run;
}

/** Nothing was to be done. */
export function showNoChange(run: Run): void {
  seen("A second pulumi up changes nothing", run.steps.every(isUnchanged), summaryOf(run));
}

const isUnchanged = ({ op }: { op: string }) => op === "same";

/** How often each operation was done, such as `31 same`. */
export function summaryOf({ steps }: Run): string {
  const operations = [...new Set(steps.map(({ op }) => op))];
  return operations.map((wanted) => `${steps.filter(({ op }) => op === wanted).length} ${wanted}`).join(", ");
}
