import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { environment } from "../environment";
import { clockVariables } from "./clock";
import {
  EngineError,
  parseUrn,
  type Engine,
  type OpenOptions,
  type Operation,
  type Project,
  type Run,
  type RunOptions,
  type State,
  type Step,
} from "./types";

/** The engine's words for its steps; the others are parts of a replacement, which is one row here. */
const OPERATIONS: Operation[] = ["create", "update", "replace", "delete", "same", "refresh", "read"];
const FLAGS = ["--non-interactive", "--color", "never"];
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const SIGNATURE = "4dabf18193072939515e22adb298388d";

interface EngineEvent {
  resourcePreEvent?: { metadata: Metadata };
  resOutputsEvent?: { metadata: Metadata };
}

interface Metadata {
  op: string;
  urn: string;
  type: string;
  diffs?: string[];
  keys?: string[];
  old?: { parent?: string; inputs?: Record<string, unknown> } | null;
  new?: { parent?: string; inputs?: Record<string, unknown> } | null;
}

/** Pulumi's own engine, driven by its command line. */
export function pulumiEngine(command: string, description: string, download: boolean): Engine {
  return {
    kind: "pulumi",
    description,
    open: async (programDirectory, options = {}) => {
      const project = new PulumiProject(command, resolve(programDirectory), options, download);
      await project.init();
      return project;
    },
  };
}

export function runPulumi(
  command: string,
  args: string[],
  options: {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    timeoutMilliseconds?: number;
    onOutput?: (text: string) => void;
  } = {},
): Promise<{ code: number | null; stdout: string; all: string }> {
  return new Promise((resolve, reject) => {
    const { cwd, env = environment(), timeoutMilliseconds, onOutput } = options;
    const path = [dirname(command), env["PATH"]].join(delimiter);
    const child = spawn(command, args, {
      cwd,
      env: { ...env, PATH: path },
      stdio: ["ignore", "pipe", "pipe"],
      ...(timeoutMilliseconds ? { timeout: timeoutMilliseconds } : {}),
    });
    let stdout = "";
    let all = "";
    child.stdout.on("data", (data) => {
      stdout += data;
      all += data;
      onOutput?.(String(data));
    });
    child.stderr.on("data", (data) => {
      all += data;
      onOutput?.(String(data));
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, all }));
  });
}

class PulumiProject implements Project {
  private readonly stateDirectory: string;
  private readonly stack: string;
  private readonly settingsFile: string;
  private readonly ownSettings: string | undefined;

  constructor(
    private readonly command: string,
    readonly directory: string,
    private readonly options: OpenOptions,
    private readonly download: boolean,
  ) {
    this.stack = options.stackName ?? "test";
    this.stateDirectory = resolve(options.stateDirectory ?? mkdtempSync(join(tmpdir(), "etcd-pki-pulumi-")));
    this.settingsFile = join(directory, `Pulumi.${this.stack}.yaml`);
    this.ownSettings = existsSync(this.settingsFile) ? readFileSync(this.settingsFile, "utf8") : undefined;
  }

  /** The stack's settings belong to its state (they hold the salt), so they are kept there between two openings. */
  private get keptSettings(): string {
    return join(this.stateDirectory, `Pulumi.${this.stack}.yaml`);
  }

  private environment(more?: RunOptions): NodeJS.ProcessEnv {
    return environment({
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_BACKEND_URL: `file://${this.stateDirectory}`,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...(this.download ? {} : { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" }),
      // The project's own compiler checks types; here it would cost seconds a run.
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      ...this.options.env,
      ...clockVariables(more),
      ...more?.env,
    });
  }

  private async pulumi(args: string[], options: { env?: NodeJS.ProcessEnv; onOutput?: (text: string) => void } = {}) {
    return runPulumi(this.command, [...args, ...FLAGS], { cwd: this.directory, env: this.environment(), ...options });
  }

  private async ask(args: string[]): Promise<string> {
    const { code, stdout, all } = await this.pulumi(args);
    if (code !== 0) throw new EngineError(`pulumi ${args.slice(0, 2).join(" ")} failed`, all);
    return stdout;
  }

  async init(): Promise<void> {
    if (existsSync(this.keptSettings)) copyFileSync(this.keptSettings, this.settingsFile);
    else await this.ask(["stack", "init", this.stack, "--no-select"]);
    const settings = Object.entries(this.options.config ?? {}).flatMap(([key, setting]) =>
      typeof setting === "string" ? ["--plaintext", `${key}=${setting}`] : ["--secret", `${key}=${setting.value}`],
    );
    if (settings.length) await this.ask(["config", "set-all", "--stack", this.stack, ...settings]);
  }

  preview(options?: RunOptions): Promise<Run> {
    return this.run("preview", [], options);
  }

  up(options?: RunOptions): Promise<Run> {
    return this.run("up", ["--yes", "--skip-preview"], options);
  }

  refresh(options?: RunOptions): Promise<Run> {
    return this.run("refresh", ["--yes", "--skip-preview"], options);
  }

  destroy(options?: RunOptions): Promise<Run> {
    return this.run("destroy", ["--yes", "--skip-preview"], options);
  }

  private async run(verb: string, flags: string[], runOptions?: RunOptions): Promise<Run> {
    const events = join(this.stateDirectory, "events.json");
    const { onOutput } = this.options;
    const { code, all } = await this.pulumi(
      [
        verb,
        "--stack",
        this.stack,
        "--suppress-outputs",
        "--event-log",
        events,
        ...flags,
        ...(runOptions?.flags ?? []),
      ],
      {
        env: { ...this.environment(runOptions), PULUMI_DEBUG_COMMANDS: "true" },
        ...(onOutput ? { onOutput } : {}),
      },
    );
    const steps = existsSync(events) ? toSteps(readFileSync(events, "utf8"), verb) : [];
    rmSync(events, { force: true });
    if (code !== 0) throw new EngineError(`pulumi ${verb} failed`, all, steps);
    return {
      steps,
      outputs: verb === "preview" ? {} : outputsOf(await this.exportState({ showSecrets: true })),
      log: all,
    };
  }

  async exportState({ showSecrets = false } = {}): Promise<State> {
    const flags = showSecrets ? ["--show-secrets"] : [];
    return JSON.parse(await this.ask(["stack", "export", "--stack", this.stack, ...flags])) as State;
  }

  async importState(state: State): Promise<void> {
    const file = join(this.stateDirectory, "import.json");
    writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
    await this.ask(["stack", "import", "--stack", this.stack, "--file", file]);
    rmSync(file);
  }

  async dispose(): Promise<void> {
    if (this.options.stateDirectory && existsSync(this.settingsFile))
      copyFileSync(this.settingsFile, this.keptSettings);
    if (this.ownSettings === undefined) rmSync(this.settingsFile, { force: true });
    else writeFileSync(this.settingsFile, this.ownSettings);
    if (!this.options.stateDirectory) rmSync(this.stateDirectory, { recursive: true, force: true });
  }
}

/** The stack's outputs in a state that was exported with its secrets shown. */
export function outputsOf({ deployment }: State): Run["outputs"] {
  const stack = deployment.resources?.find(({ type }) => type === "pulumi:pulumi:Stack");
  return Object.fromEntries(Object.entries(stack?.outputs ?? {}).map(([key, value]) => [key, openSecrets(value)]));
}

function openSecrets(value: unknown): { value: unknown; secret: boolean } {
  if (typeof value !== "object" || value === null) return { value, secret: false };
  const sealed = value as Record<string, unknown>;
  if (sealed[SIGNATURE] === SECRET_SIGNATURE) return { value: JSON.parse(String(sealed["plaintext"])), secret: true };
  const parts = Object.entries(value).map(([key, item]) => [key, openSecrets(item)] as const);
  const opened = parts.map(([key, part]) => [key, part.value] as const);
  return {
    value: Array.isArray(value) ? opened.map(([, item]) => item) : Object.fromEntries(opened),
    secret: parts.some(([, part]) => part.secret),
  };
}

function toSteps(eventLog: string, verb: string): Step[] {
  const events = eventLog
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as EngineEvent);
  // What a refresh found is known only after it.
  const found = events.flatMap((event) => (verb === "refresh" ? event.resOutputsEvent : event.resourcePreEvent) ?? []);
  const rows = found
    .map(({ metadata }) => metadata)
    .filter(({ op, urn }) => OPERATIONS.includes(op as Operation) && !isDefaultProvider(urn))
    .map((metadata) => [metadata.urn, toStep(metadata)] as const);
  return [...new Map(rows).values()];
}

function isDefaultProvider(urn: string): boolean {
  const { type, name } = parseUrn(urn);
  return type.startsWith("pulumi:providers:") && name.startsWith("default");
}

/** What the provider names; else where the inputs differ, as far as the engine shows them; else its reason to replace. */
function changesIn({ diffs, keys, old, new: fresh }: Metadata): string[] {
  if (diffs?.length) return diffs.map((path) => path.split(/[.[]/)[0]!);
  const [olds, news] = [old?.inputs ?? {}, fresh?.inputs ?? {}];
  const inputs = Object.keys({ ...olds, ...news }).filter((key) => !isDeepStrictEqual(olds[key], news[key]));
  return inputs.length ? inputs : (keys ?? []);
}

function toStep(metadata: Metadata): Step {
  const { op, urn, type, old, new: fresh } = metadata;
  const parent = (fresh ?? old)?.parent;
  const changed = ["update", "replace"].includes(op) ? changesIn(metadata) : [];
  const changedProperties = [...new Set(changed)].sort();
  const step: Step = { op: op as Operation, type, name: parseUrn(urn).name, urn, changedProperties };
  return parent ? { ...step, parent } : step;
}
