import * as pulumi from "@pulumi/pulumi";
import type { Published } from "./published";
import { stepProblems } from "./published";

// To be shared with the records of src/pki: the Stash with its hook, and what asks Pulumi more than it tells.

/**
 * Records what every Secret holds, as the last resource, out of the Secrets' own outputs: one that an update left out is
 * recorded as it was. The next update is compared with it, in its preview, too.
 */
export function recordPublished(
  subject: string,
  name: string,
  published: Record<string, Record<string, pulumi.Output<unknown>>>,
  owner: pulumi.Resource,
): void {
  const hooks = { beforeUpdate: isUnderMocks() ? [] : [comparison(subject, name)] };
  const input = mapValues(published, ({ made, ...held }) => ({
    ...mapValues(held, alone),
    made: made && isMade(made),
  }));
  new pulumi.Stash(name, { input }, { parent: owner, hooks });
}

const mapValues = <From, To>(record: Record<string, From>, to: (value: From) => To) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(value)]));

// A known value without what it depends on. Where --exclude leaves out a Secret that was never made, the engine would save a
// state with this dependency that it then refuses to load.
async function alone<Value>(output: pulumi.Output<Value>) {
  return (await isKnown(output)) ? new Promise((resolve) => output.apply(resolve)) : output;
}

// Of a Secret that is left out like that an update knows all but its id.
async function isMade(made: pulumi.Output<unknown>) {
  const known = await isKnown(made);
  return known || !pulumi.runtime.isDryRun() ? known : made;
}

// Public at run time only.
const isKnown = async (output: unknown) => (await (output as { isKnown?: Promise<boolean> }).isKnown) === true;

/** In a program's own unit tests any text may stand for a certificate, and their monitor lacks hooks. */
export const isUnderMocks = () =>
  typeof (pulumi.runtime.getMonitor() as { registerResourceHook?: unknown } | undefined)?.registerResourceHook !==
  "function";

function comparison(subject: string, name: string): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    uniqueHookName(name),
    ({ oldInputs, newInputs }) => {
      const [last, next] = [oldInputs, newInputs].map((inputs) => (inputs as { input?: unknown } | undefined)?.input);
      if (!isRecord(last) || !isRecord(next))
        throw new Error(
          `${subject}: the record ${name} cannot be read, as when a transformation makes it a secret, and without it no step ` +
            `of a rotation can be checked; leave resources of the type pulumi:index:Stash as they are.`,
        );
      const problems = stepProblems(last, next);
      if (problems.length > 0) throw new Error([`${subject}: this update is refused.`, ...problems].join("\n  - "));
    },
    { onDryRun: true },
  );
}

const isRecord = (value: unknown): value is Published =>
  typeof value === "object" && value !== null && !pulumi.Output.isInstance(value);

// Hook names are shared by the whole program, resource names only by the children of one parent.
const hookNames = new Map<string, number>();
function uniqueHookName(name: string): string {
  const count = (hookNames.get(name) ?? 0) + 1;
  hookNames.set(name, count);
  return count === 1 ? name : `${name}-${count}`;
}
