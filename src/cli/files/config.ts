import { isIP } from "node:net";
import type { MemberConfigPlan } from "../../pki/machine";
import { peerDomain } from "../../naming";
import { certificatePaths, componentConfig, fileName, hasYaml, memberConfig } from "../../pki/machine";
import { layoutDirectory, memberEndpoints, proxyConfig } from "../../pki/machine";
import { loopbackHosts } from "../../pki/hosts";
import type { Identity, StackCluster } from "./identities";

/** What starts programs with the files. */
export interface ConfigChoice {
  /** Which texts, by their names. */
  names: string[];
  layout: string;
  /** Where the files are on the machine. Default: where the layout has them. */
  machineDirectory: string | undefined;
  /** By member: the host under which the others reach it. */
  advertise: Record<string, string>;
  /** The rest of what a member's configuration depends on. */
  member: Partial<
    Pick<
      MemberConfigPlan,
      "etcdVersion" | "clientPort" | "peerPort" | "dataDirectory" | "clusterToken" | "clusterState"
    >
  >;
}

/** The texts that there are for members, and for clients. */
export const memberConfigs = ["flags", "environment", "etcd.yaml", "systemd"];

/** The files of one identity that start programs; none for a text that is nothing to it. */
export function configFiles(cluster: StackCluster, identity: Identity, directory: string, choice: ConfigChoice) {
  const texts = choice.names.length === 0 ? {} : configOf(cluster, identity, choice);
  return choice.names.flatMap((name) => {
    const content = texts[name];
    const path = `${directory}/{identity}.${name}`.replaceAll("{identity}", fileName(identity.name));
    return content === undefined ? [] : [{ path, mode: "0644", content }];
  });
}

/** The names of all texts that an identity of the cluster can have. */
export const configNames = (cluster: StackCluster, choice: ConfigChoice): string[] => [
  ...new Set([...memberConfigs, ...cluster.identities.flatMap((each) => Object.keys(configOf(cluster, each, choice)))]),
];

/** What is wrong with the choice for this cluster, a sentence each. */
export function configProblems(cluster: StackCluster, choice: ConfigChoice): string[] {
  const names = configNames(cluster, choice);
  const members = cluster.identities.filter(({ kind }) => kind === "member");
  const yaml = hasYaml({ sharedAuthority: cluster.sharedAuthority, etcdVersion: choice.member.etcdVersion });
  return [
    ...choice.names
      .filter((name) => !names.includes(name))
      .map((name) => `--config ${name} is no text that there is here; give some of ${names.join(", ")}`),
    ...(choice.names.includes("etcd.yaml") && !yaml
      ? [
          `--config etcd.yaml cannot keep components off the peer port before etcd 3.5.15, since peers and clients share ` +
            `an authority; say --etcd-version if yours is later, or use flags, environment or systemd`,
        ]
      : []),
    ...Object.entries(choice.advertise).flatMap(([name, host]) => {
      const member = members.find((each) => each.name === name);
      if (member === undefined)
        return [
          `--advertise ${name}=${host}: there is no such member; members are ${members.map((each) => each.name).join(", ")}`,
        ];
      return member.hosts.includes(host)
        ? []
        : [`--advertise ${name}=${host}: its certificate does not name it; it names ${member.hosts.join(", ")}`];
    }),
  ];
}

function configOf(cluster: StackCluster, identity: Identity, choice: ConfigChoice): Record<string, string> {
  const { layout, machineDirectory } = choice;
  const hosts = hostsOf(cluster, choice.advertise);
  const endpoints = memberEndpoints(hosts, choice.member.clientPort);
  const directory = machineDirectory ?? layoutDirectory(layout);
  const plan = { identity: identity.name, layout, directory };
  if (identity.kind === "component") return componentConfig(certificatePaths(plan, "component"), endpoints);
  if (identity.kind === "proxy")
    return proxyConfig(
      certificatePaths(plan, "proxy"),
      certificatePaths(plan, "upstream"),
      reachable(identity.hosts)[0] ?? "",
      endpoints,
    );
  const { sharedAuthority, gatewayCertificate, name } = cluster;
  const member = { cluster: name, member: identity.name, hosts, layout, directory };
  const { clusterToken = cluster.token } = choice.member;
  return { ...memberConfig({ ...choice.member, ...member, clusterToken, sharedAuthority, gatewayCertificate }) };
}

const hostsOf = ({ identities }: StackCluster, advertise: Record<string, string>) =>
  Object.fromEntries(
    identities
      .filter(({ kind }) => kind === "member")
      .map(({ name, hosts }) => [
        name,
        [...[advertise[name]].filter((host) => host !== undefined), ...reachable(hosts)],
      ]),
  );

// The certificate's own order is the alphabet's. Addresses first, since peers are checked by address; loopback last.
function reachable(hosts: string[]): string[] {
  const rank = (host: string) => (loopbackHosts.includes(host) ? 2 : isIP(host) === 0 ? 1 : 0);
  return hosts.filter((host) => !host.endsWith(peerDomain)).sort((a, b) => rank(a) - rank(b));
}
