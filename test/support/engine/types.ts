/** What a test or the demo can ask of an engine, be it Pulumi's own or the stand-in. */
export interface Engine {
  readonly kind: "pulumi" | "stand-in";
  /** In words: which engine, its version, where it was found. */
  readonly description: string;
  /** Opens the Pulumi program in a folder with a `Pulumi.yaml`, on a state of its own. */
  open(programDirectory: string, options?: OpenOptions): Promise<Project>;
}

export interface OpenOptions {
  /** Default: `test`. */
  stackName?: string;
  /** Keys are `key` or `project:key`. */
  config?: Record<string, string | { value: string; secret: true }>;
  /** Where the state lives between runs. Default: a fresh temporary folder that `dispose` removes. */
  stateDirectory?: string;
  /** For the program and the providers. */
  env?: Record<string, string>;
  /** Gets the engine's text as it comes. */
  onOutput?: (text: string) => void;
}

export interface RunOptions {
  /** For this run alone. */
  env?: Record<string, string>;
  /** The program's time, and the stand-in's. Pulumi's own engine and its providers keep the real one. */
  now?: Date;
  /** Further flags of the command line. The stand-in knows none. */
  flags?: string[];
}

export interface Project {
  readonly directory: string;
  preview(options?: RunOptions): Promise<Run>;
  up(options?: RunOptions): Promise<Run>;
  refresh(options?: RunOptions): Promise<Run>;
  destroy(options?: RunOptions): Promise<Run>;
  /** As `pulumi stack export`: secrets stay encrypted unless they are to be shown. */
  exportState(options?: { showSecrets?: boolean }): Promise<State>;
  /** As `pulumi stack import`. */
  importState(state: State): Promise<void>;
  /** Removes what `open` made; destroys no resource. */
  dispose(): Promise<void>;
}

export interface Run {
  steps: Step[];
  /** The stack's outputs after an `up` or `refresh`; none after a preview. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test knows its program's outputs
  outputs: Record<string, { value: any; secret: boolean }>;
  log: string;
}

export type Operation = "create" | "update" | "replace" | "delete" | "same" | "refresh" | "read";

/** What was done (or, in a preview, would be done) to one resource; a replacement is one row. */
export interface Step {
  op: Operation;
  type: string;
  name: string;
  urn: string;
  /** The parent's URN. */
  parent?: string;
  /** The top-level properties that made the difference, sorted. */
  changedProperties: string[];
}

export interface State {
  version: number;
  deployment: { resources?: StateResource[] };
}

export interface StateResource {
  urn: string;
  type: string;
  custom: boolean;
  id?: string;
  parent?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  protect?: boolean;
  dependencies?: string[];
  provider?: string;
}

/** A run that failed; the message ends with the log, so that what the program told its user is in it. */
export class EngineError extends Error {
  constructor(
    what: string,
    readonly log: string,
    readonly steps: Step[] = [],
  ) {
    super(`${what}\n${log}`);
    this.name = "EngineError";
  }
}

/** `urn:pulumi:stack::project::A$B$type::name` -> type and name. */
export function parseUrn(urn: string): { type: string; qualifiedType: string; name: string } {
  const [, , qualifiedType = "", ...rest] = urn.split("::");
  return { type: qualifiedType.split("$").at(-1) ?? "", qualifiedType, name: rest.join("::") };
}
