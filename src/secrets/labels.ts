import type { X509Certificate } from "node:crypto";
import { isIPv6 } from "node:net";
import type { Use } from "./layouts";
import { certificatesIn, keyId, namePart, signingKeys, trustedKeys } from "./certificates";
import { labelValue } from "./names";
import { checksum } from "../x509";

/** The domain of every label and annotation here. */
export const labelPrefix = "etcd-pki/";

type Describe = Record<string, (...pems: [string, string]) => string | undefined>;

/**
 * What tells one Secret from another, for selectors. All of it is read from the certificate: who signed it, and not who is
 * declared to sign. What a certificate does not say is no label.
 */
export const labels: Describe = {
  // An upstream certificate of a grpc-proxy has no common name; its organizational unit is the proxy.
  identity: (pem) => asLabel(namePart(leafOf(pem)?.subject, "CN") ?? namePart(leafOf(pem)?.subject, "OU")),
  usage: (pem) => asLabel(usesOf(leafOf(pem)).join("-")),
  issuer: (pem) => asLabel(issuerName(pem)),
  // Only an authority that EtcdPki made is called after its cluster and its generation.
  cluster: (pem) => asLabel(generated(issuerName(pem))?.cluster),
  "ca-generation": (pem) => asLabel(generated(issuerName(pem))?.generation),
};

// A new leaf needs no restart, since etcd and its clients read it anew at each handshake; a new bundle does, since it is read
// once: so each has a checksum of its own for a rollout to key on.

/** What is in a certificate. */
export const leafAnnotations: Describe = {
  "common-name": (pem) => namePart(leafOf(pem)?.subject, "CN"),
  "not-before": (pem) => rfc3339(leafOf(pem)?.validFrom),
  "not-after": (pem) => rfc3339(leafOf(pem)?.validTo),
  hosts: (pem) => hostsIn(leafOf(pem)?.subjectAltName),
  "issuer-name": (pem) => leafOf(pem)?.issuer?.split("\n").join(", "),
  "leaf-checksum": checksum,
};

/** What is in a CA bundle. */
export const bundleAnnotations: Describe = {
  "bundle-checksum": checksum,
  trusts: (bundle) => trustedKeys(bundle).join(" "),
};

/** Where a certificate's signers are looked up beside it. */
export const signerAnnotations: Describe = {
  "signed-by": (pem, bundle) => signingKeys(pem, bundle).join(" "),
};

/** What a certificate is for, by its extended key usages (RFC 5280, 4.2.1.12). */
export function usesOf(certificate: X509Certificate | undefined): Use[] {
  const usages = (certificate?.keyUsage ?? []) as string[];
  return (["server", "client"] as const).filter((use) => usages.includes(extendedKeyUsage[use]));
}

/** The generation's key that is declared to sign, if its certificate is in the bundle and EtcdPki named it. */
export const keyOfGeneration = (generation: string | undefined, caBundlePem: string): string | undefined => {
  const found = certificatesIn(caBundlePem).find(
    ({ subject }) => generated(namePart(subject, "CN"))?.generation === generation,
  );
  return generation === undefined || found === undefined ? undefined : keyId(found);
};

const extendedKeyUsage = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" };

const leafOf = (pem: string) => certificatesIn(pem)[0];
const issuerName = (pem: string) => namePart(leafOf(pem)?.issuer, "CN");
const asLabel = (text: string | undefined) => text && labelValue(text);

/** The names that `authorityCommonName` makes. */
function generated(commonName: string | undefined): { cluster: string; generation: string } | undefined {
  const [, cluster, generation] = /^(.+?)(?:-peer)?-ca-(.+)$/.exec(commonName ?? "") ?? [];
  return cluster !== undefined && generation !== undefined ? { cluster, generation } : undefined;
}

const rfc3339 = (date: string | undefined) => date && new Date(date).toISOString().replace(".000Z", "Z");

const hostsIn = (subjectAltName = "") =>
  subjectAltName
    .split(", ")
    .map((name) => shortAddress(name.replace(/^(DNS|IP Address):/, "")))
    .join(",");

const shortAddress = (host: string) => (isIPv6(host) ? new URL(`http://[${host}]`).hostname.slice(1, -1) : host);
