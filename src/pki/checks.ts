import type { Show } from "../shape";
import { isDeferred, shown } from "../shape";
import { hostProblem } from "./hosts";
import type { CertificatePlan } from "./plan";
import { leafValidityPeriodHours, longValidityPeriodHours, profiles } from "./profiles";

// The rules for values, plain or known only later. What is not known yet passes.

/** What is wrong with a certificate's hosts. */
export function hostsProblems(
  { kind, path }: Pick<CertificatePlan, "kind" | "path">,
  hosts: unknown,
  show: Show = shown,
): string[] {
  const at = `${path}.hosts`;
  if (isDeferred(hosts)) return [];
  if (!Array.isArray(hosts)) return [`${at} is ${show(hosts)}; give a list, such as [...]`];
  const serves = profiles[kind].extendedUsages.includes("server_auth");
  if (serves && hosts.length === 0)
    return [`${at} is empty; name every DNS name and IP address by which it is reached`];
  return hosts.flatMap((host: unknown, i) => {
    if (isDeferred(host)) return [];
    if (typeof host !== "string") return [`${at}[${i}] is ${show(host)}; give a DNS name or an IP address as text`];
    const problem = hostProblem(host);
    return problem === undefined ? [] : [`${at}[${i}]: ${show(host)} ${problem}`];
  });
}

/** What is wrong with a certificate's life and its renewal window. */
export const lifetimeProblems = (path: string, validity: unknown, window: unknown, show: Show = shown): string[] => [
  ...validityProblems(`${path}.validityPeriodHours`, validity, show),
  ...windowProblems(`${path}.earlyRenewalHours`, window, validity, show),
];

/** What is wrong with an authority's life. */
export const authorityProblems = (validity: unknown, show: Show = shown) =>
  validityProblems("certificateAuthority.validityPeriodHours", validity, show);

/** What is wrong with a life that is longer than its authority's. */
export const outlivingProblems = (path: string, validity: unknown, authority: unknown, show: Show = shown) =>
  outlives(validity, authority)
    ? [
        `${path}.validityPeriodHours is ${show(validity)}, longer than the certificate authority's ${show(authority)}; ` +
          `shorten it or lengthen certificateAuthority.validityPeriodHours`,
      ]
    : [];

/** The same where the authority exists already: no argument lengthens its life. */
export const outlivingGenerationProblems = (
  path: string,
  validity: unknown,
  { name, hours }: { name: string; hours: unknown },
  show: Show = shown,
) =>
  outlives(validity, hours)
    ? [
        `${path}.validityPeriodHours is ${show(validity)}, longer than the ${show(hours)} of generation ` +
          `${JSON.stringify(name)}, which signs and keeps the life that it was made with; shorten it, or add a ` +
          `generation to certificateAuthority.generations and, in the update after that, sign with it`,
      ]
    : [];

/** Warns of a life that is very long. */
export const longLife = (path: string, validity: unknown) =>
  isLife(validity) && validity > longValidityPeriodHours
    ? [
        `${path}.validityPeriodHours is ${validity}: a lost key stays useful for that long; a year ` +
          `(${leafValidityPeriodHours}) with renewal by pulumi up is safer`,
      ]
    : [];

/** Warns of a member that only a reverse lookup can tell: peers are checked by address (etcd, "Transport security model"). */
export const namesOnly = (path: string, hosts: unknown) =>
  !Array.isArray(hosts) || hosts.length === 0 || hosts.some(isAddress)
    ? []
    : [
        `${path}.hosts has DNS names only: etcd checks a peer by the address it connects from, and DNS names need a ` +
          `working reverse lookup; add its IP address`,
      ];

const isWhole = (value: unknown): value is number => Number.isInteger(value);
const isLife = (value: unknown): value is number => isWhole(value) && value > 0;

const outlives = (validity: unknown, authority: unknown) =>
  isLife(validity) && isLife(authority) && validity > authority;

const validityProblems = (path: string, value: unknown, show: Show) =>
  isDeferred(value) || isLife(value)
    ? []
    : [
        `${path} is ${show(value)}; give a whole number of hours above 0, such as ${leafValidityPeriodHours} for a year`,
      ];

function windowProblems(path: string, window: unknown, validity: unknown, show: Show): string[] {
  if (window === undefined || isDeferred(window)) return [];
  if (!isWhole(window) || window < 0) return [`${path} is ${show(window)}; give a whole number of hours, 0 or more`];
  if (!isLife(validity) || window < validity) return [];
  return [
    `${path} is ${show(window)}, not below the validity of ${show(validity)} hours, so every update would renew; make it shorter`,
  ];
}

const isAddress = (host: unknown) => typeof host !== "string" || /^[\d.]+$|:/.test(host);
