import type { X509Certificate } from "node:crypto";
import { certificatesIn as certificatesOf, isSignedBy, keyIdOf } from "../x509";

// What a Secret is described, checked and guarded by.

/** The certificates in a PEM text, in order. None where one cannot be read, as in a program's own unit tests. */
export function certificatesIn(pem: unknown): X509Certificate[] {
  try {
    return certificatesOf(typeof pem === "string" ? pem : "");
  } catch {
    return [];
  }
}

/** What tells one key from another, short enough for a label. A reissued authority keeps it. */
export const keyId = (certificate: X509Certificate) => keyIdOf(certificate).slice(0, 16);

/** The keys that a CA bundle trusts. */
export const trustedKeys = (caBundlePem: string): string[] => sortedIds(certificatesIn(caBundlePem));

/**
 * The keys by which a certificate can be verified: its issuer's, and those that signed a cross certificate or an intermediate
 * beside it. An issuer that is neither in its file nor in its CA bundle is not known.
 */
export function signingKeys(certPem: string, caBundlePem: string): string[] {
  const [leaf, ...chain] = certificatesIn(certPem);
  const known = [...chain, ...certificatesIn(caBundlePem)];
  const signers = new Set<X509Certificate>();
  for (let signed = leaf ? [leaf] : []; signed.length > 0;) {
    const next = known.filter((ca) => !signers.has(ca) && signed.some((certificate) => isSignedBy(certificate, ca)));
    next.forEach((ca) => signers.add(ca));
    // What is only in the bundle is not sent along, so nothing above it is reached.
    signed = next.filter((ca) => chain.includes(ca));
  }
  return sortedIds([...signers]);
}

/** The certificate of a leaf's issuer, out of its file or its CA bundle. */
export function issuerOf(certPem: string, caBundlePem: string): X509Certificate | undefined {
  const [leaf, ...chain] = certificatesIn(certPem);
  return leaf && [...certificatesIn(caBundlePem), ...chain].find((ca) => isSignedBy(leaf, ca));
}

/** A part of a name in a certificate, such as `CN`. */
export const namePart = (name: string | undefined, part: string): string | undefined =>
  name
    ?.split("\n")
    .find((line) => line.startsWith(`${part}=`))
    ?.slice(part.length + 1);

const sortedIds = (certificates: X509Certificate[]) => [...new Set(certificates.map(keyId))].sort();
