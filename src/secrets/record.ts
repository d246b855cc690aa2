import type * as pulumi from "@pulumi/pulumi";
import { isDryRun } from "@pulumi/pulumi/runtime";
import { isKnownOutput, record, withoutDependencies } from "../pulumi";
import type { Published } from "./published";
import { stepProblems } from "./published";

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
  const compare = (last: unknown, next: unknown) => {
    if (!isRecord(last) || !isRecord(next))
      throw new Error(
        `${subject}: the record ${name} cannot be read, and without it no step of a rotation can be checked; leave resources ` +
          `of the type pulumi:index:Stash as they are.`,
      );
    const problems = stepProblems(last, next);
    if (problems.length > 0) throw new Error([`${subject}: this update is refused.`, ...problems].join("\n  - "));
  };
  const input = mapValues(published, ({ made, ...held }) => ({
    ...mapValues(held, withoutDependencies),
    made: made && isMade(made),
  }));
  record(name, input, { update: compare }, { parent: owner });
}

const mapValues = <From, To>(values: Record<string, From>, to: (value: From) => To) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, to(value)]));

// Of a Secret that --exclude leaves out and that was never made, an update knows all but its id.
async function isMade(made: pulumi.Output<unknown>): Promise<unknown> {
  const known = await isKnownOutput(made);
  return known || !isDryRun() ? known : withoutDependencies(made);
}

const isRecord = (value: unknown): value is Published => typeof value === "object" && value !== null;
