import * as pulumi from "@pulumi/pulumi";
import { now } from "../clock";
import { logicalName } from "../naming";
import type { Issue } from "./certificate";
import type { CertificatePlan } from "./plan";
import { type IssuedRecord, type IssuedRow, renewalReasons } from "./reasons";
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
  const certificates = pulumi.output(Object.fromEntries(issued.map((row) => [labelOf(row.plan), rowOf(row)])));
  const record = pulumi
    .all([trust, certificates, pulumi.all(published)])
    .apply(([trust, certificates]): IssuedRecord => ({ trust, certificates }));
  const compare = (last: IssuedRecord, next: IssuedRecord) => {
    refuseJump(cluster, last.trust, next.trust, "the last update did not finish");
    for (const reason of renewalReasons(last, next, now()))
      void pulumi.log.info(`EtcdPki ${cluster}: ${reason}.`, owner);
  };
  stash(logicalName.issued(cluster), record, compare, { parent: owner });
}

const labelOf = ({ kind, path }: CertificatePlan) => (kind === "upstream" ? `${path}.upstream` : path);

const rowOf = ({ plan, certificate, recipe }: Issued): pulumi.Output<IssuedRow> => {
  const { leafChecksum, validUntil, renewFrom, generation } = certificate;
  return pulumi
    .all([leafChecksum, validUntil, renewFrom, recipe])
    .apply(([leafChecksum, validUntil, renewFrom, { dnsNames, ipAddresses, validityPeriodHours }]) => ({
      leafChecksum,
      generation,
      validUntil,
      renewFrom,
      from: {
        keyAlgorithm: plan.keyAlgorithm,
        renewNow: plan.renewNow,
        rotateKey: plan.rotateKey,
        hosts: [...dnsNames, ...ipAddresses],
        validityPeriodHours,
      },
    }));
};
