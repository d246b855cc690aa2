import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { environment } from "../../environment";
import { clockVariables, movedMs } from "../clock";
import {
  EngineError,
  type Engine,
  type OpenOptions,
  type Project,
  type Run,
  type RunOptions,
  type State,
} from "../types";
import { DESCRIPTION, StandInRun, type ProjectFile } from "./run";
import { StateStore, type Resource } from "./state";
import { hasSecret, plain, type Properties } from "./values";

// The YAML reader that Pulumi's SDK brings.
const { load } = createRequire(require.resolve("@pulumi/pulumi"))("js-yaml") as { load(text: string): unknown };

export const standIn: Engine = {
  kind: "stand-in",
  description: DESCRIPTION,
  open: async (programDirectory, options = {}) => new StandInProject(resolve(programDirectory), options),
};

class StandInProject implements Project {
  private readonly stateDirectory: string;
  private readonly store: StateStore;
  private readonly file: ProjectFile;
  private readonly stack: string;

  constructor(
    readonly directory: string,
    private readonly options: OpenOptions,
  ) {
    this.file = load(readFileSync(join(directory, "Pulumi.yaml"), "utf8")) as ProjectFile;
    this.stack = options.stackName ?? "test";
    this.stateDirectory = options.stateDirectory ?? mkdtempSync(join(tmpdir(), "etcd-pki-stand-in-"));
    const passphrase = this.environment()["PULUMI_CONFIG_PASSPHRASE"] ?? "test";
    this.store = new StateStore(join(this.stateDirectory, `${this.file.name}-${this.stack}.json`), passphrase);
  }

  preview(options?: RunOptions): Promise<Run> {
    return this.run("Preview", options, (run) => run.program());
  }

  up(options?: RunOptions): Promise<Run> {
    return this.run("Update", options, (run) => run.program());
  }

  refresh(options?: RunOptions): Promise<Run> {
    return this.run("Refresh", options, (run) => run.deployment.refresh());
  }

  destroy(options?: RunOptions): Promise<Run> {
    return this.run("Destroy", options, (run) => run.deployment.finish());
  }

  async exportState({ showSecrets = false } = {}) {
    return showSecrets ? this.store.shown() : this.store.export();
  }

  async importState(state: State) {
    this.store.import(state);
  }

  async dispose() {
    if (!this.options.stateDirectory) rmSync(this.stateDirectory, { recursive: true, force: true });
  }

  private environment(more?: RunOptions): NodeJS.ProcessEnv {
    return environment({ ...this.options.env, ...clockVariables(more), ...more?.env });
  }

  private async run(
    title: string,
    runOptions: RunOptions | undefined,
    work: (run: StandInRun) => Promise<void>,
  ): Promise<Run> {
    const preview = title === "Preview";
    const run = new StandInRun({
      title,
      preview,
      project: this.file,
      stack: this.stack,
      directory: this.directory,
      resources: this.store.load(),
      config: this.config(),
      env: this.environment(runOptions),
      movedMs: movedMs(runOptions),
      say: this.options.onOutput ?? (() => undefined),
    });
    try {
      await work(run);
    } catch (error) {
      run.print(`error: ${title} failed: ${(error as Error).message}\n`);
      throw new EngineError(`${title} failed (stand-in)`, run.text(), run.deployment.steps);
    } finally {
      await run.stop();
      if (!preview) this.store.save(run.deployment.resources());
    }
    run.summarise();
    const outputs = preview ? {} : outputsOf(run.deployment.resources());
    return { steps: run.deployment.steps, outputs, log: run.text() };
  }

  /** Defaults of `Pulumi.yaml`, then what was asked for. */
  private config(): Record<string, { value: string; secret: boolean }> {
    const defaults = Object.entries(this.file.config ?? {}).map(([key, value]) => [key, defaultOf(value)] as const);
    const given = Object.entries(this.options.config ?? {});
    const settings = [...defaults, ...given].filter(([, value]) => value !== undefined);
    return Object.fromEntries(
      settings.map(([key, value]) => [
        key.includes(":") ? key : `${this.file.name}:${key}`,
        typeof value === "string" ? { value, secret: false } : value!,
      ]),
    );
  }
}

function defaultOf(value: unknown): string | undefined {
  const isDeclaration = typeof value === "object" && value !== null && !Array.isArray(value);
  const text = isDeclaration ? ((value as Properties)["default"] ?? (value as Properties)["value"]) : value;
  return text === undefined || typeof text === "string" ? text : JSON.stringify(text);
}

function outputsOf(resources: Resource[]): Run["outputs"] {
  const outputs = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {};
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [key, { value: plain(value), secret: hasSecret(value) }]),
  );
}
