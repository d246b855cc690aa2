import * as pulumi from "@pulumi/pulumi";
import { now } from "../clock";
import { logicalName } from "../naming";
import type { Issue } from "./certificate";
import type { CertificatePlan } from "./plan";
import type { IssuedRecord } from "./reasons";
import { renewalReasons } from "./reasons";
import type { Trust } from "./trust";
import { refuseJump, stash } from "./trust-record";

/** A row of the plan, and what became of it. */
export interface Issued extends Issue {
  plan: CertificatePlan;
}

/**
 * Records what the update has done, as its last resource: an update that ends halfway leaves the record as it was, and the
 * next stage of a rotation is refused until the one before is complete. From the old record and the new one it says why
 * certificates are issued anew.
 *
 * @param published What must be out before the update is complete.
 */
export function recordIssued(
  cluster: string,
  trust: pulumi.Output<Trust>,
  issued: Issued[],
  published: pulumi.Input<unknown>[],
  owner: pulumi.Resource,
): void {
  const certificates = Object.fromEntries(issued.map((row) => [labelOf(row.plan), rowOf(row)]));
  const compare = (last: IssuedRecord, next: IssuedRecord) => {
    refuseJump(cluster, last.trust, next.trust, "the last update did not finish");
    for (const reason of renewalReasons(last, next, now()))
      void pulumi.log.info(`EtcdPki ${cluster}: ${reason}.`, owner);
  };
  // Not one value but many, so that a preview knows all but those that only the update will know.
  const record = { trust, certificates, published: pulumi.all(published).apply(() => true) };
  stash(logicalName.issued(cluster), record, compare, { parent: owner });
}

const labelOf = ({ kind, path }: CertificatePlan) => (kind === "upstream" ? `${path}.upstream` : path);

const rowOf = ({ plan, certificate, recipe }: Issued) => ({
  leafChecksum: certificate.leafChecksum,
  generation: certificate.generation,
  validUntil: certificate.validUntil,
  renewFrom: certificate.renewFrom,
  from: {
    keyAlgorithm: plan.keyAlgorithm,
    renewNow: plan.renewNow,
    rotateKey: plan.rotateKey,
    ...recipe,
  },
});
