import type { PermissionArgs } from "../args";
import type { CalicoArgs } from "./args";
import { permissionsOf } from "./permissions-of";

/**
 * The key ranges of Calico's programs in etcd, after Calico's own tables ("Calico key and path prefixes").
 *
 * Those tables lag behind the code: name the `version` you run. On the documented table alone, calico/node,
 * calico/kube-controllers and Typha of 3.29 and later do not start (they create the tiers first), the CNI plugin of 3.22 and
 * later assigns no address (it reads the reservations first), and stand-alone Felix of 3.22 and later never gets in sync.
 *
 * One certificate for several programs, as in Calico's own manifest, has the permissions of all of them. Overlaps are merged.
 * @example
 * calico: { permissions: [...calico.node({ version }), ...calico.cni({ version }), ...calico.kubeControllers({ version })] }
 */
export const calico = {
  /** Everything below `/calico/`, for one user that all of Calico shares. */
  basic: (args?: CalicoArgs): PermissionArgs[] => permissionsOf({ name: "calico-basic", ...args }),
  /** calico/node: Felix, confd and BIRD. */
  node: (args?: CalicoArgs): PermissionArgs[] => permissionsOf({ name: "calico-node", ...args }),
  /** Felix as a process of its own. With WireGuard it also updates `/calico/resources/v3/projectcalico.org/nodes/`. */
  felix: (args?: CalicoArgs): PermissionArgs[] => permissionsOf({ name: "calico-felix", ...args }),
  /**
   * The CNI plugin, under Kubernetes. Elsewhere it also makes profiles, which takes `readwrite` on
   * `/calico/resources/v3/projectcalico.org/profiles/`.
   */
  cni: (args?: CalicoArgs): PermissionArgs[] => permissionsOf({ name: "calico-cni", ...args }),
  /**
   * calico/kube-controllers without its compaction. Turn that off (`COMPACTION_PERIOD=0`) and let etcd compact itself
   * (`--auto-compaction-retention`): left on, 3.32 and later ask for `compact_rev_key` every second and are refused every
   * time. Compaction would take the role `root`, which is all of etcd.
   */
  kubeControllers: (args?: CalicoArgs): PermissionArgs[] => permissionsOf({ name: "calico-kube-controllers", ...args }),
  /**
   * The OpenStack driver for Neutron. It talks to etcd's HTTP gateway, which ignores common names: it logs in by password,
   * with a client certificate that has no common name. Its compaction takes the role `root`.
   */
  neutron: (args?: CalicoArgs): PermissionArgs[] => permissionsOf({ name: "calico-neutron", ...args }),
  /** The OpenStack DHCP agent. It talks to etcd's HTTP gateway: it logs in by password, as `neutron` does. */
  dhcpAgent: (args?: CalicoArgs): PermissionArgs[] => permissionsOf({ name: "calico-dhcp-agent", ...args }),
  /** Typha on etcd. Calico documents no role for it; this one is read from its code. */
  typha: (args?: CalicoArgs): PermissionArgs[] => permissionsOf({ name: "calico-typha", ...args }),
  /**
   * `calicoctl` that only looks. Up to 3.32, `ipam show --show-configuration` is refused until somebody has assigned the
   * first address, since it writes the default.
   */
  calicoctlReadOnly: (args?: CalicoArgs): PermissionArgs[] =>
    permissionsOf({ name: "calico-calicoctl-read-only", ...args }),
  /**
   * `calicoctl` that also edits policies, network sets and profiles; with a version from 3.30 on, staged policies, too. The
   * datastore must be initialised (by calico/node or by a `calicoctl` that may do everything). It then works, and prints
   * three warnings each time: it may not create the tiers.
   */
  policyEditor: (args?: CalicoArgs): PermissionArgs[] => permissionsOf({ name: "calico-policy-editor", ...args }),
  /** `calicoctl` that edits everything. */
  full: (args?: CalicoArgs): PermissionArgs[] => permissionsOf({ name: "calico-full", ...args }),
};
