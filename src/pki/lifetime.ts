import * as pulumi from "@pulumi/pulumi";
import { now } from "../clock";
import { pkiSubject, refuse } from "../refuse";
import type { Generation } from "./certificate-authority";
import { lifetimeProblems } from "./checks";
import type { CertificatePlan } from "./plan";
import type { AuthorityLife } from "./renewal";
import { clampedValidityHours, hoursBetween, staggeredEarlyRenewalHours } from "./renewal";

/** How long a certificate is valid, and when its renewal window opens. */
export interface Lifetime {
  validityPeriodHours: number;
  earlyRenewalHours: number;
}

/** What a certificate's life depends on. */
export interface SigningLife {
  /** How long the authority is valid in all, in hours: known in a preview, too. */
  total: pulumi.Output<number>;
  life: pulumi.Output<AuthorityLife>;
}

/** The life of the generation that signs. It refuses all certificates whose plain hours do not fit into it. */
export function signingLife(cluster: string, plans: CertificatePlan[], signing: Generation): SigningLife {
  const total = signing.validityPeriodHours.apply((hours) => {
    const problems = plans.flatMap((plan) => lifetimeProblems(plan.path, plan, hours));
    refuse(pkiSubject(cluster), problems);
    return hours;
  });
  const life = pulumi
    .all([total, signing.validUntil])
    .apply(([hours, end]) => ({ total: hours, left: hoursBetween(now(), end) ?? hours }));
  return { total, life };
}

/** The life of one certificate. */
export function lifetimeOf(plan: CertificatePlan, { total, life }: SigningLife): pulumi.Output<Lifetime> {
  const { cluster, logicalName, path, validityPeriodHours, earlyRenewalHours } = plan;
  // What is plain is checked by now; an Output more a certificate is memory.
  if (isPlain(validityPeriodHours) && isPlain(earlyRenewalHours))
    return life.apply((left) => within(left, logicalName, validityPeriodHours, earlyRenewalHours));
  const checked = pulumi.all([validityPeriodHours, earlyRenewalHours, total]).apply(([validity, window, hours]) => {
    const own = { validityPeriodHours: validity, earlyRenewalHours: window };
    refuse(pkiSubject(cluster), lifetimeProblems(path, own, hours));
    return { validity, window };
  });
  return pulumi
    .all([life, checked])
    .apply(([left, { validity, window }]) => within(left, logicalName, validity, window));
}

const isPlain = <Value>(value: pulumi.Input<Value>): value is Value & (number | undefined) =>
  value === undefined || typeof value === "number";

function within(authority: AuthorityLife, name: string, validity: number, window: number | undefined): Lifetime {
  const hours = clampedValidityHours(name, validity, authority);
  return {
    validityPeriodHours: hours,
    earlyRenewalHours: window !== undefined && window < hours ? window : staggeredEarlyRenewalHours(name, hours),
  };
}
