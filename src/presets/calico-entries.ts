import { Access } from "../args";
import type { PresetEntry } from "./entries";

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
const virtualMachines = "cni-plugin/pkg/ipamplugin/ipam_plugin.go";
const syncer = "libcalico-go/lib/backend/syncersv1/felixsyncer/felixsyncerv1.go";

/** What each Calico program reads and writes in etcd, a line each. */
export const calicoEntries = {
  basic: [{ prefix: "/calico/", access: ReadWrite, source: split }],
  node: [
    { prefix: "/calico/felix/v1/", access: ReadWrite, source: paths },
    { prefix: "/calico/felix/v2/", access: ReadWrite, source: paths },
    { prefix: ipam, access: ReadWrite, source: paths },
    { prefix: `${v3}felixconfigurations/`, access: ReadWrite, source: paths },
    { prefix: `${v3}nodes/`, access: ReadWrite, source: paths },
    { prefix: `${v3}workloadendpoints/`, access: ReadWrite, source: paths },
    { prefix: `${v3}clusterinformations/`, access: ReadWrite, source: paths },
    { prefix: `${v3}ippools/`, access: ReadWrite, source: paths },
    { prefix: v3, access: Read, source: paths },
    { prefix: `${v3}caliconodestatuses/`, access: ReadWrite, source: "node/pkg/status/reporter.go", since: "3.22" },
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
    { prefix: `${v3}ipamconfigurations/`, access: Read, source: virtualMachines, since: "3.32" },
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
    { prefix: ipam, access: Read, source: syncer },
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
  ],
  full: [
    { prefix: ipam, access: ReadWrite, source: paths },
    { prefix: v3, access: ReadWrite, source: paths },
  ],
} satisfies Record<string, PresetEntry[]>;
