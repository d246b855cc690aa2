import { X509Certificate } from "node:crypto";
import { isIPv6 } from "node:net";
import { rfc3339 } from "../x509";

// Reading certificates that others made: what X.509 says, nothing of how this package names things.

const pemBlocks = /-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----[^-]*-----END (X509 |TRUSTED )?CERTIFICATE-----/g;

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

function isSignedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  try {
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  } catch {
    // A key of a kind that Node.js does not know.
    return false;
  }
}

/** Tells one authority from another across reissues: its public key. */
export const keyOf = ({ publicKey }: X509Certificate) =>
  publicKey.export({ type: "spki", format: "der" }).toString("base64");
