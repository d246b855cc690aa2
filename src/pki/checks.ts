import type { CertificateArgs } from "../args";
import { isDeferred, shown } from "../shape";
import { hostProblem } from "./hosts";
import { leafValidityPeriodHours, longValidityPeriodHours } from "./profiles";

/** What is wrong with a list of hosts, once it is known. */
export const hostsProblems = (path: string, hosts: readonly unknown[]): string[] =>
  hosts.flatMap((host, i) => {
    if (isDeferred(host)) return [];
    if (typeof host !== "string") return [`${path}[${i}] is ${shown(host)}; give a DNS name or an IP address as text`];
    const problem = hostProblem(host);
    return problem === undefined ? [] : [`${path}[${i}]: ${shown(host)} ${problem}`];
  });

/** What is wrong with a certificate's life, once it is known. */
export function lifetimeProblems(path: string, own: CertificateArgs, authority: unknown): string[] {
  const validity = own.validityPeriodHours ?? leafValidityPeriodHours;
  return [
    ...validityProblems(`${path}.validityPeriodHours`, validity),
    ...(isHours(validity) && isHours(authority) && validity > authority
      ? [
          `${path}.validityPeriodHours is ${validity}, longer than the certificate authority's ${authority}; ` +
            `shorten it or lengthen certificateAuthority.validityPeriodHours`,
        ]
      : []),
    ...windowProblems(`${path}.earlyRenewalHours`, own.earlyRenewalHours, validity),
  ];
}

/** What is wrong with a life in hours, if it is known. */
export const validityProblems = (path: string, value: unknown) =>
  !isHours(value) || (Number.isInteger(value) && value > 0)
    ? []
    : [`${path} is ${value}; give a whole number of hours above 0, such as ${leafValidityPeriodHours} for a year`];

/** Warns of a life that is very long. */
export const longLife = (path: string, validity: unknown) =>
  isHours(validity) && validity > longValidityPeriodHours
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

const isHours = (value: unknown): value is number => typeof value === "number";

function windowProblems(path: string, window: unknown, validity: unknown): string[] {
  if (!isHours(window)) return [];
  if (!Number.isInteger(window) || window < 0) return [`${path} is ${window}; give a whole number of hours, 0 or more`];
  if (!isHours(validity) || window < validity) return [];
  return [
    `${path} is ${window}, not below the validity of ${validity} hours, so every update would renew; make it shorter`,
  ];
}

const isAddress = (host: unknown) => typeof host !== "string" || /^[\d.]+$|:/.test(host);
