import * as pulumi from "@pulumi/pulumi";
import { getMonitor } from "@pulumi/pulumi/runtime/settings";

/** What a program asked the engine for. */
export interface Registered {
  type: string;
  name: string;
  urn: string;
  parent: string;
  protect: boolean;
  provider: string;
  /** URNs. */
  dependencies: string[];
  ignoreChanges: string[];
  replacementTrigger: unknown;
  /** The files of the call stack, which the engine stores. */
  stack: string[];
  /** As on the wire: a secret is an object with the secret's signature. */
  inputs: Record<string, unknown>;
}

type Callback = (error: unknown, response?: { getUrn(): string }) => void;
type Request = Record<`get${string}`, () => never>;

/** Runs a program's constructors on Pulumi's mock monitor and says what they registered. Outputs are `<output>:<name>`. */
export async function register<Made>(
  program: () => Made,
  preview = false,
): Promise<{ made: Made; registered: Registered[] }> {
  const newResource = ({ name, inputs }: pulumi.runtime.MockResourceArgs) => ({
    id: name,
    state: { ...inputs, ...outputsOf(name) },
  });
  await pulumi.runtime.setMocks({ newResource, call: ({ inputs }) => inputs }, "project", "stack", preview);
  const registered = recordRequests();
  const result = {} as { made: Made };
  // As a stack output, what the program made is awaited before this returns.
  await pulumi.runtime.runInPulumiStack(async () => ({ made: (result.made = program()) }));
  return { made: result.made, registered };
}

/** The value of an output that is known. */
export const valueOf = <T>(output: pulumi.Output<T>): Promise<pulumi.Unwrap<T>> =>
  new Promise((resolve) => pulumi.output(output).apply((value) => resolve(value as pulumi.Unwrap<T>)));

const outputsOf = (name: string) =>
  Object.fromEntries(
    ["privateKeyPem", "certRequestPem", "certPem", "validityEndTime"].map((output) => [output, `${output}:${name}`]),
  );

interface StackTrace {
  getFramesList(): { getPc(): { getUri(): string } | undefined }[];
}

function recordRequests(): Registered[] {
  const registered: Registered[] = [];
  const monitor = getMonitor() as unknown as { registerResource(request: Request, callback: Callback): unknown };
  const registerResource = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    registerResource(request, (error, response) => {
      if (response) registered.push(described(request, response.getUrn()));
      callback(error, response);
    });
  return registered;
}

const described = (request: Request, urn: string): Registered => ({
  type: request.getType?.() as never,
  name: request.getName?.() as never,
  urn,
  parent: request.getParent?.() as never,
  protect: request.getProtect?.() as never,
  provider: request.getProvider?.() as never,
  dependencies: request.getDependenciesList?.() as never,
  ignoreChanges: request.getIgnorechangesList?.() as never,
  replacementTrigger: (request.getReplacementTrigger?.() as undefined | { toJavaScript(): unknown })?.toJavaScript(),
  stack: (request.getStacktrace?.() as never as StackTrace)
    .getFramesList()
    .flatMap((frame) => frame.getPc()?.getUri() ?? []),
  inputs: (request.getObject?.() as never as { toJavaScript(): Record<string, unknown> }).toJavaScript(),
});
