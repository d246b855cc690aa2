import { hoursAfter } from "../../pki/lifetime";
import { commonNameOf, hostsOf, issuerNameOf, keyIdOf, partOf, signerOf, usagesOf } from "../../x509";
import { rfc3339 } from "../../x509";
import type { Found, KnownToStack } from "./sources";

/** What the report says about one certificate, wherever it was found. */
export interface CertificateFacts {
  /** The name of its `EtcdPki`, if a stack tells it; else empty. */
  cluster: string;
  /** Its kind as the stack knows it; else `authority`, or its usages: `server`, `client`, `client+server`, `any`. */
  kind: string;
  /** The identity's name as the stack knows it; else its common name. */
  identity: string;
  /** Its common name, which is its user of etcd's; empty if it has none. */
  commonName: string;
  /** Hexadecimal. */
  serialNumber: string;
  /** SHA-256 of the certificate, hexadecimal with colons. */
  fingerprint: string;
  /** The common name of who signed it. */
  signedBy: string;
  hosts: string[];
  /** RFC 3339. */
  notBefore: string;
  /** RFC 3339. */
  notAfter: string;
  /** When its renewal window opens, RFC 3339. Only the stack knows that. */
  renewFrom?: string;
  /** Where it was found. */
  sources: string[];
}

/** One certificate with everything that was found of it. */
export interface Joined {
  facts: CertificateFacts;
  found: [Found, ...Found[]];
  /** What its owner has of it in several places: cluster, name and usages. Nothing where its authority is not known. */
  group?: string;
}

/**
 * Joins what was found by fingerprint and leaves out strangers, since a certificate belongs to a cluster by signature and
 * not by name: of a Secret without our label it counts only if an authority signed it that the stack, a file or a Secret
 * of ours holds.
 */
export function join(found: Found[], all: boolean): { joined: Joined[]; strangers: number } {
  const named = found.filter(({ perhapsStrange }) => !perhapsStrange);
  // What a live server shows is what is to be judged, not what it is judged by.
  const authorities = named.filter(({ certificate, place }) => certificate.ca && place !== "endpoint");
  const trusted = authorities.map(({ certificate }) => certificate);
  const ours = ({ certificate, perhapsStrange }: Found) =>
    !perhapsStrange || isAmong(certificate, trusted) || signerOf(certificate, trusted) !== undefined;
  const shown = all ? found : found.filter(ours);
  const clusterOf = new Map(
    authorities.flatMap(({ certificate, known }) => (known ? [[keyIdOf(certificate), known.urn]] : [])),
  );
  const byFingerprint = new Map<string, [Found, ...Found[]]>();
  for (const each of shown) {
    const same = byFingerprint.get(each.certificate.fingerprint256);
    if (same) same.push(each);
    else byFingerprint.set(each.certificate.fingerprint256, [each]);
  }
  const joined = [...byFingerprint.values()].map((same): Joined => {
    const known = same.find((each) => each.known)?.known;
    const group = groupOf(same[0], trusted, clusterOf);
    return { facts: factsOf(same, known), found: same, ...(group !== undefined && { group }) };
  });
  return { joined, strangers: new Set(found.filter((each) => !ours(each)).map(fingerprint)).size };
}

type Certificate = Found["certificate"];

const fingerprint = ({ certificate }: Found) => certificate.fingerprint256;

const isAmong = (certificate: Certificate, others: Certificate[]) =>
  others.some(({ fingerprint256 }) => fingerprint256 === certificate.fingerprint256);

function groupOf({ certificate }: Found, authorities: Certificate[], clusterOf: Map<string, string>) {
  const signer = certificate.ca ? undefined : signerOf(certificate, authorities);
  if (signer === undefined) return undefined;
  const key = keyIdOf(signer);
  return [clusterOf.get(key) ?? key, commonNameOf(certificate), ...usagesOf(certificate)].join("\0");
}

function factsOf(found: [Found, ...Found[]], known: KnownToStack | undefined): CertificateFacts {
  const { certificate } = found[0];
  const { subject, serialNumber, fingerprint256, validFrom, validTo } = certificate;
  const notAfter = rfc3339(validTo);
  const early = certificate.ca ? undefined : known?.earlyRenewalHours;
  return {
    cluster: known?.cluster ?? "",
    kind: certificate.ca ? "authority" : (known?.kind ?? usagesOf(certificate).join("+")),
    identity: known?.identity ?? (commonNameOf(certificate) || partOf(subject, "serialNumber")),
    commonName: commonNameOf(certificate),
    serialNumber,
    fingerprint: fingerprint256,
    signedBy: issuerNameOf(certificate),
    hosts: hostsOf(certificate),
    notBefore: rfc3339(validFrom),
    notAfter,
    ...(early !== undefined && { renewFrom: hoursAfter(notAfter, -early) as string }),
    sources: [...new Set(found.map(({ source }) => source))],
  };
}
