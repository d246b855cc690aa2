import { existsSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { Step } from "../types";
import { explicitProvider, KubernetesProvider, stash } from "./builtins";
import { Deployment } from "./deployment";
import { DynamicProvider } from "./dynamic";
import { Monitor } from "./monitor";
import { type StartedProgram, startProgram } from "./programs";
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

/** One run: a monitor, the program, and the providers. */
export class StandInRun {
  readonly deployment: Deployment;
  private log = "";
  private failure?: Error;
  private inFlight = 0;
  private program_?: StartedProgram;
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
      if (this.failure && this.inFlight === 0) this.program_?.kill();
    }
  }

  /** As in the engine: `main` of `Pulumi.yaml`, a folder or a file. */
  private entry(): { directory: string; main: string } {
    const path = resolve(this.options.directory, this.options.project.main ?? ".");
    const isDirectory = existsSync(path) && statSync(path).isDirectory();
    return isDirectory ? { directory: path, main: "." } : { directory: dirname(path), main: basename(path) };
  }

  async program(): Promise<void> {
    const { project, directory: rootDirectory, ...options } = this.options;
    this.program_ = startProgram({
      ...options,
      ...this.entry(),
      address: await this.monitor.listen(),
      typescript: isTypeScript(project),
      project: project.name,
      rootDirectory,
      print: (text) => this.print(text),
    });
    const why = await this.program_.ended;
    if (this.failure) throw this.failure;
    if (why !== "") throw new Error(this.log.includes(why) ? "the program failed" : why);
    await this.deployment.finish();
  }

  async stop(): Promise<void> {
    this.program_?.kill();
    this.monitor.close();
    await this.dynamic.stop();
  }
}
