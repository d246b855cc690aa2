import type { X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import * as asn1 from "@peculiar/asn1-x509";

/** What Node.js does not show of a certificate (RFC 5280, 4.1.1.2 and 4.2.1). */
export interface Extensions {
  /** The signature's algorithm; its number, where it is none of those that etcd's authorities use. */
  signatureAlgorithm: string;
  /** How many authorities may stand below this one. Absent: any number. */
  pathLength?: number;
  nameConstraints: boolean;
  /** CA:TRUE. Node.js's `ca` is false for an authority that may not sign, too. */
  isAuthority: boolean;
  /** Whether it may sign certificates; true if it does not say what it may do. */
  signsCertificates: boolean;
}

const signatureAlgorithms: Record<string, string> = {
  "1.2.840.113549.1.1.4": "MD5",
  "1.2.840.113549.1.1.5": "SHA-1",
  "1.2.840.10045.4.1": "SHA-1",
  "1.2.840.113549.1.1.11": "SHA-256",
  "1.2.840.113549.1.1.12": "SHA-384",
  "1.2.840.113549.1.1.13": "SHA-512",
  "1.2.840.10045.4.3.2": "SHA-256",
  "1.2.840.10045.4.3.3": "SHA-384",
  "1.2.840.10045.4.3.4": "SHA-512",
  "1.3.101.112": "Ed25519",
};

/** Reads them. */
export function extensionsOf({ raw }: X509Certificate): Extensions {
  const { tbsCertificate, signatureAlgorithm } = AsnConvert.parse(raw, asn1.Certificate);
  const value = (id: string) => tbsCertificate.extensions?.find(({ extnID }) => extnID === id)?.extnValue;
  const constraints = value(asn1.id_ce_basicConstraints);
  const usage = value(asn1.id_ce_keyUsage);
  const basic = constraints && AsnConvert.parse(constraints, asn1.BasicConstraints);
  const pathLength = basic?.pathLenConstraint;
  return {
    signatureAlgorithm: signatureAlgorithms[signatureAlgorithm.algorithm] ?? signatureAlgorithm.algorithm,
    ...(pathLength !== undefined && { pathLength }),
    isAuthority: basic?.cA === true,
    nameConstraints: value(asn1.id_ce_nameConstraints) !== undefined,
    signsCertificates: usage === undefined || signs(AsnConvert.parse(usage, asn1.KeyUsage)),
  };
}

const signs = (usage: asn1.KeyUsage) => (usage.toNumber() & asn1.KeyUsageFlags.keyCertSign) !== 0;
