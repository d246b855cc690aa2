import { X509Certificate } from "node:crypto";
import { logicalName } from "../../naming";
import { hoursAfter, staggeredEarlyRenewalHours } from "../../pki/renewal";

/** What a certificate is, as far as it says so itself. */
export type Kind = "authority" | "member" | "proxy" | "upstream" | "component";

/** What the report says about one certificate, read from it alone. */
export interface CertificateFacts {
  /** The name of its `EtcdPki`; empty if another authority signed it. */
  cluster: string;
  kind: Kind;
  /** The identity's name; of an authority, its generation's. */
  identity: string;
  /** Hexadecimal. */
  serialNumber: string;
  /** The generation that signed it. */
  generation: string;
  hosts: string[];
  /** RFC 3339. */
  notAfter: string;
  /** When its renewal window opens, RFC 3339. */
  renewFrom: string;
}

/** Every certificate in a text, in its order; what else is in it is passed over. */
export const certificatesIn = (text: string): X509Certificate[] =>
  (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (pem) => new X509Certificate(pem),
  );

/** What only the stack knows of a certificate. */
export interface KnownToStack {
  cluster?: string | undefined;
  /** Default: as for one that asked for none. */
  earlyRenewalHours?: number | undefined;
}

/** Reads a certificate. */
export function factsOf(certificate: X509Certificate, known: KnownToStack = {}): CertificateFacts {
  const kind = kindOf(certificate);
  const { cluster, generation } = generationOf(nameOf(certificate.issuer, "CN"), known.cluster);
  const subject = nameOf(certificate.subject, "CN") || nameOf(certificate.subject, "OU");
  const identity = kind === "authority" ? generation : subject;
  const notAfter = rfc3339(certificate.validTo);
  const life = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / msPerHour;
  const early = known.earlyRenewalHours ?? defaultEarlyHours(kind, cluster, identity, life);
  return {
    cluster,
    kind,
    identity,
    serialNumber: certificate.serialNumber,
    generation,
    hosts: hostsOf(certificate),
    notAfter,
    renewFrom: hoursAfter(notAfter, -early) as string,
  };
}

const msPerHour = 60 * 60 * 1000;

const rfc3339 = (date: string) => new Date(date).toISOString().replace(".000Z", "Z");

// Node.js writes a name as one `CN=etcd-1` a line.
const nameOf = (name: string | undefined, part: string) =>
  (name ?? "")
    .split("\n")
    .find((line) => line.startsWith(`${part}=`))
    ?.slice(part.length + 1) ?? "";

// As `authorityCommonName` makes it. Where both names are unknown, the generation's is the one without "-ca-" in it.
function generationOf(commonName: string, cluster?: string): { cluster: string; generation: string } {
  const at = commonName.startsWith(`${cluster}-ca-`) ? (cluster as string).length : commonName.lastIndexOf("-ca-");
  return at < 0
    ? { cluster: "", generation: commonName }
    : { cluster: commonName.slice(0, at), generation: commonName.slice(at + "-ca-".length) };
}

const serverUsage = "1.3.6.1.5.5.7.3.1";
const clientUsage = "1.3.6.1.5.5.7.3.2";

// The profiles, read backwards.
function kindOf(certificate: X509Certificate): Kind {
  if (certificate.ca) return "authority";
  const serves = certificate.keyUsage?.includes(serverUsage) ?? false;
  const connects = certificate.keyUsage?.includes(clientUsage) ?? false;
  if (serves) return connects ? "member" : "proxy";
  return nameOf(certificate.subject, "CN") === "" ? "upstream" : "component";
}

// An authority never renews; the last tenth of its life is the time to begin its replacement.
const defaultEarlyHours = (kind: Kind, cluster: string, identity: string, life: number) =>
  kind === "authority"
    ? Math.floor(life / 10)
    : staggeredEarlyRenewalHours(logicalName[kind](cluster, identity), Math.round(life));

const hostsOf = ({ subjectAltName }: X509Certificate) =>
  subjectAltName === undefined ? [] : subjectAltName.split(", ").map((host) => host.replace(/^(DNS|IP Address):/, ""));
