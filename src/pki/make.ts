import * as pulumi from "@pulumi/pulumi";
import type { EtcdPkiArgs } from "./args";
import { lookedAt, pkiSubject } from "../refuse";
import type { Issue } from "./certificate";
import { issueCertificate } from "./certificate";
import type { CertificateAuthority } from "./certificate-authority";
import { announceEnd, makeCertificateAuthority } from "./certificate-authority";
import { recordIssued } from "./issued-record";
import { checkedAuthority, checkedLate } from "./late";
import { signingLife } from "./lifetime";
import type { CertificatePlan } from "./plan";
import { recordTrust } from "./trust-record";

/** A row of the plan, and what becomes of it. */
export interface IssuedLater {
  plan: CertificatePlan;
  issue: Promise<Issue>;
}

/** What is made after the constructor that asks for it. */
export interface MadeLater {
  authority: Promise<CertificateAuthority>;
  issued: IssuedLater[];
  /** All is made. */
  done: Promise<void>;
}

/**
 * Makes everything of `@pulumi/tls`, between the record of what is trusted and that of what was issued. Each step is a
 * promise's, and so has a short call stack: the engine stores the stack with every resource, and with the program's own
 * below each, the state would be a tenth larger.
 */
export function makePki(
  cluster: string,
  args: EtcdPkiArgs,
  plans: CertificatePlan[],
  owner: pulumi.Resource,
): MadeLater {
  const declared = args.certificateAuthority ?? {};
  const certificateAuthority = checkedAuthority(cluster, declared, plans);
  const rows = plans.map((plan) => checkedLate(plan, declared));
  const child = { parent: owner };
  const trusted = lookedAt(pkiSubject(cluster)).then(() => recordTrust(cluster, certificateAuthority, owner));
  const authority = trusted.then(({ record }) =>
    makeCertificateAuthority(cluster, certificateAuthority, record, child),
  );
  const life = authority.then(({ signing }) => signingLife(cluster, rows, signing));
  const accepted = trusted.then(({ record }) => registered(record));
  const issued = rows.map((plan) => {
    const issue = Promise.all([authority, life, accepted]).then(([{ signing }, left]) =>
      issueCertificate(plan, signing, left, child),
    );
    return { plan, issue };
  });
  const done = Promise.all([trusted, authority, ...issued.map(({ issue }) => issue)]).then(
    ([{ trust }, signer, ...issues]) => {
      announceEnd(pkiSubject(cluster), signer, owner);
      const made = rows.map((plan, i) => ({ plan, issue: issues[i] as Issue }));
      recordIssued(cluster, trust, signer, made, owner);
    },
  );
  return { authority, issued, done };
}

// The engine has taken it: no key is made beside a record that it refuses. A dependency of each key would say the same,
// and be stored with each.
const registered = (resource: pulumi.Resource) => new Promise((resolve) => resource.urn.apply(resolve));
