import { AsyncResource } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import { unknown } from "@pulumi/pulumi/output";
import { getMonitor } from "@pulumi/pulumi/runtime/settings";

// Every use of what Pulumi has at run time and does not declare. test/unit/pulumi.test.ts fails when Pulumi changes it.

interface Internals<Value> {
  isKnown: Promise<boolean>;
  promise(withUnknowns?: boolean): Promise<Value>;
}

const internalsOf = <Value>(output: pulumi.Output<Value>) => output as unknown as Internals<Value>;

/** Whether a value is known: in a preview, what only the update will make is not. */
export const isKnownOutput = (output: pulumi.Output<unknown>): Promise<boolean> => internalsOf(output).isKnown;

/** A value, or what stands for it in a preview that cannot know it yet. A secret stays one. */
export const knownOr = <Value>(output: pulumi.Output<Value>, instead: Value): pulumi.Output<Value> => {
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

/** A value in the state, and a comparison of it with the next one before it changes. */
export function record<Recorded>(
  name: string,
  input: pulumi.Input<unknown>,
  compare: Comparison<Recorded>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Stash {
  const beforeUpdate = canHook() ? [comparisonHook(name, compare)] : [];
  return new pulumi.Stash(name, { input }, { ...opts, hooks: { beforeUpdate } });
}

// The monitor of unit tests (runtime.setMocks) says that it has hooks and has none.
const canHook = () =>
  typeof (getMonitor() as { registerResourceHook?: unknown } | undefined)?.registerResourceHook === "function";

function comparisonHook<Recorded>(name: string, compare: Comparison<Recorded>) {
  // The engine calls it from outside this program's run, in which alone Pulumi knows where to log.
  const inThisRun = AsyncResource.bind((last: Recorded, next: Recorded) => compare(last, next));
  return new pulumi.ResourceHook(
    uniqueHookName(name),
    async ({ oldInputs, newInputs }) => {
      // A policy that makes all inputs secret hands them over as outputs: they are opened, and the guard still sees.
      const [last, next] = await Promise.all([opened(oldInputs), opened(newInputs)]);
      inThisRun(last as Recorded, next as Recorded);
    },
    { onDryRun: true },
  );
}

// Hook names are shared by the whole program, resource names only by the children of one parent.
const hookNames = new Map<string, number>();
function uniqueHookName(name: string): string {
  const count = (hookNames.get(name) ?? 0) + 1;
  hookNames.set(name, count);
  return count === 1 ? name : `${name}-${count}`;
}

const opened = async (inputs: unknown): Promise<unknown> => {
  const output = pulumi.output((inputs as { input: unknown }).input);
  return internalsOf(output).promise(true);
};
