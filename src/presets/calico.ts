import type { PermissionArgs } from "../args";
import { calicoEntries } from "./calico-entries";
import { parseMinor, permissionsOf } from "./entries";

/** Which Calico a preset is for. */
export interface CalicoArgs {
  /**
   * Calico's version, as `3.32` or `v3.32.1`, at least 3.9. Default: none, and the permissions are the documented table.
   * With a version come those that its code needs beyond that table.
   */
  version?: string;
}

/**
 * The key ranges of Calico's programs in etcd, after Calico's own tables ("Calico key and path prefixes").
 *
 * Those tables lag behind the code: name the `version` you run. On the documented table alone, calico/node,
 * calico/kube-controllers and Typha of 3.29 and later do not start (they create the tiers first), the CNI plugin of 3.22 and
 * later assigns no address (it reads the reservations first), and stand-alone Felix of 3.22 and later never gets in sync.
 */
export const calico = {
  /** Everything below `/calico/`, for one user that all of Calico shares. */
  basic: (args?: CalicoArgs): PermissionArgs[] => permissions("basic", args),
  /** calico/node: Felix, confd and BIRD. */
  node: (args?: CalicoArgs): PermissionArgs[] => permissions("node", args),
  /** Felix as a process of its own. With WireGuard it also updates `/calico/resources/v3/projectcalico.org/nodes/`. */
  felix: (args?: CalicoArgs): PermissionArgs[] => permissions("felix", args),
  /** The CNI plugin, under Kubernetes. */
  cni: (args?: CalicoArgs): PermissionArgs[] => permissions("cni", args),
  /**
   * calico/kube-controllers, without its compaction every 10 minutes: turn that off (`COMPACTION_PERIOD=0`) and let etcd
   * compact itself (`--auto-compaction-retention`). Compaction would take the role `root`, which is all of etcd.
   */
  kubeControllers: (args?: CalicoArgs): PermissionArgs[] => permissions("kubeControllers", args),
  /**
   * The OpenStack driver for Neutron. It talks to etcd's HTTP gateway, which ignores common names: it needs a user with a
   * password, which this package does not make, and a client certificate with an empty common name. The permissions hold
   * for such a user's role. Its compaction takes the role `root`.
   */
  neutron: (args?: CalicoArgs): PermissionArgs[] => permissions("neutron", args),
  /** The OpenStack DHCP agent. It talks to etcd's HTTP gateway: what is said of `neutron` holds here, too. */
  dhcpAgent: (args?: CalicoArgs): PermissionArgs[] => permissions("dhcpAgent", args),
  /** Typha on etcd. Calico documents no role for it; this one is read from its code. */
  typha: (args?: CalicoArgs): PermissionArgs[] => permissions("typha", args),
  /** `calicoctl` that only looks. */
  calicoctlReadOnly: (args?: CalicoArgs): PermissionArgs[] => permissions("calicoctlReadOnly", args),
  /** `calicoctl` that also edits policies, network sets and profiles. It logs that it cannot initialise the datastore. */
  policyEditor: (args?: CalicoArgs): PermissionArgs[] => permissions("policyEditor", args),
  /** `calicoctl` that edits everything. */
  full: (args?: CalicoArgs): PermissionArgs[] => permissions("full", args),
};

// Until 3.8 the programs wrote to all of /calico/resources/ and had a table of their own.
const oldestMinor = 9;

const permissions = (preset: keyof typeof calicoEntries, { version }: CalicoArgs = {}): PermissionArgs[] =>
  permissionsOf(calicoEntries[preset], version === undefined ? undefined : checkedMinor(preset, version));

function checkedMinor(preset: string, version: string): number {
  const minor = parseMinor(version);
  if (minor !== undefined && minor >= oldestMinor) return minor;
  throw new Error(
    `calico.${preset}: version is ${JSON.stringify(version)}; give Calico's version as "3.32" or "v3.32.1", at least 3.9, ` +
      `or leave it out for the documented table.`,
  );
}
