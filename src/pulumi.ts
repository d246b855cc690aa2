import { AsyncResource } from "node:async_hooks";
import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import { unknown } from "@pulumi/pulumi/output";
import { getMonitor } from "@pulumi/pulumi/runtime/settings";

// Every use of what Pulumi does not promise to keep. test/unit/pulumi.test.ts fails when Pulumi changes it.

// --- outputs and records of a program ---

interface Internals<Value> {
  isKnown: Promise<boolean>;
  promise(withUnknowns?: boolean): Promise<Value>;
}

const internalsOf = <Value>(output: pulumi.Output<Value>) => output as unknown as Internals<Value>;

/** Whether a value is known: in a preview, what only the update will make is not. */
export const isKnownOutput = (output: pulumi.Output<unknown>): Promise<boolean> => internalsOf(output).isKnown;

/**
 * Whether this update leaves a resource out that was never made: by --target or --exclude, or since it failed. Nothing may
 * depend on it then: the engine would save a state that it refuses to load.
 */
export const isLeftOut = async (resource: pulumi.CustomResource): Promise<boolean> =>
  !pulumi.runtime.isDryRun() && !(await isKnownOutput(resource.id));

/**
 * What to depend on: a resource, or nothing if this update leaves it out. In a list, since of a promise alone the SDK makes
 * an output, and for each one it walks through all resources that this one leads to.
 */
export const unlessLeftOut = (resource: pulumi.CustomResource): pulumi.Input<pulumi.Resource>[] => [
  isLeftOut(resource).then((isOut) => (isOut ? [] : resource)) as Promise<pulumi.Resource>,
];

/** A value, or what stands for it in a preview that cannot know it yet. A secret stays one. */
export const knownOr = <Value>(output: pulumi.Output<Value>, instead: pulumi.Input<Value>): pulumi.Output<Value> => {
  const value = isKnownOutput(output).then((known) => (known ? output : instead));
  return pulumi.output(value) as unknown as pulumi.Output<Value>;
};

/**
 * A value without what it depends on. The engine stores dependencies with each resource, and where --exclude leaves out one
 * that was never made, it would save a state that it then refuses to load. What is unknown in an update has failed: it
 * keeps its dependencies, so that whatever needs it is not made.
 */
export async function withoutDependencies<Value>(output: pulumi.Output<Value>): Promise<unknown> {
  if (await isKnownOutput(output)) return internalsOf(output).promise();
  return pulumi.runtime.isDryRun() ? unknown : output;
}

/** A record in the state as it was and as it becomes. What the comparison throws refuses the update, in a preview, too. */
export type Comparison<Recorded> = (last: Recorded, next: Recorded) => void;

/** What looks at a record before it changes, and before it is made. */
export interface Guards<Recorded> {
  update: Comparison<Recorded>;
  /** Also where --replace makes it anew. */
  create?: () => void | Promise<void>;
}

/** What a record was when it was made: a Stash keeps that. Nothing in a preview that makes it. */
export const firstOf = ({ output }: pulumi.Stash): Promise<unknown> => internalsOf(output).promise();

/** A value in the state, and a comparison of it with the next one before it changes. */
export function record<Recorded>(
  name: string,
  input: pulumi.Input<unknown>,
  { update, create }: Guards<Recorded>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Stash {
  const beforeUpdate = canHook() ? [comparisonHook(name, update)] : [];
  const beforeCreate = canHook() && create ? [creationHook(`${name}-create`, create)] : [];
  return new pulumi.Stash(name, { input }, { ...opts, hooks: { beforeUpdate, beforeCreate } });
}

/** Whether this is a real run. The monitor of unit tests (runtime.setMocks) says that it has hooks and has none. */
export const canHook = () =>
  typeof (getMonitor() as { registerResourceHook?: unknown } | undefined)?.registerResourceHook === "function";

function comparisonHook<Recorded>(name: string, compare: Comparison<Recorded>) {
  // The engine calls it from outside this program's run, in which alone Pulumi knows where to log.
  const inThisRun = AsyncResource.bind((last: Recorded, next: Recorded) => compare(last, next));
  return new pulumi.ResourceHook(
    uniqueHookName(name),
    async ({ oldInputs, newInputs }) => {
      // A policy that makes all inputs secret hands them over as outputs: they are opened, and the guard still sees.
      const [last, next] = await Promise.all([inputOf(oldInputs), inputOf(newInputs)]);
      inThisRun(last as Recorded, next as Recorded);
    },
    { onDryRun: true },
  );
}

function creationHook(name: string, create: () => void | Promise<void>) {
  const inThisRun = AsyncResource.bind(create);
  return new pulumi.ResourceHook(uniqueHookName(name), () => inThisRun(), { onDryRun: true });
}

// Hook names are shared by the whole program, resource names only by the children of one parent.
const hookNames = new Map<string, number>();
function uniqueHookName(name: string): string {
  const count = (hookNames.get(name) ?? 0) + 1;
  hookNames.set(name, count);
  return count === 1 ? name : `${name}-${count}`;
}

const inputOf = async (inputs: unknown): Promise<unknown> => {
  const output = pulumi.output((inputs as { input: unknown }).input);
  return internalsOf(output).promise(true);
};

/** Properties as they go to and from a provider. */
export type Properties = Record<string, unknown>;

// --- values on the way between engine and provider ---

/** The engine's placeholder for a value that only the update knows. */
const UNKNOWN: string = pulumi.runtime.unknownValue;
const { isRpcSecret, specialSecretSig, specialSigKey, unwrapRpcSecret } = pulumi.runtime;

/** Whether nothing in the value waits for the update. */
export const isWhollyKnown = (value: unknown): boolean => !JSON.stringify(value ?? null).includes(UNKNOWN);

/** The value with all its secrets open. */
export function opened(value: unknown): unknown {
  if (isRpcSecret(value)) return opened(unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, opened(item)]));
}

/** The names of the properties that are secrets or have secrets in them. */
export const secretNames = (properties: Properties): string[] =>
  Object.keys(properties).filter((name) => hasSecret(properties[name]));

const hasSecret = (value: unknown): boolean =>
  isRpcSecret(value) || (typeof value === "object" && value !== null && Object.values(value).some(hasSecret));

/** The properties with the named ones as secrets, each as a whole. */
export const sealed = (properties: Properties, names: Iterable<string>): Properties => {
  const secret = new Set(names);
  const seal = (value: unknown) => ({ [specialSigKey]: specialSecretSig, value });
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      secret.has(name) && value !== undefined ? seal(value) : value,
    ]),
  );
};

// --- the plugin's process ---

let servesPlugin = false;

/** From here on this process is the package's plugin, which serves resource types of its own. */
export const becomePlugin = () => void (servesPlugin = true);

/** Whether this process is the package's plugin. Otherwise it is a program in Node.js. */
export const isPlugin = () => servesPlugin;

/** Shows a message under a resource. */
export type EngineLog = (urn: string, severity: "info" | "warning", message: string) => Promise<void>;

/** The log of the engine that started this plugin. The engine hides what a plugin prints, and `pulumi.log` has no URN. */
export function engineLog(pluginArguments: string[]): EngineLog {
  const { parseArgs } = require("@pulumi/pulumi/provider/internals") as {
    parseArgs(args: string[]): { engineAddress: string } | undefined;
  };
  const address = parseArgs(pluginArguments)?.engineAddress;
  if (address === undefined) return async () => undefined;
  const { EngineClient } = require("@pulumi/pulumi/proto/engine_grpc_pb") as EngineGrpc;
  const { LogRequest, LogSeverity } =
    require("@pulumi/pulumi/proto/engine_pb") as typeof import("@pulumi/pulumi/proto/engine_pb");
  // The SDK's own dependency, and not this package's.
  const grpc = createRequire(require.resolve("@pulumi/pulumi"))("@grpc/grpc-js") as Grpc;
  const { grpcChannelOptions } = pulumi.runtime as unknown as { grpcChannelOptions: object };
  const engine = new EngineClient(address, grpc.credentials.createInsecure(), grpcChannelOptions);
  return (urn, severity, message) => {
    const request = new LogRequest();
    request.setUrn(urn);
    request.setSeverity(severity === "info" ? LogSeverity.INFO : LogSeverity.WARNING);
    request.setMessage(message);
    // A message that does not arrive is no reason to fail.
    return new Promise((resolve) => engine.log(request, () => resolve()));
  };
}

interface Grpc {
  credentials: { createInsecure(): unknown };
}
interface EngineGrpc {
  EngineClient: new (
    address: string,
    credentials: unknown,
    options: unknown,
  ) => { log(request: unknown, done: () => void): void };
}
