import type { PermissionArgs } from "../../../src/args";

// As in Calico's page "Calico key and path prefixes" ("basic": in "Using etcd RBAC to segment etcd access"; "typha": read
// from its code). P stands for /calico/resources/v3/projectcalico.org.
export const documented: Record<string, string[]> = {
  basic: ["RW /calico/"],
  node: [
    "RW /calico/felix/v1/",
    "RW /calico/felix/v2/",
    "RW /calico/ipam/v2/",
    "RW P/felixconfigurations/",
    "RW P/nodes/",
    "RW P/workloadendpoints/",
    "RW P/clusterinformations/",
    "RW P/ippools/",
    "R P/",
  ],
  felix: ["RW /calico/felix/v1/", "RW /calico/felix/v2/", "R P/"],
  cni: ["RW /calico/ipam/v2/", "RW P/workloadendpoints/", "R P/ippools/", "R P/clusterinformations/", "R P/nodes/"],
  kubeControllers: [
    "RW /calico/ipam/v2/",
    "RW P/profiles/",
    "RW P/networkpolicies/",
    "RW P/nodes/",
    "RW P/clusterinformations/",
    "RW P/hostendpoints/",
    "RW P/kubecontrollersconfigurations/",
    "R P/",
  ],
  neutron: [
    "RW P/",
    "RW /calico/dhcp/v1/",
    "RW /calico/dhcp/v2/",
    "RW /calico/compaction/v1/",
    "RW /calico/openstack/v1/",
    "RW /calico/openstack/v2/",
    "R /calico/felix/v1/",
    "R /calico/felix/v2/",
  ],
  dhcpAgent: ["R P/", "R /calico/dhcp/v1/", "R /calico/dhcp/v2/"],
  typha: ["R P/", "R /calico/ipam/v2/assignment/", "R /calico/ipam/v2/host/", "RW P/clusterinformations/"],
  calicoctlReadOnly: ["R /calico/ipam/v2/", "R P/"],
  policyEditor: [
    "R /calico/ipam/v2/",
    "R P/",
    "RW P/globalnetworkpolicies/",
    "RW P/globalnetworksets/",
    "RW P/networkpolicies/",
    "RW P/networksets/",
    "RW P/profiles/",
  ],
  full: ["RW /calico/ipam/v2/", "RW P/"],
};

/** What those tables have and no Calico from 3.22 on uses. */
export const unused: Record<string, string[]> = { node: ["RW P/workloadendpoints/"] };

/** What the newest Calico that was read needs beyond those tables. */
export const newestVersion = "3.33";
export const addedByNewest: Record<string, string[]> = {
  node: ["RW P/tiers/", "RW P/bgpconfigurations/", "RW P/ipamconfigurations/"],
  felix: ["R /calico/ipam/v2/assignment/"],
  cni: ["R P/ipreservations/", "R P/blockaffinities/", "R P/ipamconfigurations/"],
  kubeControllers: [
    "RW P/workloadendpoints/",
    "RW P/bgppeers/",
    "RW P/felixconfigurations/",
    "RW P/bgpconfigurations/",
    "RW P/tiers/",
    "RW P/globalnetworkpolicies/",
    "RW P/stagednetworkpolicies/",
    "RW P/stagedglobalnetworkpolicies/",
  ],
  typha: ["RW P/tiers/"],
  policyEditor: [
    "RW P/stagednetworkpolicies/",
    "RW P/stagedglobalnetworkpolicies/",
    "RW P/stagedkubernetesnetworkpolicies/",
  ],
};

/** What a version takes: the documented table without what is unused, and what is added. */
export const needed = (preset: string, added: string[]): string[] => [
  ...documented[preset]!.filter((row) => !unused[preset]?.includes(row)),
  ...added,
];

const projectcalico = "/calico/resources/v3/projectcalico.org/";

/** `RW P/nodes/` -> its two halves, the prefix in full. */
export function parseRow(row: string): { prefix: string; access: string } {
  const [access = "", prefix = ""] = row.split(" ");
  return { access, prefix: prefix.replace(/^P\//, projectcalico) };
}

/** The other way round. */
export const rowOf = ({ prefix, access }: PermissionArgs): string =>
  `${access === "readwrite" ? "RW" : access === "read" ? "R" : access} ${prefix?.replace(projectcalico, "P/")}`;
