import { Access } from "../args";
import type { PresetEntry, Program } from "./entries";

const { Read, ReadWrite } = Access;
const v3 = "/calico/resources/v3/projectcalico.org/";
const ipam = "/calico/ipam/v2/";

// tigera/docs, the same from 3.29 to 3.32 and in projectcalico/calico@v3.25.0; `path/*` there is the prefix `path/`.
const paths = "calico/reference/etcd-rbac/calico-etcdv3-paths.mdx";
const split = "calico/reference/etcd-rbac/kubernetes.mdx";

// projectcalico/calico: what the programs do beyond those tables. Lines that hold in every release read begin with 3.22,
// the oldest one that holds all of Calico's code.
const ensure = "libcalico-go/lib/clientv3/client.go EnsureInitialized";
const startup = "node/pkg/lifecycle/startup/startup.go";
const deletion = "libcalico-go/lib/clientv3/node.go Delete";
const podController = "kube-controllers/pkg/controllers/pod/pod_controller.go";
const addresses = "libcalico-go/lib/ipam/ipam.go getReservedIPs";
const ipamUpgrade = "libcalico-go/lib/ipam/ipam.go UpgradeHost";
const ipamPlugin = "cni-plugin/pkg/ipamplugin/ipam_plugin.go";
const migrator = "kube-controllers/pkg/controllers/networkpolicy/policy_name_migrator.go";
const staged = "calicoctl/calicoctl/resourcemgr/stagednetworkpolicy.go";
const syncer = "libcalico-go/lib/backend/syncersv1/felixsyncer/felixsyncerv1.go";
const bgpSyncer = "libcalico-go/lib/backend/syncersv1/bgpsyncer/bgpsyncer.go";

/** What each Calico program reads and writes in etcd, a line each. */
const entries = {
  basic: [{ prefix: "/calico/", access: ReadWrite, source: split }],
  node: [
    { prefix: "/calico/felix/v1/", access: ReadWrite, source: paths },
    { prefix: "/calico/felix/v2/", access: ReadWrite, source: paths },
    { prefix: ipam, access: ReadWrite, source: paths },
    { prefix: `${v3}felixconfigurations/`, access: ReadWrite, source: paths },
    { prefix: `${v3}nodes/`, access: ReadWrite, source: paths },
    // No code of node, felix or confd writes it.
    { prefix: `${v3}workloadendpoints/`, access: ReadWrite, source: paths, until: "3.22" },
    { prefix: `${v3}clusterinformations/`, access: ReadWrite, source: paths },
    { prefix: `${v3}ippools/`, access: ReadWrite, source: paths },
    { prefix: v3, access: Read, source: paths },
    // Without caliconodestatuses/: up to 3.33 the reporter's updates fail before they reach etcd, since what it updates
    // has no ResourceVersion (libcalico-go/lib/clientv3/resources.go Update).
    { prefix: `${v3}tiers/`, access: ReadWrite, source: ensure, since: "3.29" },
    { prefix: `${v3}bgpconfigurations/`, access: ReadWrite, source: startup, since: "3.32" },
    { prefix: `${v3}ipamconfigurations/`, access: ReadWrite, source: startup, since: "3.33" },
  ],
  felix: [
    { prefix: "/calico/felix/v1/", access: ReadWrite, source: paths },
    { prefix: "/calico/felix/v2/", access: ReadWrite, source: paths },
    { prefix: v3, access: Read, source: paths },
    { prefix: `${ipam}assignment/`, access: Read, source: syncer, since: "3.22" },
  ],
  cni: [
    { prefix: ipam, access: ReadWrite, source: paths },
    { prefix: `${v3}workloadendpoints/`, access: ReadWrite, source: paths },
    { prefix: `${v3}ippools/`, access: Read, source: paths },
    { prefix: `${v3}clusterinformations/`, access: Read, source: paths },
    { prefix: `${v3}nodes/`, access: Read, source: paths },
    { prefix: `${v3}ipreservations/`, access: Read, source: addresses, since: "3.22" },
    { prefix: `${v3}blockaffinities/`, access: Read, source: ipamUpgrade, since: "3.31" },
    // For pods of KubeVirt only.
    { prefix: `${v3}ipamconfigurations/`, access: Read, source: ipamPlugin, since: "3.32" },
  ],
  kubeControllers: [
    { prefix: ipam, access: ReadWrite, source: paths },
    { prefix: `${v3}profiles/`, access: ReadWrite, source: paths },
    { prefix: `${v3}networkpolicies/`, access: ReadWrite, source: paths },
    { prefix: `${v3}nodes/`, access: ReadWrite, source: paths },
    { prefix: `${v3}clusterinformations/`, access: ReadWrite, source: paths },
    { prefix: `${v3}hostendpoints/`, access: ReadWrite, source: paths },
    { prefix: `${v3}kubecontrollersconfigurations/`, access: ReadWrite, source: paths },
    { prefix: v3, access: Read, source: paths },
    { prefix: `${v3}workloadendpoints/`, access: ReadWrite, source: podController, since: "3.22" },
    { prefix: `${v3}bgppeers/`, access: ReadWrite, source: deletion, since: "3.22" },
    { prefix: `${v3}felixconfigurations/`, access: ReadWrite, source: deletion, since: "3.22" },
    { prefix: `${v3}bgpconfigurations/`, access: ReadWrite, source: deletion, since: "3.22" },
    { prefix: `${v3}tiers/`, access: ReadWrite, source: ensure, since: "3.29" },
    { prefix: `${v3}globalnetworkpolicies/`, access: ReadWrite, source: migrator, since: "3.32" },
    { prefix: `${v3}stagednetworkpolicies/`, access: ReadWrite, source: migrator, since: "3.32" },
    { prefix: `${v3}stagedglobalnetworkpolicies/`, access: ReadWrite, source: migrator, since: "3.32" },
  ],
  neutron: [
    { prefix: v3, access: ReadWrite, source: paths },
    { prefix: "/calico/dhcp/v1/", access: ReadWrite, source: paths },
    { prefix: "/calico/dhcp/v2/", access: ReadWrite, source: paths },
    { prefix: "/calico/compaction/v1/", access: ReadWrite, source: paths },
    { prefix: "/calico/openstack/v1/", access: ReadWrite, source: paths },
    { prefix: "/calico/openstack/v2/", access: ReadWrite, source: paths },
    { prefix: "/calico/felix/v1/", access: Read, source: paths },
    { prefix: "/calico/felix/v2/", access: Read, source: paths },
  ],
  dhcpAgent: [
    { prefix: v3, access: Read, source: paths },
    { prefix: "/calico/dhcp/v1/", access: Read, source: paths },
    { prefix: "/calico/dhcp/v2/", access: Read, source: paths },
  ],
  typha: [
    { prefix: v3, access: Read, source: syncer },
    { prefix: `${ipam}assignment/`, access: Read, source: syncer },
    { prefix: `${ipam}host/`, access: Read, source: bgpSyncer },
    { prefix: `${v3}clusterinformations/`, access: ReadWrite, source: ensure },
    { prefix: `${v3}tiers/`, access: ReadWrite, source: ensure, since: "3.29" },
  ],
  calicoctlReadOnly: [
    { prefix: ipam, access: Read, source: paths },
    { prefix: v3, access: Read, source: paths },
  ],
  policyEditor: [
    { prefix: ipam, access: Read, source: paths },
    { prefix: v3, access: Read, source: paths },
    { prefix: `${v3}globalnetworkpolicies/`, access: ReadWrite, source: paths },
    { prefix: `${v3}globalnetworksets/`, access: ReadWrite, source: paths },
    { prefix: `${v3}networkpolicies/`, access: ReadWrite, source: paths },
    { prefix: `${v3}networksets/`, access: ReadWrite, source: paths },
    { prefix: `${v3}profiles/`, access: ReadWrite, source: paths },
    { prefix: `${v3}stagednetworkpolicies/`, access: ReadWrite, source: staged, since: "3.30" },
    { prefix: `${v3}stagedglobalnetworkpolicies/`, access: ReadWrite, source: staged, since: "3.30" },
    { prefix: `${v3}stagedkubernetesnetworkpolicies/`, access: ReadWrite, source: staged, since: "3.30" },
  ],
  full: [
    { prefix: ipam, access: ReadWrite, source: paths },
    { prefix: v3, access: ReadWrite, source: paths },
  ],
} satisfies Record<string, PresetEntry[]>;

// Until 3.8 the programs wrote to all of /calico/resources/ and had a table of their own.
const versions = { oldestMinor: 9, example: "3.32" };

const program = (table: PresetEntry[]): Program => ({ versions, entries: () => table });

/** Calico's programs. Where they keep their keys cannot be chosen (libcalico-go/lib/backend/model/resource.go). */
export const calicoPrograms = {
  "calico-basic": program(entries.basic),
  "calico-node": program(entries.node),
  "calico-felix": program(entries.felix),
  "calico-cni": program(entries.cni),
  "calico-kube-controllers": program(entries.kubeControllers),
  "calico-neutron": program(entries.neutron),
  "calico-dhcp-agent": program(entries.dhcpAgent),
  "calico-typha": program(entries.typha),
  "calico-calicoctl-read-only": program(entries.calicoctlReadOnly),
  "calico-policy-editor": program(entries.policyEditor),
  "calico-full": program(entries.full),
};
