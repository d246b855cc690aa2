import type { Resource } from "@pulumi/pulumi";
import { RunError, log } from "@pulumi/pulumi";

/** What an `EtcdPki` is called in messages. */
export const pkiSubject = (name: string) => `EtcdPki ${JSON.stringify(name)}`;

/** Ends the program with all problems at once, if there are any, before a resource exists; a RunError shows no stack. */
export function refuse(subject: string, problems: string[]): void {
  if (problems.length === 0) return;
  const lines = problems.map((problem) => `  - ${problem}.`);
  const error = new RunError(
    [`${subject}: ${countOf(problems.length, "problem")} in its arguments.`, ...lines].join("\n"),
  );
  // Pulumi passes every error to util.inspect, which on Node.js 20 never ends with a line such as
  // "at apply (/node_modules/@pulumi/output.ts)" in its stack, as an error thrown in an apply has.
  error.stack = error.message;
  throw error;
}

/** Warns of each thing once. */
export function warn(subject: string, warnings: string[], resource?: Resource): void {
  for (const warning of new Set(warnings)) void log.warn(`${subject}: ${warning}.`, resource);
}

const countOf = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
