import { isIP, isIPv6 } from "node:net";

/** etcd's own ports (IANA, etcd-client and etcd-server). */
export const defaultClientPort = 2379;
export const defaultPeerPort = 2380;

/** The hosts of every member, by its name, in the order of the declaration: the first is advertised. */
export type MemberHosts = Record<string, readonly string[]>;

/** The host by which others reach a member. A wildcard stands for the names of many, of which this is the member's. */
export function advertisedHost(member: string, hosts: MemberHosts): string {
  const own = hosts[member] ?? [];
  return own.find((host) => !host.includes("*")) ?? (own[0] ?? member).replace("*", member);
}

/** Every member's URL at a port, by its name. */
export const memberUrls = (hosts: MemberHosts, port: number): Record<string, string> =>
  Object.fromEntries(
    Object.keys(hosts)
      .sort()
      .map((member) => [member, urlOf(advertisedHost(member, hosts), port)]),
  );

/** Every member's client URL, by its name. */
export const memberEndpoints = (hosts: MemberHosts, clientPort = defaultClientPort) => memberUrls(hosts, clientPort);

/** Where a member listens: on addresses only, with a DNS name on all. Local clients come by loopback, peers do not. */
export function listenUrls(member: string, hosts: MemberHosts, port: number, { loopback }: { loopback: boolean }) {
  const host = advertisedHost(member, hosts);
  const isLoopback = host === "::1" || host.startsWith("127.");
  const own =
    isIP(host) === 0 ? [anyAddress(hosts[member] ?? [])] : loopback && !isLoopback ? [host, "127.0.0.1"] : [host];
  return own.map((each) => urlOf(each, port)).join(",");
}

// A machine that has no IPv4 address listens on IPv6.
function anyAddress(hosts: readonly string[]): string {
  const addresses = hosts.filter((host) => isIP(host) !== 0);
  return addresses.length > 0 && addresses.every(isIPv6) ? "::" : "0.0.0.0";
}

const urlOf = (host: string, port: number) => `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
