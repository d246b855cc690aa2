import { X509Certificate, createHash } from "node:crypto";

// What a Secret is described, checked and guarded by. To be shared: src/x509.ts is where certificates are read.

/** The certificates in a PEM text, in order. None where one cannot be read, as in a program's own unit tests. */
export function certificatesIn(pem: unknown): X509Certificate[] {
  const blocks = typeof pem === "string" ? (pem.match(certificateBlock) ?? []) : [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What tells one key from another: SHA-256 of its SPKI, the first 16 digits. A reissued authority keeps it. */
export const keyId = ({ publicKey }: X509Certificate) =>
  createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex")
    .slice(0, 16);

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

const isSignedBy = (certificate: X509Certificate, ca: X509Certificate) =>
  certificate.checkIssued(ca) && certificate.verify(ca.publicKey);

const sortedIds = (certificates: X509Certificate[]) => [...new Set(certificates.map(keyId))].sort();
