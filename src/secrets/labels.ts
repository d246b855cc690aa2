import { X509Certificate } from "node:crypto";
import { isIPv6 } from "node:net";
import type { Output } from "@pulumi/pulumi";

/** The domain of every label and annotation here. */
export const labelPrefix = "etcd-pki/";

/** What is written about a certificate. */
export interface Described {
  certPem: Output<string>;
  generation: string;
  leafChecksum: Output<string>;
  bundleChecksum: Output<string>;
}

/** What tells one Secret from another: for selectors, so each is a label. */
export const labelsOf = (
  cluster: string,
  { kind, identity }: { kind: string; identity: string },
  { generation }: Pick<Described, "generation">,
): Record<string, string> => ({
  [`${labelPrefix}cluster`]: cluster,
  [`${labelPrefix}role`]: kind,
  [`${labelPrefix}identity`]: identity,
  [`${labelPrefix}ca-generation`]: generation,
});

/**
 * What is in a Secret, without looking into it. A new leaf needs no restart, since etcd and its clients read it anew at each
 * handshake; a new bundle does, since it is read once: so each has a checksum of its own for a rollout to key on.
 */
export function annotationsOf({ certPem, leafChecksum, bundleChecksum }: Described): Record<string, Output<string>> {
  const certificate = certPem.apply(parsed);
  const leaf = Object.entries(leafAnnotations).map(([key, value]) => [
    labelPrefix + key,
    certificate.apply((parsed) => (parsed ? value(parsed) : "")),
  ]);
  return {
    ...Object.fromEntries(leaf),
    [`${labelPrefix}leaf-checksum`]: leafChecksum,
    [`${labelPrefix}bundle-checksum`]: bundleChecksum,
  };
}

const leafAnnotations: Record<string, (certificate: X509Certificate) => string> = {
  "not-before": ({ validFrom }) => rfc3339(validFrom),
  "not-after": ({ validTo }) => rfc3339(validTo),
  hosts: ({ subjectAltName }) => hostsIn(subjectAltName ?? ""),
  issuer: ({ issuer }) => issuer.split("\n").join(", "),
};

// A program's own unit tests may answer with any text in the place of a certificate.
function parsed(certPem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(certPem);
  } catch {
    return undefined;
  }
}

const rfc3339 = (date: string) => new Date(date).toISOString().replace(".000Z", "Z");

const hostsIn = (subjectAltName: string) =>
  subjectAltName
    .split(", ")
    .map((name) => shortAddress(name.replace(/^(DNS|IP Address):/, "")))
    .join(",");

const shortAddress = (host: string) => (isIPv6(host) ? new URL(`http://[${host}]`).hostname.slice(1, -1) : host);
