import { AsyncResource } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateAuthorityArgs } from "./args";
import { logicalName } from "../naming";
import { pkiSubject } from "../refuse";
import { generationNames, keptNames, signingGeneration } from "./certificate-authority";
import type { Trust } from "./trust";
import { jumpProblems, stagesOf } from "./trust";

/** Sees what an update changes in a record before it is changed, in a preview, too. What it throws refuses the update. */
export type Comparison<Recorded> = (last: Recorded, next: Recorded) => void;

/**
 * Declares what this update trusts. The authority depends on it, and so every certificate does: none is touched by an
 * update that it refuses.
 */
export function recordTrust(
  cluster: string,
  args: CertificateAuthorityArgs,
  owner: pulumi.Resource,
): { record: pulumi.Resource; trust: pulumi.Output<Trust> } {
  const trust = retiredNames(cluster, args, owner).apply((retired): Trust => ({
    generations: [...generationNames(args)].sort(),
    signing: signingGeneration(args),
    // What is empty is left out, as the state holds a record thrice.
    ...(keptNames(args).length > 0 && { distrusted: [...keptNames(args)].sort() }),
    ...(retired.length > 0 && { retired }),
  }));
  const compare: Comparison<Trust> = (last, next) => {
    if (!isKnown(next)) return;
    refuseJump(cluster, jumpProblems(last, next));
    for (const { words } of stagesOf(last, next)) void pulumi.log.info(`${pkiSubject(cluster)}: ${words}.`, owner);
  };
  return { record: stash(logicalName.trust(cluster), trust, compare, { parent: owner }), trust };
}

/** Ends the run if this step would break connections. */
export function refuseJump(cluster: string, problems: string[], because = ""): void {
  if (problems.length > 0) throw new Error([`${pkiSubject(cluster)}: ${because}`, ...problems].join("\n  - "));
}

// In the preview of an engine that does not foresee a Stash's output.
export const isKnown = (trust: Trust) => Array.isArray(trust.generations);

/** A value in the state, and a comparison of it with the next one. */
export function stash<Recorded>(
  name: string,
  input: pulumi.Input<unknown>,
  compare: Comparison<Recorded>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Stash {
  const hook = { ...opts, hooks: { beforeUpdate: canHook() ? [comparisonHook(name, compare)] : [] } };
  return new pulumi.Stash(name, { input }, hook);
}

// A Stash keeps its first input as its output for ever. So each generation knows the names that were taken when it came,
// and as one stays through every stage, a retired name is never forgotten.
function retiredNames(cluster: string, args: CertificateAuthorityArgs, owner: pulumi.Resource) {
  const names = [...generationNames(args), ...keptNames(args)];
  let known: pulumi.Output<string[]> = pulumi.output(names);
  for (const name of names) {
    const opts = { parent: owner, ignoreChanges: ["input"] };
    const { output } = new pulumi.Stash(logicalName.generation(cluster, name), { input: known }, opts);
    known = pulumi.all([known, output]).apply(([before, then]) => [...new Set([...before, ...strings(then)])]);
  }
  return known.apply((all) => all.filter((name) => !names.includes(name)).sort());
}

// A user's own mocks may answer with anything.
const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];

// The monitor of unit tests says that it supports hooks, and lacks the call.
const canHook = () =>
  typeof (pulumi.runtime.getMonitor() as { registerResourceHook?: unknown } | undefined)?.registerResourceHook ===
  "function";

function comparisonHook<Recorded>(name: string, compare: Comparison<Recorded>): pulumi.ResourceHook {
  // The engine calls from outside of this program's context, in which a plugin's process finds its engine.
  const inContext = AsyncResource.bind(compare);
  return new pulumi.ResourceHook(
    uniqueHookName(name),
    ({ oldInputs, newInputs }) => {
      const [last, next] = [oldInputs, newInputs].map((inputs) => (inputs as { input?: Recorded } | undefined)?.input);
      // A secret, which only someone else's transform can make of a record, comes as an Output.
      if (last && next && ![last, next].some((record) => pulumi.Output.isInstance(record))) inContext(last, next);
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
