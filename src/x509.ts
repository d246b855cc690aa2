import { X509Certificate, createHash, createPrivateKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { isIPv6 } from "node:net";

// The one place that reads a certificate.

const pemBlocks = /-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----[^-]*-----END (X509 |TRUSTED )?CERTIFICATE-----/g;

/** SHA-256 of a text, hexadecimal. There is none where a user's own mocks answer with nothing. */
export const checksum = (text: string | undefined) =>
  createHash("sha256")
    .update(text ?? "")
    .digest("hex");

/** The certificates in a PEM text, without what stands around them. Each ends with a line break. */
export const certificateTexts = (pem: string): string[] =>
  (pem.match(pemBlocks) ?? []).map((one) => `${one.replace(/\r/g, "")}\n`);

/** The first certificate of a PEM text; nothing if it has none that can be read, as a mock's answer has not. */
export function parsedCertificate(pem: string | undefined): X509Certificate | undefined {
  try {
    return new X509Certificate(pem ?? "");
  } catch {
    return undefined;
  }
}

/** An authority that was not made here, as the state keeps it. */
export interface AuthorityPems {
  /** Its certificate, and after it whoever issued it. */
  certPem: string;
  /** The root above it, where that is what is trusted. */
  anchorPem?: string;
}

/** What certificate files carry after a certificate of an authority's: itself and its issuers, if it is an intermediate. */
export function issuersIn(certPem: string): string {
  const all = certificateTexts(certPem);
  const first = parsedCertificate(all[0]);
  return first && first.checkIssued(first) ? "" : all.join("");
}

/** The serial number of a certificate, hexadecimal; empty if the text is none. */
export const serialNumberOf = (certPem: string): string => parsedCertificate(certPem)?.serialNumber ?? "";

/** When a certificate ends, RFC 3339; nothing if the text is none. */
export function endOf(certPem: string | undefined): string | undefined {
  const end = parsedCertificate(certPem)?.validTo;
  return end === undefined ? undefined : rfc3339(end);
}

/** How long a certificate is valid in all, in hours. */
export function validityHoursOf(certPem: string): number | undefined {
  const certificate = parsedCertificate(certPem);
  if (!certificate) return undefined;
  return (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 3_600_000;
}

/** What a key is told by, whatever form it has: SHA-256 of its public half (SubjectPublicKeyInfo), hexadecimal. */
export function keyIdOf(certificateOrKey: X509Certificate | KeyObject): string {
  const key = certificateOrKey instanceof X509Certificate ? certificateOrKey.publicKey : certificateOrKey;
  const spki = key.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex");
}

/** Whether a private key is that of a certificate. Nothing if one of the two cannot be read. */
export function isKeyOf(privateKeyPem: string, certPem: string): boolean | undefined {
  const certificate = parsedCertificate(certPem);
  const key = parsedKey(privateKeyPem);
  return certificate && key && certificate.checkPrivateKey(key);
}

/** A private key, if the text is one that is not encrypted. */
export function parsedKey(privateKeyPem: string): KeyObject | undefined {
  try {
    return createPrivateKey(privateKeyPem);
  } catch {
    return undefined;
  }
}

/** A time as OpenSSL prints it, in RFC 3339. */
export const rfc3339 = (date: string) => new Date(date).toISOString().replace(".000Z", "Z");

/** Every certificate in a text, in its order; what else is in it is passed over. Throws if one cannot be read. */
export const certificatesIn = (text: string): X509Certificate[] =>
  (text.match(pemBlocks) ?? []).map((pem, i) => {
    try {
      const certificate = new X509Certificate(pem);
      // A date that is none would be found out only when all is put together.
      [certificate.validFrom, certificate.validTo].forEach(rfc3339);
      return certificate;
    } catch {
      throw new Error(`certificate ${i + 1} in it is broken`);
    }
  });

/** The common name of the certificate's subject; empty if it has none. */
export const commonNameOf = ({ subject }: X509Certificate) => partOf(subject, "CN");

/** The common name of its issuer, or the whole name of an issuer without one. */
export const issuerNameOf = ({ issuer }: X509Certificate) => partOf(issuer, "CN") || issuer.split("\n").join(", ");

/** One part of a subject or issuer, such as `CN`. Node.js writes a name as one `CN=etcd-1` a line. */
export const partOf = (name: string | undefined, part: string) =>
  (name ?? "")
    .split("\n")
    .find((line) => line.startsWith(`${part}=`))
    ?.slice(part.length + 1) ?? "";

/** The DNS names and IP addresses in a certificate, addresses as people write them. */
export const hostsOf = ({ subjectAltName }: X509Certificate): string[] =>
  (subjectAltName ?? "")
    .split(", ")
    .filter((name) => /^(DNS|IP Address):/.test(name))
    .map((name) => shortAddress(name.replace(/^(DNS|IP Address):/, "")));

/** An IPv6 address in its short form; anything else as it is. */
export const shortAddress = (host: string) =>
  isIPv6(host) && !host.includes("%") ? new URL(`http://[${host}]`).hostname.slice(1, -1) : host;

const usageNames: Record<string, string> = {
  "1.3.6.1.5.5.7.3.1": "server",
  "1.3.6.1.5.5.7.3.2": "client",
  "2.5.29.37.0": "any",
};

/** What a certificate may be used for, sorted: `server`, `client`, other usages by their number; `any` if it does not say. */
export const usagesOf = ({ keyUsage }: X509Certificate): string[] =>
  keyUsage === undefined || keyUsage.length === 0
    ? ["any"]
    : keyUsage.map((usage) => usageNames[usage] ?? usage).sort();

/** The authority among these whose key made the certificate's signature. A name alone proves nothing. */
export const signerOf = (certificate: X509Certificate, authorities: X509Certificate[]): X509Certificate | undefined =>
  authorities.find((authority) => isSignedBy(certificate, authority));

/** Whether a certificate's signature is by an authority's key. */
export function isSignedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  try {
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  } catch {
    // A key of a kind that Node.js does not know.
    return false;
  }
}

/** What Node.js does not tell of a certificate. */
export interface Extensions {
  /** How many authorities may stand below it; nothing if any number. */
  pathLength?: number;
  hasNameConstraints: boolean;
  /** The name of the hash that its signature uses, such as `SHA-1`. */
  signatureHash?: string;
  /** CA:TRUE. Node.js's `ca` is false for an authority that may not sign, too. */
  isAuthority: boolean;
  /** Whether its key usages let it sign certificates, as they do if it has none. */
  signsCertificates: boolean;
}

/** Which names the certificates below an authority may have (RFC 5280, 4.2.1.10): of each kind only these, and not those. */
export interface NameConstraints {
  permitted: ConstrainedNames;
  excluded: ConstrainedNames;
  /** Whether it is critical and has kinds of names that Go does not know, which then refuses every certificate below. */
  isUnknownToGo: boolean;
}

/** DNS names, and networks such as `10.0.0.0/8`. */
export interface ConstrainedNames {
  dns: string[];
  networks: string[];
}

const nameConstraintsId = "2.5.29.30";
const kindsThatGoKnows = ["dNSName", "iPAddress", "rfc822Name", "uniformResourceIdentifier"];

/** The name constraints of a certificate; nothing if it has none. */
export function nameConstraintsOf(certPem: string): NameConstraints | undefined {
  const extension = new (loadLibrary().X509Certificate)(certPem).getExtension(nameConstraintsId);
  if (!extension) return undefined;
  const { AsnConvert } = require("@peculiar/asn1-schema") as typeof import("@peculiar/asn1-schema");
  const asn1 = require("@peculiar/asn1-x509") as typeof import("@peculiar/asn1-x509");
  const { permittedSubtrees = [], excludedSubtrees = [] } = AsnConvert.parse(extension.value, asn1.NameConstraints);
  const names = (subtrees: { base: { dNSName?: string; iPAddress?: string } }[]): ConstrainedNames => ({
    dns: subtrees.flatMap(({ base }) => base.dNSName ?? []),
    networks: subtrees.flatMap(({ base }) => base.iPAddress ?? []),
  });
  const kinds = [...permittedSubtrees, ...excludedSubtrees].flatMap(({ base }) =>
    Object.entries(base).flatMap(([kind, name]) => (name === undefined ? [] : kind)),
  );
  return {
    permitted: names([...permittedSubtrees]),
    excluded: names([...excludedSubtrees]),
    isUnknownToGo: extension.critical && !kinds.every((kind) => kindsThatGoKnows.includes(kind)),
  };
}

type X509Library = typeof import("@peculiar/x509");
type SubjectAlternativeNames = import("@peculiar/x509").SubjectAlternativeNameExtension;

/** The extensions of a certificate. */
export function extensionsOf(certPem: string): Extensions {
  const library = loadLibrary();
  const certificate = new library.X509Certificate(certPem);
  const constraints = certificate.getExtension(library.BasicConstraintsExtension);
  const usages = certificate.getExtension(library.KeyUsagesExtension)?.usages;
  const { hash } = certificate.signatureAlgorithm as { hash?: { name: string } };
  return {
    pathLength: constraints?.pathLength,
    hasNameConstraints: certificate.extensions.some(({ type }) => type === nameConstraintsId),
    signatureHash: hash?.name,
    isAuthority: constraints?.ca === true,
    signsCertificates: usages === undefined || (usages & library.KeyUsageFlags.keyCertSign) !== 0,
  };
}

/** What a certificate signing request asks for. */
export interface RequestFacts {
  commonName: string;
  hosts: string[];
}

/** What is in a certificate signing request; nothing if the text is none. */
export function parsedRequest(certRequestPem: string): RequestFacts | undefined {
  try {
    const library = loadLibrary();
    const request = new library.Pkcs10CertificateRequest(certRequestPem);
    const names = request.getExtension("2.5.29.17") as SubjectAlternativeNames | null;
    const [commonName = ""] = request.subjectName.getField("CN");
    return { commonName, hosts: (names?.names.items ?? []).map(({ value }) => value) };
  } catch {
    return undefined;
  }
}

/** What reads and writes X.509. Loaded by who needs it only: it takes as long as the rest of this package. */
export function loadLibrary(): X509Library {
  require("reflect-metadata");
  return require("@peculiar/x509") as X509Library;
}
