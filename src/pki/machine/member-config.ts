import { peerHostName } from "../../naming";
import type { Program } from "../../programs";
import { programs, settingsOf } from "../../programs";
import type { MemberHosts } from "./addresses";
import { defaultClientPort, defaultPeerPort } from "./addresses";
import { listenUrls, memberUrls } from "./addresses";
import { abilitiesOf } from "./etcd-version";
import { filePaths, layoutDirectory, MachineLayout } from "./layouts";
import type { Setting } from "./member-forms";
import { environment, etcdYaml, flags, systemd } from "./member-forms";

/** What starts one member, and what it depends on. */
export interface MemberConfigPlan {
  /** The name of the `EtcdPki`. */
  cluster: string;
  /** The member's name. */
  member: string;
  /** The hosts of every member, by its name, in the order of the declaration: the first is advertised. */
  hosts: MemberHosts;
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
  /** Keeps a member from joining another cluster (etcd, "Clustering guide", `--initial-cluster-token`). */
  clusterToken: string;
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

/** A token that no other cluster has: etcd's own default is the same everywhere. */
export const clusterTokenOf = (cluster: string, project: string, stack: string) =>
  [cluster, project, stack].join("-").replace(/[^A-Za-z0-9._-]+/g, "-");

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
export const hasYaml = (plan: Pick<MemberConfigPlan, "sharedAuthority" | "etcdVersion">) =>
  !plan.sharedAuthority || abilitiesOf(plan.etcdVersion).lists;

/** A member's flags. */
export function memberSettings(plan: MemberConfigPlan): Setting[] {
  const { member, hosts, clientPort = defaultClientPort, peerPort = defaultPeerPort } = plan;
  const peers = memberUrls(hosts, peerPort);
  return [
    ["name", member],
    ["data-dir", plan.dataDirectory ?? "/var/lib/etcd"],
    ["listen-client-urls", listenUrls(member, hosts, clientPort, { loopback: true })],
    ["advertise-client-urls", memberUrls(hosts, clientPort)[member] ?? ""],
    ["listen-peer-urls", listenUrls(member, hosts, peerPort, { loopback: false })],
    ["initial-advertise-peer-urls", peers[member] ?? ""],
    [
      "initial-cluster",
      Object.entries(peers)
        .map(([name, url]) => `${name}=${url}`)
        .join(","),
    ],
    ["initial-cluster-token", plan.clusterToken],
    ["initial-cluster-state", plan.clusterState ?? "new"],
    ...fileSettings(plan),
    ...peerIdentity(plan, Object.keys(peers)),
  ];
}

function fileSettings(plan: MemberConfigPlan): Setting[] {
  const layout = plan.layout ?? MachineLayout.Machine;
  const paths = (kind: "member" | "peer" | "gateway") =>
    filePaths(layout, plan.directory ?? layoutDirectory(layout), kind, plan.member);
  const gateway = paths("gateway");
  const served = Object.entries(settingsOf(programs.etcd as Program, paths("member")));
  const peer = paths("peer");
  return [
    ...served.map(([flag, value]): Setting => [flag.slice("--".length), value === "true" ? true : value]),
    ["peer-trusted-ca-file", peer.caBundle],
    ["peer-cert-file", peer.cert],
    ["peer-key-file", peer.privateKey],
    ["peer-client-cert-auth", true],
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
