import { BlockList, isIP } from "node:net";
import type { Side } from "../../naming";
import { peerDomain } from "../../naming";
import { shown } from "../../shape";
import type { ConstrainedNames, NameConstraints } from "../../x509";
import { certificateTexts, nameConstraintsOf, parsedCertificate } from "../../x509";
import { loopbackHosts } from "../hosts";
import type { CertificatePlan } from "../plan";
import type { AuthorityPlan } from "./plan";
import { existingSigners } from "./plan";

/**
 * What is wrong with hosts beside the name constraints of whoever is to sign them, a sentence each (RFC 5280, 4.2.1.10).
 * Each authority on the way up counts, the root included, as Go and OpenSSL look at all of them.
 *
 * @param pems The certificates of the signer and of everybody above it.
 */
export function constraintProblems(
  path: string,
  hosts: readonly string[],
  pems: string,
  show: (value: unknown) => string = shown,
): string[] {
  return certificateTexts(pems).flatMap((pem) => {
    // A user's own mocks may give any text.
    const constraints = parsedCertificate(pem) && nameConstraintsOf(pem);
    if (!constraints) return [];
    return hosts
      .filter((host) => !isAllowed(host, constraints))
      .map(
        (host) =>
          `${path}: the name constraints of ${nameOf(pem)} do not allow its host ${show(host)} (${inWords(constraints)}), ` +
          `and every handshake with it would fail; ${remedy(host)}`,
      );
  });
}

/** Those of the hosts that the name constraints of a signer and of everybody above it allow. */
export const allowedHosts = (hosts: readonly string[], pems: string): string[] =>
  hosts.filter((host) => constraintProblems("", [host], pems).length === 0);

/** The same problems, as far as hosts and authorities are plain; what is known only later is looked at when it is. */
export function plainConstraintProblems(
  { side, path, hosts, extraHosts }: Pick<CertificatePlan, "side" | "path" | "hosts" | "extraHosts">,
  authorities: Record<Side, AuthorityPlan>,
): string[] {
  const plain = [...(Array.isArray(hosts) ? (hosts as unknown[]) : []), ...extraHosts];
  const pems = existingSigners(authorities, side).flatMap(({ certPem, anchorPem }) => [certPem, anchorPem]);
  return constraintProblems(path, plain.filter(isText), pems.filter(isText).join("\n"));
}

const isText = (value: unknown): value is string => typeof value === "string";

const remedy = (host: string) => {
  const other = "sign with another generation";
  if (host.endsWith(peerDomain))
    return (
      `etcd before 3.5.15 tells members from all others by it, so ${other}; or, if all members run etcd 3.5.15, 3.6.0 or later, ` +
      `say so in etcdVersion, and it is left out`
    );
  return loopbackHosts.includes(host) ? `set loopback: false, or ${other}` : `leave it out, or ${other}`;
};

function isAllowed(host: string, { permitted, excluded }: NameConstraints): boolean {
  const [given, matches] =
    isIP(host) === 0
      ? [permitted.dns, (names: ConstrainedNames) => names.dns.some((name) => isBelow(host, name))]
      : [permitted.networks, (names: ConstrainedNames) => isInNetwork(host, names.networks)];
  return (given.length === 0 || matches(permitted)) && !matches(excluded) && !isWildcardAbove(host, excluded.dns);
}

// A leading dot, as many write it, means whatever is below the name, and not the name itself.
function isBelow(host: string, name: string): boolean {
  const [own, constraint] = [host.toLowerCase(), name.toLowerCase()];
  return constraint.startsWith(".") || constraint === ""
    ? own.endsWith(constraint)
    : own === constraint || own.endsWith(`.${constraint}`);
}

const isWildcardAbove = (host: string, excluded: string[]) =>
  host.startsWith("*.") && excluded.some((name) => isBelow(name, host.slice(1)));

function isInNetwork(host: string, networks: string[]): boolean {
  const list = new BlockList();
  const family = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    list.addSubnet(address, Number(prefix), family(address));
  }
  return list.check(host, family(host));
}

const nameOf = (pem: string) => JSON.stringify(parsedCertificate(pem)?.subject.split("\n").join(", "));

const inWords = ({ permitted, excluded }: NameConstraints) =>
  [["allowed", permitted] as const, ["excluded", excluded] as const]
    .map(([what, { dns, networks }]) => [what, [...dns, ...networks].join(", ")])
    .filter(([, names]) => names !== "")
    .map(([what, names]) => `${what}: ${names}`)
    .join("; ");
