import * as pulumi from "@pulumi/pulumi";
import { now } from "../clock";
import { pkiSubject, refuseLater } from "../refuse";
import type { Generation } from "./certificate-authority";
import { outlivingGenerationProblems } from "./checks";
import { isPlain } from "./late";
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
  /** The generation that signs. */
  name: string;
  /** How long it is valid in all, in hours: known in a preview, too. */
  total: pulumi.Output<number>;
  life: pulumi.Output<AuthorityLife>;
}

/** The life of the generation that signs. It refuses all certificates whose plain hours do not fit into it. */
export function signingLife(cluster: string, plans: CertificatePlan[], signing: Generation): SigningLife {
  const { name, validUntil } = signing;
  const total = refuseLater(pkiSubject(cluster), signing.validityPeriodHours, (hours, show) =>
    plans.flatMap((plan) => outlivingGenerationProblems(plan.path, plan.validityPeriodHours, { name, hours }, show)),
  );
  const life = pulumi
    .all([total, validUntil])
    .apply(([hours, end]) => ({ total: hours, left: hoursBetween(now(), end) ?? hours }));
  return { name, total, life };
}

/** The life of one certificate. */
export function lifetimeOf(plan: CertificatePlan, { name, total, life }: SigningLife): pulumi.Output<Lifetime> {
  const { cluster, logicalName, path, validityPeriodHours, earlyRenewalHours } = plan;
  // What is plain fits by now; an Output more a certificate is memory.
  if (typeof validityPeriodHours === "number" && isPlain(earlyRenewalHours))
    return life.apply((left) => within(left, logicalName, validityPeriodHours, earlyRenewalHours));
  const all = pulumi.all([validityPeriodHours, earlyRenewalHours, total]);
  const fitting = refuseLater(pkiSubject(cluster), all, ([validity, , hours], show) =>
    outlivingGenerationProblems(path, validity, { name, hours }, show),
  );
  return pulumi.all([life, fitting]).apply(([left, [validity, window]]) => within(left, logicalName, validity, window));
}

function within(authority: AuthorityLife, name: string, validity: number, window: number | undefined): Lifetime {
  const hours = clampedValidityHours(name, validity, authority);
  return {
    validityPeriodHours: hours,
    earlyRenewalHours: window !== undefined && window < hours ? window : staggeredEarlyRenewalHours(name, hours),
  };
}
