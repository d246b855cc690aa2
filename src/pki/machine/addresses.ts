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

/** Where etcd listens: on addresses only. Local clients come by loopback, peers do not. */
export function listenUrls(host: string, port: number, { loopback }: { loopback: boolean }): string {
  const isLoopback = host === "::1" || host.startsWith("127.");
  const hosts = isIP(host) === 0 ? ["0.0.0.0"] : loopback && !isLoopback ? [host, "127.0.0.1"] : [host];
  return hosts.map((each) => urlOf(each, port)).join(",");
}

const urlOf = (host: string, port: number) => `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
