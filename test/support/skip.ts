import type { Context, Suite, Test } from "mocha";

const reasons = new WeakMap<object, string>();

/** Skips the test, or from `before` all tests of its suite, and keeps the reason for the last lines of `npm test`. */
export function skip(context: Context, reason: string): never {
  const test = context.test as Test | undefined;
  const skipped = String(test?.type) === "hook" ? test?.parent : test;
  if (skipped) reasons.set(skipped, reason);
  context.skip();
}

/** The reason that `skip` kept for the test or for a suite around it. */
export function skipReason(skipped: Test | Suite | undefined): string {
  if (!skipped) return "no reason given";
  return reasons.get(skipped) ?? skipReason(skipped.parent);
}
