import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { environment } from "../../environment";

/** One run of a program. */
export interface ProgramRun {
  /** Where the program is, and its file in there; `.` for what its `package.json` says. */
  directory: string;
  main: string;
  typescript: boolean;
  /** Where the stand-in listens. */
  address: string;
  project: string;
  rootDirectory: string;
  stack: string;
  preview: boolean;
  config: Record<string, { value: string; secret: boolean }>;
  env: NodeJS.ProcessEnv;
  print: (text: string) => void;
}

export interface StartedProgram {
  /** Why it failed, or nothing. */
  ended: Promise<string>;
  kill(): void;
}

/** Starts a program: in a process that has run others before, or by Pulumi's launcher where it may see the difference. */
export const startProgram = (run: ProgramRun): StartedProgram =>
  run.env["NODE_OPTIONS"] || isModule(run.directory) ? launch(run) : order(run);

const isModule = (directory: string) => {
  const manifest = join(directory, "package.json");
  return existsSync(manifest) && (JSON.parse(readFileSync(manifest, "utf8")) as { type?: string }).type === "module";
};

const compiler = ({ typescript }: ProgramRun) => (typescript ? ["--require", require.resolve("tsx/cjs")] : []);
const resolveFrom = ({ directory }: ProgramRun, file: string) =>
  createRequire(join(directory, "index.js")).resolve(file);

/** As the engine's language host does it: a process for this run alone. */
function launch(run: ProgramRun): StartedProgram {
  const { directory, main, address, project, rootDirectory, stack, preview, print } = run;
  const child = spawn(
    process.execPath,
    [
      ...[...compiler(run), resolveFrom(run, "@pulumi/pulumi/cmd/run")],
      ...["--monitor", address, "--engine", address, "--organization", "organization"],
      ...["--project", project, "--root-directory", rootDirectory],
      ...["--stack", stack, "--pwd", directory, ...(preview ? ["--dry-run"] : []), main],
    ],
    { cwd: directory, env: { ...run.env, ...configVariables(run) }, stdio: ["ignore", "pipe", "pipe"] },
  );
  child.stdout.on("data", (data) => print(String(data)));
  child.stderr.on("data", (data) => print(String(data)));
  const ended = new Promise<string>((resolve, reject) =>
    child
      .once("error", reject)
      .once("close", (code) => resolve(code === 0 ? "" : `the program ended with exit code ${code}`)),
  );
  return { ended, kill: () => void child.kill("SIGKILL") };
}

const configVariables = ({ config }: ProgramRun): NodeJS.ProcessEnv => ({
  PULUMI_CONFIG: JSON.stringify(Object.fromEntries(Object.entries(config).map(([key, { value }]) => [key, value]))),
  PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(Object.keys(config).filter((key) => config[key]!.secret)),
  PULUMI_NODEJS_TYPESCRIPT: "false",
});

/** Processes that wait for their next program, by the SDK that they have loaded. */
const idle = new Map<string, ChildProcess[]>();

function order(run: ProgramRun): StartedProgram {
  const kind = `${resolveFrom(run, "@pulumi/pulumi")} ${run.typescript}`;
  const waiting = idle.get(kind)?.filter(({ connected }) => connected) ?? [];
  const child = waiting.pop() ?? newHost(run);
  idle.set(kind, waiting);
  let isRunning = true;
  const ended = new Promise<string>((resolve) => {
    const end = (why: string) => {
      isRunning = false;
      child.removeAllListeners("message").removeAllListeners("exit");
      resolve(why);
    };
    child.once("exit", (code) => end(`the program ended with exit code ${code}`));
    child.on("message", ({ print, done }: { print?: string; done?: string }) => {
      if (print !== undefined) run.print(print);
      if (done === undefined) return;
      end(done);
      // What failed may still have something under way, so only a good end leaves a process for the next.
      if (done === "") idle.get(kind)!.push(child);
      else child.kill("SIGKILL");
    });
  });
  child.send({ ...run, print: undefined, env: { ...run.env, ...configVariables(run) } });
  return { ended, kill: () => void (isRunning && child.kill("SIGKILL")) };
}

function newHost(run: ProgramRun): ChildProcess {
  const child = spawn(process.execPath, [...compiler(run), join(__dirname, "program-host.cjs")], {
    env: environment(),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  // It must not keep the tests from ending; it ends with them.
  child.unref();
  child.channel?.unref();
  return child;
}
