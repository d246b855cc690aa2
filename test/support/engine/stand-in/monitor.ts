import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { CallbackInvokeRequest } from "@pulumi/pulumi/proto/callback_pb";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engineProto from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/resource_pb";
import { parseUrn } from "../types";
import type { Alias } from "./aliases";
import type { HookCall, Registration } from "./registration";
import type { Resource } from "./state";
import type { Properties } from "./values";

type Unary<Request, Response> = grpc.handleUnaryCall<Request, Response>;

const MAXIMAL_MESSAGE_BYTES = 400 * 1024 * 1024;
/** What a program may use here; asked for anything else, Pulumi's SDK says that the engine cannot do it. */
const FEATURES = ["secrets", "resourceReferences", "aliasSpecs", "deletedWith", "replaceWith", "resourceHooks"];
const LEVELS = ["debug", "info", "warning", "error"];

const toStruct = (properties: Properties) =>
  Struct.fromJavaScript(properties as Parameters<typeof Struct.fromJavaScript>[0]);
const toProperties = (struct: Struct | undefined) => (struct?.toJavaScript() ?? {}) as Properties;

export interface MonitorHandlers {
  preview: boolean;
  register(registration: Registration, runHooks: (call: HookCall) => Promise<void>): Promise<Resource>;
  registerOutputs(urn: string, outputs: Properties): void;
  log(level: string, message: string): void;
  fail(error: Error): void;
}

/** The engine's side of Pulumi's protocol: what a program and its SDK talk to. */
export class Monitor {
  private readonly server = new grpc.Server({ "grpc.max_receive_message_length": MAXIMAL_MESSAGE_BYTES });
  private readonly hooks = new Map<
    string,
    { target: string; token: string; onDryRun: boolean; ignoreErrors: boolean }
  >();
  private rootUrn = "";

  constructor(private readonly handlers: MonitorHandlers) {
    this.server.addService(ResourceMonitorService, {
      supportsFeature: this.unary(async (request: proto.SupportsFeatureRequest) => {
        const response = new proto.SupportsFeatureResponse();
        response.setHassupport(FEATURES.includes(request.getId()));
        return response;
      }),
      registerResource: this.unary((request: proto.RegisterResourceRequest) => this.registerResource(request)),
      registerResourceOutputs: this.unary(async (request: proto.RegisterResourceOutputsRequest) => {
        this.handlers.registerOutputs(request.getUrn(), toProperties(request.getOutputs()));
        return new Empty();
      }),
      registerResourceHook: this.unary(async (request: proto.RegisterResourceHookRequest) => this.addHook(request)),
      signalAndWaitForShutdown: this.unary(async () => new Empty()),
      invoke: this.unary(async (request: proto.ResourceInvokeRequest) => {
        throw new Error(`the stand-in answers no invoke, but the program asks for ${request.getTok()}`);
      }),
      readResource: this.unary(async (request: proto.ReadResourceRequest) => {
        throw new Error(`the stand-in reads no existing resource, but the program asks for ${request.getType()}`);
      }),
    });
    this.server.addService(EngineService, {
      log: this.unary(async (request: engineProto.LogRequest) => {
        this.handlers.log(LEVELS[request.getSeverity()] ?? "info", request.getMessage());
        return new Empty();
      }),
      getRootResource: this.unary(async () => {
        const response = new engineProto.GetRootResourceResponse();
        response.setUrn(this.rootUrn);
        return response;
      }),
      setRootResource: this.unary(async (request: engineProto.SetRootResourceRequest) => {
        this.rootUrn = request.getUrn();
        return new engineProto.SetRootResourceResponse();
      }),
    });
  }

  /** An error ends the run; the program is told that the engine goes away, as the real one does. */
  private unary<Request, Response>(handle: (request: Request) => Promise<Response>): Unary<Request, Response> {
    return (call, callback) => {
      handle(call.request).then(
        (response) => callback(null, response),
        (error: Error) => {
          this.handlers.fail(error);
          callback({ code: grpc.status.UNAVAILABLE, details: error.message });
        },
      );
    };
  }

  async listen(): Promise<string> {
    const port = await new Promise<number>((resolve, reject) =>
      this.server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    return `127.0.0.1:${port}`;
  }

  close(): void {
    this.server.forceShutdown();
  }

  private async registerResource(request: proto.RegisterResourceRequest): Promise<proto.RegisterResourceResponse> {
    const resource = await this.handlers.register(toRegistration(request), (call) => this.runHooks(request, call));
    const response = new proto.RegisterResourceResponse();
    response.setUrn(resource.urn);
    response.setId(resource.id ?? "");
    response.setObject(toStruct(resource.outputs));
    return response;
  }

  private addHook(request: proto.RegisterResourceHookRequest): Empty {
    this.hooks.set(request.getName(), {
      target: request.getCallback()?.getTarget() ?? "",
      token: request.getCallback()?.getToken() ?? "",
      onDryRun: request.getOnDryRun(),
      // Releases before 3.244 have no word for it.
      ignoreErrors: (request as Partial<typeof request>).getIgnoreErrors?.() ?? false,
    });
    return new Empty();
  }

  private async runHooks(request: proto.RegisterResourceRequest, call: HookCall): Promise<void> {
    const names = request.getHooks()?.[`get${call.kind}List`]() ?? [];
    for (const name of names) {
      const hook = this.hooks.get(name);
      if (!hook) throw new Error(`hook "${name}" was not registered`);
      if (this.handlers.preview && !hook.onDryRun) continue;
      const error = await invokeHook(hook, call);
      const message = `${call.kind.startsWith("Before") ? "before" : "after"} hook "${name}" failed: ${error}`;
      if (error && hook.ignoreErrors) this.handlers.log("warning", message);
      else if (error) throw new Error(message);
    }
  }
}

async function invokeHook({ target, token }: { target: string; token: string }, call: HookCall): Promise<string> {
  const request = new proto.ResourceHookRequest();
  const { type, name } = parseUrn(call.urn);
  request.setUrn(call.urn);
  request.setId(call.id);
  request.setName(name);
  request.setType(type);
  request.setNewInputs(toStruct(call.newInputs));
  if (call.oldInputs) request.setOldInputs(toStruct(call.oldInputs));
  if (call.newOutputs) request.setNewOutputs(toStruct(call.newOutputs));
  if (call.oldOutputs) request.setOldOutputs(toStruct(call.oldOutputs));
  const invocation = new CallbackInvokeRequest();
  invocation.setToken(token);
  invocation.setRequest(request.serializeBinary());
  const client = new CallbacksClient(target, grpc.credentials.createInsecure());
  try {
    return await new Promise<string>((resolve, reject) =>
      client.invoke(invocation, (error, response) =>
        error
          ? reject(error)
          : resolve(proto.ResourceHookResponse.deserializeBinary(response.getResponse_asU8()).getError()),
      ),
    );
  } finally {
    client.close();
  }
}

function toRegistration(request: proto.RegisterResourceRequest): Registration {
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: request.getParent(),
    inputs: toProperties(request.getObject()),
    protect: request.getProtect() ?? false,
    provider: request.getProvider(),
    dependencies: request.getDependenciesList(),
    aliases: request
      .getAliasesList()
      .map((alias) => ({ ...alias.getSpec()?.toObject(), urn: alias.getUrn() }) as Alias)
      .map(fromSpec),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    replaceWith: request.getReplaceWithList(),
    ...(request.getDeletebeforereplacedefined() ? { deleteBeforeReplace: request.getDeletebeforereplace() } : {}),
    retainOnDelete: request.getRetainondelete() ?? false,
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    replacementTrigger: request.getReplacementTrigger()?.toJavaScript(),
  };
}

/** The protocol's field names, in Pulumi's own spelling. */
function fromSpec(alias: Alias & { parenturn?: string; noparent?: boolean }): Alias {
  const { parenturn, noparent, ...rest } = alias;
  return { ...rest, ...(parenturn ? { parent: parenturn } : {}), ...(noparent ? { noParent: true } : {}) };
}
