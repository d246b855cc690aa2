import { isIP, isIPv6 } from "node:net";

/** The subject alternative names of a certificate, sorted and without duplicates: order must never reissue. */
export interface SubjectAlternativeNames {
  dnsNames: string[];
  ipAddresses: string[];
}

/** What a machine calls itself. */
export const loopbackHosts = ["localhost", "127.0.0.1", "::1"];

/** One list of hosts, in any order and spelling, as a certificate carries it. */
export function subjectAlternativeNames(hosts: readonly string[]): SubjectAlternativeNames {
  const canonical = [...new Set(hosts.map(canonicalHost))].sort();
  return {
    dnsNames: canonical.filter((host) => isIP(host) === 0),
    ipAddresses: canonical.filter((host) => isIP(host) !== 0),
  };
}

/** Says in words what is wrong with a host, or nothing. */
export function hostProblem(host: string): string | undefined {
  return hostRules.find(([isWrong]) => isWrong(host))?.[1];
}

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;
const lastLabel = (host: string) => host.slice(host.lastIndexOf(".") + 1);
const isDnsName = (host: string) => host.length <= 253 && host.split(".").every((part) => label.test(part));

// In order: the first that fits is the message.
const hostRules: [(host: string) => boolean, string][] = [
  [(host) => host === "", "is empty; leave it out"],
  [(host) => /\s/.test(host), "has a space in it; give one DNS name or IP address an entry"],
  [(host) => host.includes("://"), "is a URL; give its host alone, such as 10.0.0.1 or etcd-1.example.com"],
  [(host) => /^\[.*\](:\d+)?$/.test(host), "is in brackets; give the IPv6 address without them, and without a port"],
  [
    (host) => isIPv6(host) && host.includes("%"),
    "has a zone, which no certificate can carry; leave out % and what follows",
  ],
  [(host) => isIP(host) === 0 && /^[^:]+:\d*$/.test(host), "has a port; give the host alone"],
  [(host) => isIP(host) === 0 && host.includes("/"), "has a slash; give one host, not a path or a network"],
  [(host) => isIP(host) === 0 && host.includes(":"), "is no valid IPv6 address"],
  [(host) => isIP(host) === 0 && /^\d+$/.test(lastLabel(host)), "is no valid IPv4 address"],
  [
    (host) => host.includes("*") && !isDnsName(host.replace(/^\*\.(?=.+\.)/, "")),
    "is no wildcard that etcd accepts; only a whole first label may be *, such as *.etcd.example.com",
  ],
  [(host) => host.endsWith("."), "ends with a dot; leave the dot out"],
  [
    (host) => isIP(host) === 0 && !isDnsName(host.replace(/^\*\./, "")),
    "is no DNS name; use letters, digits and hyphens (international names in their xn-- form)",
  ],
];

function canonicalHost(host: string): string {
  if (!isIPv6(host)) return host.toLowerCase();
  const address = new URL(`http://[${host}]`).hostname.slice(1, -1);
  return ipv4Mapped(address) ?? address;
}

// A certificate stores a mapped address in its four IPv4 bytes.
function ipv4Mapped(address: string): string | undefined {
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return undefined;
  return [high, low].flatMap((word) => [parseInt(word, 16) >> 8, parseInt(word, 16) & 255]).join(".");
}
