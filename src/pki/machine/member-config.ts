import { isIP, isIPv6 } from "node:net";
import type { Program } from "../../programs";
import { programs, settingsOf } from "../../programs";
import { abilitiesOf, etcdVersionProblems } from "./etcd-version";
import { filePaths, layoutDirectory, MachineLayout } from "./layouts";
import type { Setting } from "./member-forms";
import { environment, etcdYaml, flags, systemd } from "./member-forms";
import { peerHostName } from "../../naming";
import { shown } from "../../shape";

/** What starts one member, and what it depends on. */
export interface MemberConfigPlan {
  /** The name of the `EtcdPki`. */
  cluster: string;
  /** The member's name. */
  member: string;
  /** The hosts of every member, by its name, in the order of the declaration: the first is advertised. */
  hosts: Record<string, readonly string[]>;
  /** The release of etcd, such as `3.5.15`. Default: none, and only what every release since 3.4 knows is used. */
  etcdVersion?: string | undefined;
  /** Default: 2379. */
  clientPort?: number | undefined;
  /** Default: 2380. */
  peerPort?: number | undefined;
  /** The folder of the files on the machine. Default: the layout's, `/etc/etcd/pki`. */
  directory?: string | undefined;
  /** How the files in it are named: one of `MachineLayout`, or a template. Default: `machine`. */
  layout?: string | undefined;
  /** Default: `/var/lib/etcd`. */
  dataDirectory?: string | undefined;
  /**
   * Keeps a member from joining another cluster (etcd, "Clustering guide", `--initial-cluster-token`). Default: the
   * name of the `EtcdPki`, never etcd's own, which every cluster has.
   */
  clusterToken?: string | undefined;
  /** `existing` for a member that joins a running cluster. Default: `new`. */
  clusterState?: "new" | "existing" | undefined;
  /** Whether peers and clients have one authority. Then only the members' certificates open the peer port. */
  sharedAuthority?: boolean | undefined;
  /** Whether etcd's gateway has a pair of its own (`--client-cert-file`, etcd 3.5 and later). */
  gatewayCertificate?: boolean | undefined;
}

/** The texts that start a member, by their form. */
export interface MemberConfig {
  /** One flag a line. */
  flags: string;
  /** One `ETCD_NAME=value` a line: an `EnvironmentFile`, `/etc/default/etcd`, `docker run --env-file`. */
  environment: string;
  /**
   * For `--config-file`, beside which etcd reads no flag. Missing where it cannot keep components off the peer port:
   * with a shared authority before etcd 3.5.15.
   */
  "etcd.yaml"?: string;
  /** A drop-in for a unit, such as `/etc/systemd/system/etcd.service.d/etcd-pki.conf`. */
  systemd: string;
}

/** What starts a member, in every form. */
export function memberConfig(plan: MemberConfigPlan): MemberConfig {
  const settings = memberSettings(plan);
  return {
    flags: flags(settings),
    environment: environment(settings),
    ...(hasYaml(plan) && { "etcd.yaml": etcdYaml(settings) }),
    systemd: systemd(settings),
  };
}

/** Whether `etcd.yaml` can say what keeps components off the peer port: it has no such entry before 3.5.15. */
export const hasYaml = ({
  sharedAuthority = false,
  etcdVersion,
}: Pick<MemberConfigPlan, "sharedAuthority" | "etcdVersion">) => !sharedAuthority || abilitiesOf(etcdVersion).lists;

/** A member's flags. */
export function memberSettings(plan: MemberConfigPlan): Setting[] {
  const { cluster, member, hosts, clientPort = 2379, peerPort = 2380 } = plan;
  const own = advertisedHost(member, hosts[member] ?? []);
  const peers = Object.keys(hosts).sort();
  const peerUrl = (name: string) => urlOf(advertisedHost(name, hosts[name] ?? []), peerPort);
  return [
    ["name", member],
    ["data-dir", plan.dataDirectory ?? "/var/lib/etcd"],
    [
      "listen-client-urls",
      listening(own, true)
        .map((host) => urlOf(host, clientPort))
        .join(","),
    ],
    ["advertise-client-urls", urlOf(own, clientPort)],
    [
      "listen-peer-urls",
      listening(own, false)
        .map((host) => urlOf(host, peerPort))
        .join(","),
    ],
    ["initial-advertise-peer-urls", peerUrl(member)],
    ["initial-cluster", peers.map((name) => `${name}=${peerUrl(name)}`).join(",")],
    ["initial-cluster-token", plan.clusterToken ?? cluster],
    ["initial-cluster-state", plan.clusterState ?? "new"],
    ...fileSettings(plan),
    ...peerIdentity(plan, peers),
  ];
}

/** What is wrong with how members are to be started, a sentence each. Paths are those of `EtcdPki`'s arguments. */
export function memberConfigProblems(plan: Omit<MemberConfigPlan, "cluster" | "member" | "hosts">): string[] {
  const { etcdVersion, clientPort, peerPort } = plan;
  const versionProblems = etcdVersion === undefined ? [] : etcdVersionProblems("etcdVersion", etcdVersion);
  return [
    ...versionProblems,
    ...(plan.gatewayCertificate && versionProblems.length === 0 && !abilitiesOf(etcdVersion).gatewayCertificate
      ? [
          `gatewayCertificate needs --client-cert-file, which etcd has since 3.5, and etcdVersion is ${shown(etcdVersion)}; ` +
            `set etcdVersion to your release of 3.5 or later, or leave gatewayCertificate out`,
        ]
      : []),
    ...portProblems("clientPort", clientPort),
    ...portProblems("peerPort", peerPort),
    ...((clientPort ?? 2379) === (peerPort ?? 2380)
      ? [`clientPort and peerPort are both ${clientPort ?? 2379}; give them different ports`]
      : []),
    ...pathProblems("directory", plan.directory),
    ...pathProblems("dataDirectory", plan.dataDirectory),
    ...tokenProblems("clusterToken", plan.clusterToken),
  ];
}

/** Every member's client URL, by its name. */
export const memberEndpoints = ({ hosts, clientPort = 2379 }: Pick<MemberConfigPlan, "hosts" | "clientPort">) =>
  Object.fromEntries(
    Object.keys(hosts)
      .sort()
      .map((name) => [name, urlOf(advertisedHost(name, hosts[name] ?? []), clientPort)]),
  );

// A wildcard stands for the names of many machines, of which this is the member's.
function advertisedHost(member: string, hosts: readonly string[]): string {
  const whole = hosts.find((host) => !host.includes("*"));
  return whole ?? (hosts[0] ?? member).replace("*", member);
}

// etcd listens on addresses only. Local etcdctl comes by loopback.
function listening(host: string, loopback: boolean): string[] {
  if (isIP(host) === 0) return ["0.0.0.0"];
  const isLoopback = host === "::1" || host.startsWith("127.");
  return loopback && !isLoopback ? [host, "127.0.0.1"] : [host];
}

const urlOf = (host: string, port: number) => `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;

function fileSettings(plan: MemberConfigPlan): Setting[] {
  const layout = plan.layout ?? MachineLayout.Machine;
  const paths = (kind: "member" | "peer" | "gateway") =>
    filePaths(layout, plan.directory ?? layoutDirectory(layout), kind, plan.member);
  const gateway = paths("gateway");
  const served = {
    ...settingsOf(programs.etcd as Program, paths("member")),
    ...settingsOf(programs["etcd-peer"] as Program, paths("peer")),
  };
  return [
    ...Object.entries(served).map(([flag, value]): Setting => [
      flag.slice("--".length),
      value === "true" ? true : value,
    ]),
    ...(plan.gatewayCertificate
      ? ([
          ["client-cert-file", gateway.cert],
          ["client-key-file", gateway.privateKey],
        ] satisfies Setting[])
      : []),
  ];
}

// With one authority, a component's certificate would open the peer port, and with it read what its user may not.
function peerIdentity({ cluster, sharedAuthority, etcdVersion }: MemberConfigPlan, members: string[]): Setting[] {
  if (!sharedAuthority) return [];
  return abilitiesOf(etcdVersion).lists
    ? [["peer-cert-allowed-cn", members]]
    : [["peer-cert-allowed-hostname", peerHostName(cluster)]];
}

const portProblems = (path: string, port: number | undefined) =>
  port === undefined || (Number.isInteger(port) && port > 0 && port < 65536)
    ? []
    : [`${path} is ${shown(port)}; give a whole number from 1 to 65535`];

// What needs no quotes in any of the forms.
const pathProblems = (path: string, directory: string | undefined) =>
  directory === undefined || /^\/[A-Za-z0-9._/@+-]*$/.test(directory)
    ? []
    : [`${path} is ${shown(directory)}; give an absolute path of letters, digits and . _ / @ + -`];

const tokenProblems = (path: string, token: string | undefined) =>
  token === undefined || /^[A-Za-z0-9._-]+$/.test(token)
    ? []
    : [`${path} is ${shown(token)}; use letters, digits and . _ -`];
