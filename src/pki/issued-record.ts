import * as pulumi from "@pulumi/pulumi";
import { now } from "../clock";
import { logicalName } from "../naming";
import { pkiSubject } from "../refuse";
import type { Issue } from "./certificate";
import type { CertificateAuthority } from "./certificate-authority";
import type { CertificatePlan } from "./plan";
import type { IssuedRecord } from "./reasons";
import { renewalReasons, secretIngredients } from "./reasons";
import type { Trust } from "./trust";
import { jumpProblems, leftOutProblems } from "./trust";
import { isKnown, refuseJump, stash } from "./trust-record";

/** A row of the plan, and what became of it. */
export interface Issued {
  plan: CertificatePlan;
  issue: Issue;
}

/**
 * Records what the update has done, as its last resource: an update that ends halfway leaves the record as it was, and the
 * next stage of a rotation is refused until the one before is complete. From the old record and the new one it says why
 * certificates are issued anew.
 */
export function recordIssued(
  cluster: string,
  trust: pulumi.Output<Trust>,
  authority: CertificateAuthority,
  issued: Issued[],
  owner: pulumi.Resource,
): void {
  const began = now();
  const paths = byName(issued, ({ plan }) => labelOf(plan));
  const compare = (last: IssuedRecord, next: IssuedRecord) => {
    if (!isKnown(next.trust)) return;
    refuseJump(cluster, jumpProblems(last.trust, next.trust), "the last update did not finish");
    refuseJump(cluster, leftOutProblems(last.leftOut ?? [], last.trust, next.trust));
    for (const reason of renewalReasons(last, next, paths, began))
      void pulumi.log.info(`${pkiSubject(cluster)}: ${reason}.`, owner);
  };
  // Not one value but many, so that a preview knows all but those that only the update will know.
  const record = {
    trust: alone(trust),
    validUntil: byName(issued, ({ issue: { validUntil } }) => unlessSecret(validUntil, pulumi.unsecret)),
    madeFrom: byName(issued, ({ issue }) => unlessSecret(issue.madeFrom, () => secretIngredients)),
    leftOut: leftOut(authority, issued),
  };
  stash(logicalName.issued(cluster), record, compare, { parent: owner });
}

// With one secret in it a record is a secret as a whole, and no comparison could look into it.
const unlessSecret = async <Value, Instead>(
  value: pulumi.Output<Value>,
  instead: (secret: pulumi.Output<Value>) => pulumi.Output<Value> | Instead,
) => {
  const shown = (await pulumi.isSecret(value)) ? instead(value) : value;
  return pulumi.Output.isInstance(shown) ? alone(shown) : shown;
};

// A known value without what it depends on. The engine would store that twice for each certificate, and where --exclude
// leaves out a certificate that was never made, it would save a state that it then refuses to load.
async function alone<Value>(output: pulumi.Output<Value>) {
  // Public at run time only. What is unknown in an update has failed, and so must whatever depends on it.
  const { isKnown } = output as { isKnown?: Promise<boolean> };
  return (await isKnown) ? new Promise((resolve) => output.apply(resolve)) : output;
}

// Nothing is left out where only one generation can have signed.
function leftOut({ generations, signing }: CertificateAuthority, issued: Issued[]) {
  if (generations.length < 2) return undefined;
  const signers = pulumi.all(issued.map(({ issue }) => issue.caCertPem));
  const labels = pulumi.all([signing.certPem, signers]).apply(([own, all]) => {
    const others = issued.filter((_, i) => all[i] !== own).map(({ plan }) => labelOf(plan));
    return others.length > 0 ? others.sort() : undefined;
  });
  return alone(pulumi.unsecret(labels));
}

const byName = <Value>(issued: Issued[], value: (row: Issued) => Value): Record<string, Value> =>
  Object.fromEntries(issued.map((row) => [row.plan.logicalName, value(row)]));

const labelOf = ({ kind, path }: CertificatePlan) => (kind === "upstream" ? `${path}.upstream` : path);
