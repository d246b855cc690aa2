import type { Output, Resource } from "@pulumi/pulumi";
import { RunError, isSecret, log } from "@pulumi/pulumi";
import type { Show } from "./shape";
import { shown } from "./shape";

/** What an `EtcdPki` is called in messages. */
export const pkiSubject = (name: string) => `EtcdPki ${JSON.stringify(name)}`;

/** Ends the program with all problems at once, if there are any, before a resource exists; a RunError shows no stack. */
export function refuse(subject: string, problems: string[]): void {
  if (problems.length === 0) return;
  const each = [...new Set(problems)];
  const lines = each.map((problem) => `  - ${problem}.`);
  const error = new RunError([`${subject}: ${countOf(each.length, "problem")} in its arguments.`, ...lines].join("\n"));
  // Pulumi passes every error to util.inspect, which on Node.js 20 never ends with a line such as
  // "at apply (/node_modules/@pulumi/output.ts)" in its stack, as an error thrown in an apply has.
  error.stack = error.message;
  throw error;
}

/** Refuses a value once it is known, together with all others that turn out wrong in the same moment. Shows no secret. */
export function refuseLater<Value>(
  subject: string,
  late: Output<Value>,
  problemsOf: (value: Value, show: Show) => string[],
): Output<Value> {
  const secret = isSecret(late);
  const looked = late.apply(async (value) => {
    const show = (await secret) ? () => "[secret]" : shown;
    await refuseTogether(subject, problemsOf(value as Value, show));
    return value;
  });
  return looked as Output<Value>;
}

// As one error, which Pulumi prints once and which ends the program. It reaches no output: with Pulumi's inspector session, V8
// walks all paths from a rejected promise to whoever handles it, and through outputs that are made of outputs they are too many
// to ever end. So what depends on a refused value just stays undone.
async function refuseTogether(subject: string, problems: string[]): Promise<void> {
  if (problems.length === 0) return;
  const refusal = refusals.get(subject) ?? { problems: [], end: endOf(subject) };
  refusals.set(subject, refusal);
  refusal.problems.push(...problems);
  return new Promise(() => undefined);
}

const refusals = new Map<string, { problems: string[]; end: Promise<void> }>();

async function endOf(subject: string): Promise<void> {
  await new Promise(setImmediate);
  const problems = refusals.get(subject)?.problems ?? [];
  refusals.delete(subject);
  refuse(subject, problems);
}

/** Warns of each thing once. */
export function warn(subject: string, warnings: string[], resource?: Resource): void {
  for (const warning of new Set(warnings)) void log.warn(`${subject}: ${warning}.`, resource);
}

const countOf = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
