import * as pulumi from "@pulumi/pulumi";
import type { CertificateAuthorityArgs } from "./args";
import { pkiSubject, refuseLater } from "../refuse";
import type { Show } from "../shape";
import { authorityProblems, hostsProblems, lifetimeProblems, outlivingProblems } from "./checks";
import type { CertificatePlan } from "./plan";
import { authorityValidityPeriodHours } from "./profiles";

// Some values are known only during the update, as a virtual machine's address is. What is plain was checked with the
// arguments, and stays as it is: an Output more a certificate is memory.

/** A row of the plan whose late values pass, once they are known, the rules that plain ones have passed. */
export function checkedLate(plan: CertificatePlan, authority: CertificateAuthorityArgs): CertificatePlan {
  return { ...plan, hosts: lateHosts(plan), ...lateHours(plan, authority) };
}

/** The same for the authority, with the plain lives that it must cover. */
export function checkedAuthority(
  cluster: string,
  args: CertificateAuthorityArgs,
  plans: CertificatePlan[],
): CertificateAuthorityArgs {
  const { validityPeriodHours } = args;
  if (isPlain(validityPeriodHours)) return args;
  const problems = (hours: number, show: Show) => [
    ...authorityProblems(hours, show),
    ...plans.flatMap((plan) => outlivingProblems(plan.path, plan.validityPeriodHours, hours, show)),
  ];
  return {
    ...args,
    validityPeriodHours: refuseLater(pkiSubject(cluster), pulumi.output(validityPeriodHours), problems),
  };
}

function lateHosts(plan: CertificatePlan): CertificatePlan["hosts"] {
  const { cluster, hosts } = plan;
  if (Array.isArray(hosts) && hosts.every((host) => typeof host === "string")) return hosts;
  return refuseLater(pkiSubject(cluster), pulumi.output(hosts), (known, show) => hostsProblems(plan, known, show));
}

function lateHours(plan: CertificatePlan, authority: CertificateAuthorityArgs) {
  const { cluster, path, validityPeriodHours, earlyRenewalHours } = plan;
  if (isPlain(validityPeriodHours) && isPlain(earlyRenewalHours)) return {};
  const total = authority.validityPeriodHours ?? authorityValidityPeriodHours;
  const all = pulumi.all([validityPeriodHours, earlyRenewalHours, total]);
  const life = refuseLater(pkiSubject(cluster), all, ([validity, window, limit], show) => [
    ...lifetimeProblems(path, validity, window, show),
    ...outlivingProblems(path, validity, limit, show),
  ]);
  return {
    validityPeriodHours: life.apply(([validity]) => validity),
    earlyRenewalHours: life.apply(([, window]) => window as number),
  };
}

/** Known when the program runs. */
export const isPlain = (hours: pulumi.Input<number> | undefined): hours is number | undefined =>
  hours === undefined || typeof hours === "number";
