import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { logicalName, type Side } from "../naming";
import { firstOf, isKnownOutput, record, withoutDependencies } from "../pulumi";
import { pkiSubject, refuse, refuseLater } from "../refuse";
import { keyIdOf, parsedCertificate } from "../x509";
import type { Authorities, Authority } from "./authority/authority";
import { sidesOf } from "./authority/plan";
import { stagesOf } from "./authority/stages";
import type { InUse, TrustRecord } from "./authority/trust";
import { declaration, stepProblems } from "./authority/trust";
import type { Issued } from "./certificate/issue";
import type { CertificateRecord, IssuedRecord } from "./certificate/reasons";
import { gatewayProblems, gatewayStages } from "./certificate/gateway";
import { renewalReasons, secretHosts, withoutDefaults } from "./certificate/reasons";
import type { CertificatePlan, PkiPlan } from "./plan";

// Two records in the state guard every update: what is trusted, as its first resource, and what was issued, as its last. Each
// is compared with the next one before anything changes, in a preview, too.

const sides: readonly Side[] = ["client", "peer"];

const trustOf = ({ authorities: { client, peer } }: PkiPlan): TrustRecord => ({
  client: client.state,
  peer: peer.state,
});

/** The record of what is trusted, and what an update makes of it. */
export interface TrustStep {
  resource: pulumi.Stash;
  /** What was trusted before, if this update changes it. */
  last?: TrustRecord;
}

/** Declares what this update trusts. No key is made beside a step that it refuses. */
export function recordTrust(plan: PkiPlan, owner: pulumi.Resource): TrustStep {
  const subject = pkiSubject(plan.cluster);
  const update = (last: TrustRecord, next: TrustRecord) => {
    refuseUnreadable(subject, last, next);
    step.last = last;
    const asked = sidesOf(last, next);
    refuseStep(
      subject,
      asked.flatMap((side) => stepProblems(side, last[side], next[side])),
    );
    for (const { words } of asked.flatMap((side) => stagesOf(side, last[side], next[side])))
      void pulumi.log.info(`${subject}: ${words}.`, owner);
  };
  const step: TrustStep = {
    resource: record(logicalName.trust(plan.cluster), trustOf(plan), { update }, { parent: owner }),
  };
  return step;
}

/**
 * Records what the update has done: one that ends halfway leaves the record as it was, and the next stage of a rotation is
 * refused until the one before is complete. From the old record and the new one it says why certificates are issued anew.
 */
export function recordIssued(
  plan: PkiPlan,
  authorities: Authorities,
  issued: Issued[],
  { began, trust }: { began: Date; trust: TrustStep },
  owner: pulumi.Resource,
): void {
  const subject = pkiSubject(plan.cluster);
  const create = async () =>
    refuseStep(subject, nothingIssued(plan, trust, (await firstOf(trust.resource)) as TrustRecord));
  const update = (last: IssuedRecord, next: IssuedRecord) => {
    refuseUnreadable(subject, last.trust, next.trust);
    const asked = sidesOf(last.trust, next.trust);
    const problems = asked.flatMap((side) =>
      stepProblems(side, last.trust[side], next.trust[side], inUse(side, last, plan)),
    );
    refuseStep(subject, problems, ", since the last update did not finish, or left something out");
    refuseStep(subject, gatewayProblems(last, next));
    const reasons = renewalReasons(last, next, { began, now: new Date() });
    for (const reason of [...gatewayStages(last, next), ...reasons, ...newMembers(plan, last, next)])
      void pulumi.log.info(`${subject}: ${reason}.`, owner);
  };
  const keyIds = { client: keyIdsOf(authorities.client), peer: keyIdsOf(authorities.peer) };
  const certificates = issued.map((row) => [
    row.plan.logicalName,
    {
      ...certificateRecord(row, keyIds[row.plan.side]),
      ...(keepsClientUsage(row.plan, plan) && { clientUsage: true }),
    },
  ]);
  // Not one value but many, so that a preview knows all but those that only the update will know.
  const input = { trust: trustOf(plan), certificates: Object.fromEntries(certificates) as Record<string, unknown> };
  record(logicalName.issued(plan.cluster), input, { update, create }, { parent: owner });
}

// Which generation the certificates in use are of stands in this record alone. As long as the first declaration stands, they
// can be of no other.
function nothingIssued(plan: PkiPlan, { last }: TrustStep, first: TrustRecord | undefined): string[] {
  if (first === undefined || isDeepStrictEqual(first, trustOf(plan))) return [];
  const asked = sidesOf(first, first);
  const declared = [
    ...asked.map((side) => declaration(side, first[side])),
    ...(asked.includes("peer") ? [] : ["sharedAuthority: true"]),
  ];
  return [
    `the state has no record of what was issued (${logicalName.issued(plan.cluster)}): no update was complete yet, or the ` +
      `record is lost or to be replaced; so this step cannot be compared with the certificates in use. ` +
      (last !== undefined && isDeepStrictEqual(first, last)
        ? `First declare again what the last update declared (${declared.join(", ")}), and run pulumi up for all, without ` +
          `--target, --exclude and --replace; then take this step`
        : `Put back a state that has it (pulumi stack import). If all that is in use comes from what is declared now, pulumi up ` +
          `--skip-preview --replace '**${logicalName.trust(plan.cluster)}' begins the records anew`),
  ];
}

/** Refuses a stack whose record of trust is gone, since no step could be compared with what was trusted last. */
export function refuseLostRecord(cluster: string, { resource }: TrustStep, { client }: Authorities): void {
  if (!pulumi.runtime.isDryRun()) return;
  const generations = Object.values(client.generations);
  const known = Promise.all([isKnownOutput(resource.id), ...generations.map(({ isInState }) => isInState)]);
  refuseLater(pkiSubject(cluster), pulumi.output(known), ([hasRecord, ...hasGeneration]) =>
    hasRecord || !hasGeneration.some(Boolean)
      ? []
      : [
          `the record of what was trusted last (${logicalName.trust(cluster)}) would be made anew, since it is lost from the ` +
            `state or to be replaced, so no step can be checked. Leave out --replace, or put back a state that has the record ` +
            `(pulumi stack import). If what is declared now is just what was trusted last, pulumi up --skip-preview writes it`,
        ],
  );
}

function refuseStep(subject: string, problems: string[], because = ""): void {
  if (problems.length > 0) throw new Error([`${subject}: this step is refused${because}:`, ...problems].join("\n  - "));
}

// What cannot be read cannot be compared, and what cannot be compared is refused.
function refuseUnreadable(subject: string, ...records: TrustRecord[]): void {
  const isReadable = (trust: TrustRecord | undefined) =>
    sides.every((side) => Array.isArray(trust?.[side]?.generations));
  if (records.every(isReadable)) return;
  refuse(subject, [
    `its record of what is trusted cannot be read, so that this step cannot be checked; take off whatever transforms the ` +
      `inputs of pulumi:index:Stash, or put back a state from before it was changed`,
  ]);
}

/** Certificates that the last update left with another generation than the one that signed then. */
function inUse(side: Side, last: IssuedRecord, plan: PkiPlan): InUse[] {
  const rows = Object.entries(last.certificates).filter(
    ([name, { kind }]) =>
      (kind === "peer") === (side === "peer") && plan.certificates.some(({ logicalName }) => logicalName === name),
  );
  const signers = [...new Set(rows.map(([, { signedBy }]) => signedBy))];
  return signers.map((signer) => ({
    signer,
    paths: rows.filter(([, { signedBy }]) => signedBy === signer).map(([, { path }]) => path),
  }));
}

// A list of names that keeps components off the peer port keeps off a member that is not in it, too.
function newMembers({ hasListOfMembers }: PkiPlan, last: IssuedRecord, next: IssuedRecord): string[] {
  const added = Object.entries(next.certificates)
    .filter(([name, { kind }]) => kind === "member" && last.certificates[name] === undefined)
    .map(([, { path }]) => path);
  const hadMembers = Object.values(last.certificates).some(({ kind }) => kind === "member");
  if (!hasListOfMembers || !hadMembers || added.length === 0) return [];
  return [
    `${added.join(", ")} joins members that accept only the names in their --peer-cert-allowed-cn; first give each running ` +
      `member the longer list of its config and restart it, one at a time, each healthy before the next; then start the new one`,
  ];
}

const keepsClientUsage = ({ kind, usages }: CertificatePlan, { certificates }: PkiPlan) =>
  kind === "member" && usages.includes("client_auth") && certificates.some((row) => row.kind === "gateway");

function certificateRecord(row: Issued, keyIds: KeyIds): Record<string, unknown> {
  const { plan } = row;
  return {
    path: plan.path,
    kind: plan.kind,
    validUntil: withoutDependencies(pulumi.unsecret(row.validUntil)),
    signedBy: withoutDependencies(pulumi.unsecret(signerOf(row, keyIds))),
    ...ingredients(row),
  };
}

/** By the generations' names in the arguments: "client:1" is another one than "1" of the peers' own. */
type KeyIds = pulumi.Output<Record<string, string | undefined>>;

const keyIdsOf = ({ generations }: Authority): KeyIds =>
  pulumi
    .output(Object.fromEntries(Object.entries(generations).map(([name, { certPem }]) => [name, certPem])))
    .apply((pems) => Object.fromEntries(Object.entries(pems).map(([name, pem]) => [name, idOf(pem)])));

const signerOf = ({ caCertPem }: Issued, keyIds: KeyIds): pulumi.Output<string> =>
  pulumi.all([caCertPem, keyIds]).apply(([caCert, ids]) => {
    const key = idOf(caCert);
    return Object.keys(ids).find((name) => key !== undefined && ids[name] === key) ?? "unknown";
  });

const idOf = (certPem: string | undefined) => {
  const certificate = parsedCertificate(certPem);
  return certificate && keyIdOf(certificate);
};

// With one secret in it a record is a secret as a whole, and no reviewer could read it.
function ingredients({ plan, names, lifetime }: Issued): Record<string, unknown> {
  const hosts = names.apply(({ dnsNames, ipAddresses }) => [...dnsNames, ...ipAddresses].join(", "));
  const shownHosts = pulumi.isSecret(hosts).then((secret) => (secret ? secretHosts : withoutDependencies(hosts)));
  const rest = lifetime.apply(({ validityPeriodHours, earlyRenewalHours }) =>
    withoutDefaults(plan.logicalName, {
      keyAlgorithm: plan.keyAlgorithm,
      renewNow: plan.renewNow,
      rotateKey: plan.rotateKey,
      hosts: "",
      validityPeriodHours,
      earlyRenewalHours,
    }),
  );
  const fields: (keyof CertificateRecord)[] = [
    "keyAlgorithm",
    "renewNow",
    "rotateKey",
    "validityPeriodHours",
    "earlyRenewalHours",
  ];
  return {
    ...(plan.certRequestPem === undefined &&
      plan.kind !== "upstream" &&
      plan.kind !== "gateway" && { hosts: shownHosts }),
    ...Object.fromEntries(
      fields.map((field) => [field, withoutDependencies(rest.apply((own) => own[field as keyof typeof own]))]),
    ),
  };
}
