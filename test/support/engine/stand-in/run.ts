import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import type { Step } from "../types";
import { explicitProvider, KubernetesProvider, stash } from "./builtins";
import { Deployment } from "./deployment";
import { DynamicProvider } from "./dynamic";
import { Monitor } from "./monitor";
import type { Provider } from "./provider";
import type { Resource } from "./state";
import { TlsProvider } from "./tls";
import { plain, type Properties } from "./values";

export const DESCRIPTION =
  "the stand-in for the Pulumi engine (test support of this project; it runs your program but is not Pulumi)";

const SYMBOLS: Record<string, string> = { create: "+", update: "~", replace: "+-", delete: "-", same: " " };
const PAST: Record<string, string> = {
  create: "created",
  update: "updated",
  replace: "replaced",
  delete: "deleted",
  same: "unchanged",
};

/** What the stand-in reads of `Pulumi.yaml`. */
export interface ProjectFile {
  name: string;
  main?: string;
  runtime?: string | { options?: { typescript?: boolean } };
  config?: Record<string, unknown>;
}

export interface StandInRunOptions {
  title: string;
  preview: boolean;
  project: ProjectFile;
  stack: string;
  directory: string;
  resources: Resource[];
  config: Record<string, { value: string; secret: boolean }>;
  env: NodeJS.ProcessEnv;
  /** How far the clock is moved. */
  movedMs: number;
  say: (text: string) => void;
}

// As for the engine, a program is TypeScript unless its project says otherwise.
const isTypeScript = ({ runtime }: ProjectFile) => typeof runtime !== "object" || runtime.options?.typescript !== false;

/** One run: a monitor, the program in a process of its own, and the providers. */
export class StandInRun {
  readonly deployment: Deployment;
  private log = "";
  private failure?: Error;
  private inFlight = 0;
  private program_?: ChildProcess;
  private readonly monitor: Monitor;
  private readonly tls: TlsProvider;
  private readonly dynamic: DynamicProvider;

  constructor(private readonly options: StandInRunOptions) {
    const { project, stack, preview, resources, env, config, movedMs } = options;
    this.print(`${options.title} of ${project.name}/${stack} by ${DESCRIPTION}\n`);
    this.tls = new TlsProvider(() => new Date(Date.now() + movedMs));
    this.dynamic = new DynamicProvider({
      programDirectory: this.entry().directory,
      config: Object.fromEntries(Object.entries(config).map(([key, { value }]) => [key, value])),
      env,
      log: (text) => this.print(text),
    });
    this.deployment = new Deployment({
      project: project.name,
      stack,
      preview,
      resources,
      providerFor: (type, provider) => this.providerFor(type, provider),
      report: (step) => this.report(step),
    });
    this.monitor = new Monitor({
      preview,
      register: (registration, runHooks) => this.whileRunning(() => this.deployment.register(registration, runHooks)),
      registerOutputs: (urn, outputs) => this.deployment.registerOutputs(urn, outputs),
      log: (level, message) => level !== "debug" && this.print(`${level}: ${message}\n`),
      fail: (error) => (this.failure ??= error),
    });
  }

  print(text: string): void {
    this.log += text;
    this.options.say(text);
  }

  text(): string {
    return this.log;
  }

  summarise(): void {
    const counts = Object.entries(PAST).map(([op, past]) => [
      this.deployment.steps.filter((step) => step.op === op).length,
      past,
    ]);
    const parts = counts
      .filter(([count]) => count)
      .map(([count, past]) => `${count} ${this.options.preview && past !== "unchanged" ? "to be " : ""}${past}`);
    this.print(`Resources: ${parts.join(", ") || "none"}\n`);
  }

  private report({ op, type, name, changedProperties }: Step): void {
    if (op === "same") return;
    const why = changedProperties.length ? `  [${changedProperties.join(", ")}]` : "";
    this.print(` ${(SYMBOLS[op] ?? "").padEnd(2)} ${op.padEnd(8)} ${type}  ${name}${why}\n`);
  }

  private providerFor(type: string, provider: string): Provider {
    if (type.startsWith("pulumi-nodejs:dynamic")) return this.dynamic;
    if (type.startsWith("tls:")) return this.tls;
    if (type.startsWith("pulumi:providers:")) return explicitProvider;
    if (type === "pulumi:index:Stash") return stash;
    if (type.startsWith("kubernetes:")) return new KubernetesProvider(this.settingsOf(provider));
    throw new Error(`the stand-in knows no resource of type ${type}; install Pulumi to run this program`);
  }

  private settingsOf(provider: string): Properties {
    const urn = provider.slice(0, provider.lastIndexOf("::"));
    return plain(this.deployment.resources().find((resource) => resource.urn === urn)?.inputs ?? {});
  }

  /** After a failure nothing more is begun; what has begun is waited for. */
  private async whileRunning<T>(work: () => Promise<T>): Promise<T> {
    if (this.failure) throw this.failure;
    this.inFlight += 1;
    try {
      return await work();
    } catch (error) {
      this.failure ??= error as Error;
      throw error;
    } finally {
      this.inFlight -= 1;
      if (this.failure && this.inFlight === 0) this.program_?.kill("SIGKILL");
    }
  }

  /** As in the engine: `main` of `Pulumi.yaml`, a folder or a file. */
  private entry(): { directory: string; main: string } {
    const path = resolve(this.options.directory, this.options.project.main ?? ".");
    const isDirectory = existsSync(path) && statSync(path).isDirectory();
    return isDirectory ? { directory: path, main: "." } : { directory: dirname(path), main: basename(path) };
  }

  async program(): Promise<void> {
    const address = await this.monitor.listen();
    const { directory, main } = this.entry();
    const { stack, project, preview } = this.options;
    const compiler = isTypeScript(project) ? ["--require", require.resolve("tsx/cjs")] : [];
    const from = createRequire(join(directory, "index.js"));
    const child = spawn(
      process.execPath,
      [
        ...[...compiler, from.resolve("@pulumi/pulumi/cmd/run")],
        ...["--monitor", address, "--engine", address, "--organization", "organization"],
        ...["--project", project.name, "--root-directory", this.options.directory],
        ...["--stack", stack, "--pwd", directory, ...(preview ? ["--dry-run"] : []), main],
      ],
      { cwd: directory, env: { ...this.options.env, ...this.configVariables() }, stdio: ["ignore", "pipe", "pipe"] },
    );
    this.program_ = child;
    child.stdout.on("data", (data) => this.print(String(data)));
    child.stderr.on("data", (data) => this.print(String(data)));
    const code = await new Promise<number | null>((resolve, reject) =>
      child.once("error", reject).once("close", resolve),
    );
    if (this.failure) throw this.failure;
    if (code !== 0) throw new Error(`the program ended with exit code ${code}`);
    await this.deployment.finish();
  }

  private configVariables(): NodeJS.ProcessEnv {
    const entries = Object.entries(this.options.config);
    return {
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(entries.map(([key, { value }]) => [key, value]))),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(entries.filter(([, { secret }]) => secret).map(([key]) => key)),
      PULUMI_NODEJS_TYPESCRIPT: "false",
    };
  }

  async stop(): Promise<void> {
    this.program_?.kill("SIGKILL");
    this.monitor.close();
    await this.dynamic.stop();
  }
}
