import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";

// Every use of what Pulumi does not promise to keep. test/unit/pulumi.test.ts fails when Pulumi changes it.

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
