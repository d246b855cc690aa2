import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { Difference, Goal, Provider, ProviderResource } from "./provider";
import { changedKeys, type Properties } from "./values";

type Method = "configure" | "check" | "diff" | "create" | "read" | "update" | "delete";
type Calls = Record<
  Method,
  (request: unknown, done: (error: grpc.ServiceError | null, response: unknown) => void) => void
>;

const toStruct = (properties: Properties) =>
  Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]);
const toProperties = (struct: Struct | undefined) => (struct?.toJavaScript() ?? {}) as Properties;

export interface HostOptions {
  programDirectory: string;
  config: Properties;
  env: NodeJS.ProcessEnv;
  log: (text: string) => void;
}

function send(client: ResourceProviderClient, method: Method, request: unknown): Promise<unknown> {
  return new Promise((resolve, reject) =>
    (client as unknown as Calls)[method](request, (error, response) =>
      error ? reject(new Error(error.details || error.message)) : resolve(response),
    ),
  );
}

/** Pulumi's own host of dynamic providers, started when the first dynamic resource comes. */
class DynamicHost {
  private process?: ChildProcess;
  private client?: Promise<ResourceProviderClient>;

  constructor(private readonly options: HostOptions) {}

  private async start(): Promise<ResourceProviderClient> {
    const { programDirectory, env, log } = this.options;
    const host = createRequire(join(programDirectory, "index.js")).resolve("@pulumi/pulumi/cmd/dynamic-provider");
    const child = spawn(process.execPath, [host, "none"], {
      cwd: programDirectory,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = child;
    child.stderr.on("data", (data) => log(String(data)));
    const port = await new Promise<string>((resolve, reject) => {
      child.once("exit", () => reject(new Error("the host of dynamic providers ended before it was ready")));
      child.stdout.once("data", (data) => {
        resolve(String(data).trim());
        child.stdout.on("data", (more) => log(String(more)));
      });
    });
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    await send(client, "configure", this.configuration());
    return client;
  }

  private configuration() {
    const request = new proto.ConfigureRequest();
    request.setArgs(toStruct(this.options.config));
    return request;
  }

  async call<Response>(method: Method, request: unknown): Promise<Response> {
    this.client ??= this.start();
    return (await send(await this.client, method, request)) as Response;
  }

  async stop() {
    (await this.client?.catch(() => undefined))?.close();
    this.process?.kill();
  }
}

/** Dynamic resources: every decision and action is the program's own provider's. */
export class DynamicProvider implements Provider {
  private readonly host: DynamicHost;

  constructor(options: HostOptions) {
    this.host = new DynamicHost(options);
  }

  stop(): Promise<void> {
    return this.host.stop();
  }

  async check(goal: Goal, oldInputs: Properties): Promise<Properties> {
    const request = new proto.CheckRequest();
    request.setUrn(goal.urn);
    request.setOlds(toStruct(oldInputs));
    request.setNews(toStruct(goal.inputs));
    const response = await this.host.call<proto.CheckResponse>("check", request);
    const failures = response.getFailuresList().map((failure) => `${failure.getProperty()}: ${failure.getReason()}`);
    if (failures.length) throw new Error(failures.join("; "));
    return toProperties(response.getInputs());
  }

  async diff(old: ProviderResource, goal: Goal): Promise<Difference> {
    const request = new proto.DiffRequest();
    request.setUrn(goal.urn);
    request.setId(old.id);
    request.setOlds(toStruct(old.outputs));
    request.setNews(toStruct(goal.inputs));
    const response = await this.host.call<proto.DiffResponse>("diff", request);
    const changed = changedKeys(old.inputs, goal.inputs);
    const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
    const some = response.getChanges() === DIFF_SOME || (response.getChanges() !== DIFF_NONE && changed.length > 0);
    const replaces = some ? response.getReplacesList() : [];
    return {
      some,
      replaces,
      replace: replaces.length > 0,
      deleteBeforeReplace: response.getDeletebeforereplace(),
    };
  }

  async create(goal: Goal) {
    const request = new proto.CreateRequest();
    request.setUrn(goal.urn);
    request.setProperties(toStruct(goal.inputs));
    const response = await this.host.call<proto.CreateResponse>("create", request);
    return { id: response.getId(), outputs: toProperties(response.getProperties()) };
  }

  async update(old: ProviderResource, goal: Goal) {
    const request = new proto.UpdateRequest();
    request.setUrn(goal.urn);
    request.setId(old.id);
    request.setOlds(toStruct(old.outputs));
    request.setNews(toStruct(goal.inputs));
    const response = await this.host.call<proto.UpdateResponse>("update", request);
    return toProperties(response.getProperties());
  }

  async read(resource: ProviderResource) {
    const request = new proto.ReadRequest();
    request.setUrn(resource.urn);
    request.setId(resource.id);
    request.setProperties(toStruct(resource.outputs));
    request.setInputs(toStruct(resource.inputs));
    const response = await this.host.call<proto.ReadResponse>("read", request);
    if (!response.getId()) return undefined;
    const inputs = response.hasInputs() ? toProperties(response.getInputs()) : resource.inputs;
    return { inputs, outputs: toProperties(response.getProperties()) };
  }

  async delete(resource: ProviderResource) {
    const request = new proto.DeleteRequest();
    request.setUrn(resource.urn);
    request.setId(resource.id);
    request.setProperties(toStruct(resource.outputs));
    await this.host.call("delete", request);
  }
}
