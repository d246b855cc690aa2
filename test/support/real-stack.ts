import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { runPulumi } from "./engine/pulumi";
import { environment as heard } from "./environment";
import { writeProgram } from "./program";

const pulumi = join(homedir(), ".pulumi/bin/pulumi");

/** Whether the real engine is there. */
export const hasPulumi = () => existsSync(pulumi);

/** A stack of the real engine whose command line a test uses as it is. */
export interface RealStack {
  /** The project's folder. */
  directory: string;
  environment: NodeJS.ProcessEnv;
  /** Runs the command, and gives its standard output. The program reads `declared` from `DECLARED`. */
  run(args: string[], declared?: object, options?: { mayFail?: boolean }): Promise<string>;
  outputs<Outputs>(): Promise<Outputs>;
  dispose(): void;
}

/** Makes a stack `prod` of a project `infra`, with a state of its own. */
export const openRealStack = (program: string): Promise<RealStack> => openRealStackIn(writeProgram("infra", program));

/** Makes a stack `prod` of the project in a folder, such as an example's, with a state of its own. */
export async function openRealStackIn(directory: string): Promise<RealStack> {
  const home = mkdtempSync(join(tmpdir(), "real-stack-"));
  const settings = join(directory, "Pulumi.prod.yaml");
  // What an interrupted test left behind.
  rmSync(settings, { force: true });
  const environment = heard({
    PATH: [dirname(pulumi), resolve(__dirname, "../../node_modules/.bin"), process.env["PATH"]].join(delimiter),
    PULUMI_STACK: "prod",
    PULUMI_BACKEND_URL: `file://${home}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  });
  const run: RealStack["run"] = async (args, declared = {}, { mayFail = false } = {}) => {
    const env = { ...environment, DECLARED: JSON.stringify(declared) };
    const { code, stdout, all } = await runPulumi(pulumi, [...args, "--stack", "prod"], { cwd: directory, env });
    if (code !== 0 && !mayFail) throw new Error(all);
    return stdout;
  };
  await run(["stack", "init"]);
  await run(["stack", "select"]);
  return {
    directory,
    environment,
    run,
    outputs: async () => JSON.parse(await run(["stack", "output", "--json", "--show-secrets"])),
    dispose: () => {
      rmSync(home, { recursive: true, force: true });
      rmSync(settings, { force: true });
    },
  };
}

/** Puts another state in the place of the stack's. */
export async function changeState<State>(stack: RealStack, change: (state: State) => void): Promise<void> {
  const file = join(mkdtempSync(join(tmpdir(), "state-")), "state.json");
  const state = JSON.parse(await stack.run(["stack", "export"])) as State;
  change(state);
  writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
  await stack.run(["stack", "import", "--file", file]);
  rmSync(file);
}
