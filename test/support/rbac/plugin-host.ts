import { spawn } from "node:child_process";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import * as engineService from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogSeverity, type LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { environment } from "../environment";

export type Properties = Record<string, unknown>;

/** What the engine would show. */
export interface Message {
  urn: string;
  severity: "info" | "warning" | "error";
  message: string;
}

/** A resource that was made, but not to the end. */
export class InitFailed extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly properties: Properties,
  ) {
    super(message);
  }
}

/** This package's plugin, started and spoken to as the engine does, with secrets marked on the way. */
export interface PluginHost {
  messages: Message[];
  schema(): Promise<string>;
  check(urn: string, olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: string[] }>;
  /** Whether something changes; undefined: the engine is to compare the inputs. */
  diff(urn: string, id: string, olds: Properties, news: Properties): Promise<boolean | undefined>;
  create(urn: string, inputs: Properties): Promise<{ id: string; outputs: Properties }>;
  read(urn: string, id: string, outputs: Properties): Promise<{ inputs: Properties; outputs: Properties }>;
  update(urn: string, id: string, olds: Properties, news: Properties): Promise<Properties>;
  delete(urn: string, id: string, outputs: Properties): Promise<void>;
  /** Ends the process. Its memory of the run is gone with it. */
  stop(): Promise<void>;
}

const root = join(__dirname, "../../..");
const toStruct = (properties: Properties) =>
  Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]);
const toProperties = (struct: Struct | undefined) => (struct?.toJavaScript() ?? {}) as Properties;

/** Marks a value as a secret, as it goes over the wire. */
export const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

/** Starts the plugin of a package's folder. */
export async function startPlugin({ folder = root, env = {} }: { folder?: string; env?: NodeJS.ProcessEnv } = {}) {
  const messages: Message[] = [];
  const engine = await startEngine(messages);
  const script = join(root, "node_modules/@pulumi/pulumi/cmd/run-plugin");
  const child = spawn(process.execPath, [script, folder, engine.address], {
    cwd: folder,
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (data) => (said += data));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (data) => resolve(String(data).trim()));
    child.once("close", () => (engine.stop(), reject(new Error(said))));
  });
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const call = callsOf(client);
  const configure = new proto.ConfigureRequest();
  configure.setAcceptsecrets(true);
  configure.setArgs(toStruct({}));
  await call("configure", configure);
  const host: PluginHost = {
    messages,
    ...operations(call),
    stop: async () => {
      client.close();
      child.kill();
      await ended;
      engine.stop();
    },
  };
  return host;
}

type Call = <Response>(method: string, request: unknown) => Promise<Response>;

const callsOf =
  (client: ResourceProviderClient): Call =>
  (method, request) =>
    new Promise((resolve, reject) => {
      const calls = client as unknown as Record<string, (...args: unknown[]) => void>;
      calls[method]!(request, (error: grpc.ServiceError | null, response: never) =>
        error ? reject(inWords(error)) : resolve(response),
      );
    });

function inWords(error: grpc.ServiceError): Error {
  const [details] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (details === undefined) return new Error(error.details);
  const any = Status.deserializeBinary(details as Buffer).getDetailsList()[0] as Any;
  const failed = proto.ErrorResourceInitFailed.deserializeBinary(any.getValue_asU8());
  return new InitFailed(error.details, failed.getId(), toProperties(failed.getProperties()));
}

const operations = (call: Call): Omit<PluginHost, "messages" | "stop"> => ({
  schema: async () => (await call<proto.GetSchemaResponse>("getSchema", new proto.GetSchemaRequest())).getSchema(),
  check: async (urn, olds, news) => {
    const request = new proto.CheckRequest();
    request.setUrn(urn);
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    const response = await call<proto.CheckResponse>("check", request);
    const failures = response.getFailuresList().map((failure) => failure.getReason());
    return { inputs: toProperties(response.getInputs()), failures };
  },
  diff: async (urn, id, olds, news) => {
    const request = new proto.DiffRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    const response = await call<proto.DiffResponse>("diff", request);
    const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
    const changes = response.getChanges();
    return changes === DIFF_SOME ? true : changes === DIFF_NONE ? false : undefined;
  },
  create: async (urn, inputs) => {
    const request = new proto.CreateRequest();
    request.setUrn(urn);
    request.setProperties(toStruct(inputs));
    const response = await call<proto.CreateResponse>("create", request);
    return { id: response.getId(), outputs: toProperties(response.getProperties()) };
  },
  read: async (urn, id, outputs) => {
    const request = new proto.ReadRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setProperties(toStruct(outputs));
    const response = await call<proto.ReadResponse>("read", request);
    return { inputs: toProperties(response.getInputs()), outputs: toProperties(response.getProperties()) };
  },
  update: async (urn, id, olds, news) => {
    const request = new proto.UpdateRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setOlds(toStruct(olds));
    request.setNews(toStruct(news));
    return toProperties((await call<proto.UpdateResponse>("update", request)).getProperties());
  },
  delete: async (urn, id, outputs) => {
    const request = new proto.DeleteRequest();
    request.setUrn(urn);
    request.setId(id);
    request.setProperties(toStruct(outputs));
    await call("delete", request);
  },
});

/** The one service of the engine that a provider uses by itself: its log. */
async function startEngine(messages: Message[]) {
  const server = new grpc.Server();
  const { EngineService } = engineService as unknown as { EngineService: grpc.ServiceDefinition };
  const severities = new Map<number, Message["severity"]>([
    [LogSeverity.INFO, "info"],
    [LogSeverity.WARNING, "warning"],
  ]);
  server.addService(EngineService, {
    log: (call: { request: LogRequest }, done: (error: null, response: Empty) => void) => {
      const { request } = call;
      const severity = severities.get(request.getSeverity()) ?? "error";
      messages.push({ urn: request.getUrn(), severity, message: request.getMessage() });
      done(null, new Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}
