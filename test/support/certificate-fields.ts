import { X509Certificate, createPrivateKey } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** What a certificate says, apart from what differs at every issue. */
export interface CertificateFields {
  subject: string[];
  hosts: string[];
  key: string;
  keyUsages: string[];
  extendedUsages: string[];
  isAuthority: boolean;
  hasSubjectKeyId: boolean;
  validityPeriodHours: number;
}

/** Reads a PEM certificate. */
export function fieldsOf(pem: string): CertificateFields {
  const certificate = new X509Certificate(pem);
  const parsed = new x509.X509Certificate(pem);
  return {
    subject: certificate.subject?.split("\n") ?? [],
    hosts: certificate.subjectAltName?.split(", ") ?? [],
    key: keyOf(certificate),
    keyUsages: keyUsagesOf(parsed),
    extendedUsages: Array.from(parsed.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? [], usageName),
    isAuthority: certificate.ca,
    hasSubjectKeyId: parsed.getExtension(x509.SubjectKeyIdentifierExtension) !== null,
    validityPeriodHours: (parsed.notAfter.getTime() - parsed.notBefore.getTime()) / 3_600_000,
  };
}

/** Whether a certificate was signed by this authority, and this is its private key. */
export function belongsTogether(certPem: string, privateKeyPem: string, authorityPem: string): boolean {
  const certificate = new X509Certificate(certPem);
  const authority = new X509Certificate(authorityPem);
  return (
    certificate.checkIssued(authority) &&
    certificate.verify(authority.publicKey) &&
    certificate.checkPrivateKey(createPrivateKey(privateKeyPem))
  );
}

function keyOf({ publicKey }: X509Certificate): string {
  const { namedCurve, modulusLength } = publicKey.asymmetricKeyDetails ?? {};
  return [publicKey.asymmetricKeyType, namedCurve ?? modulusLength].filter(Boolean).join(" ");
}

function keyUsagesOf(certificate: x509.X509Certificate): string[] {
  const usages = certificate.getExtension(x509.KeyUsagesExtension)?.usages ?? 0;
  return Object.entries(x509.KeyUsageFlags)
    .filter(([, flag]) => typeof flag === "number" && (usages & flag) !== 0)
    .map(([name]) => name);
}

const usageName = (usage: unknown) =>
  Object.entries(x509.ExtendedKeyUsage).find(([, oid]) => oid === usage)?.[0] ?? String(usage);
