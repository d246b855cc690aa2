import { X509Certificate, createHash, createPrivateKey } from "node:crypto";
import type { KeyObject } from "node:crypto";

// The one place that reads a certificate.

/** SHA-256 of a text, hexadecimal. There is none where a user's own mocks answer with nothing. */
export const checksum = (text: string | undefined) =>
  createHash("sha256")
    .update(text ?? "")
    .digest("hex");

/** The certificates in a PEM text, without what stands around them. Each ends with a line break. */
export const certificatesIn = (pem: string): string[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (one) => `${one.replace(/\r/g, "")}\n`,
  );

/** The first certificate of a PEM text; nothing if it has none that can be read, as a mock's answer has not. */
export function parsedCertificate(pem: string | undefined): X509Certificate | undefined {
  try {
    return new X509Certificate(pem ?? "");
  } catch {
    return undefined;
  }
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
    hasNameConstraints: certificate.extensions.some(({ type }) => type === "2.5.29.30"),
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

// Loaded by who needs it only: it takes as long as the rest of this package.
function loadLibrary(): X509Library {
  require("reflect-metadata");
  return require("@peculiar/x509") as X509Library;
}
