import { Access } from "../args";
import { calicoPrograms } from "./calico-entries";
import type { PresetEntry, Program } from "./entries";

const { Read, ReadWrite } = Access;

const etcdPlugin = "coredns/coredns, plugin/etcd/etcd.go get";
const bootstrap = "k3s-io/k3s, pkg/cluster/storage.go";

const apiServer = (prefix: string): PresetEntry[] => [
  { prefix: `/${prefix}/`, access: ReadWrite, source: "kubernetes/apiserver, pkg/storage/etcd3/store.go" },
  { key: "compact_rev_key", access: ReadWrite, source: "kubernetes/apiserver, pkg/storage/etcd3/compact.go" },
];
// kubernetes/apiserver, pkg/server/options/etcd.go
const apiServerPrefix = { usual: "/registry", argument: "flag --etcd-prefix" };

/** Every program that there is a preset for, by the name that `PresetArgs` takes. */
export const programs: Record<string, Program> = {
  ...calicoPrograms,
  "kube-apiserver": { prefix: apiServerPrefix, entries: apiServer },
  k3s: {
    prefix: apiServerPrefix,
    entries: (prefix) => [
      ...apiServer(prefix),
      // It lists the bare prefix, and etcd refuses what is not covered whole.
      {
        prefix: "/bootstrap",
        allowPartialPrefix: true,
        access: Read,
        source: `${bootstrap} getBootstrapKeyFromStorage`,
      },
      { prefix: "/bootstrap/", access: ReadWrite, source: `${bootstrap} Save` },
    ],
  },
  coredns: {
    prefix: { usual: "/skydns", argument: "path in the block of its etcd plugin" },
    entries: (prefix) => [
      { prefix: `/${prefix}/`, access: Read, source: etcdPlugin },
      // Asked for its whole zone while the path holds no key, it gets the path itself.
      { key: `/${prefix}`, access: Read, source: etcdPlugin },
    ],
  },
  "coredns-writer": {
    prefix: { usual: "/skydns/", argument: "flag --coredns-prefix" },
    entries: (prefix) => [
      { prefix: `/${prefix}/`, access: ReadWrite, source: "kubernetes-sigs/external-dns, provider/coredns/coredns.go" },
    ],
  },
  patroni: {
    prefix: { usual: "/service/", argument: "namespace, or namespace and scope" },
    entries: (prefix) => [
      { prefix: `/${prefix}/`, access: ReadWrite, source: "patroni/patroni, patroni/dcs/__init__.py client_path" },
    ],
  },
  traefik: {
    // kvtools/etcdv3, etcd.go normalize: it takes the slash at the beginning away.
    prefix: { usual: "traefik", argument: "providers.etcd.rootKey" },
    entries: (prefix) => [
      {
        prefix,
        allowPartialPrefix: true,
        access: Read,
        source: "traefik/traefik, pkg/provider/kv/kv.go buildConfiguration",
      },
    ],
  },
  "apisix-control-plane": {
    prefix: { usual: "/apisix", argument: "deployment.etcd.prefix" },
    entries: (prefix) => [
      ...apisixReader(prefix),
      { prefix: `/${prefix}/`, access: ReadWrite, source: "apache/apisix, apisix/core/etcd.lua set" },
    ],
  },
  "apisix-data-plane": {
    prefix: { usual: "/apisix", argument: "deployment.etcd.prefix" },
    entries: apisixReader,
  },
  "etcd-health-probe": {
    entries: () => [{ key: "health", access: Read, source: "etcd-io/etcd, etcdctl/ctlv3/command/ep_command.go" }],
  },
};

// It lists the bare prefix, and then watches the prefix with a slash.
function apisixReader(prefix: string): PresetEntry[] {
  const source = "apache/apisix, apisix/core/config_etcd.lua init_loaded_configuration";
  return [{ prefix: `/${prefix}`, allowPartialPrefix: true, access: Read, source }];
}
