import type { PermissionArgs } from "../args";
import type { PrefixArgs, RightsArgs } from "./args";
import { permissionsOf } from "./permissions-of";

/** The key ranges of Kubernetes' programs in etcd. */
export const kubernetes = {
  /**
   * A kube-apiserver without the role `root`: its objects below `prefix` (its flag `--etcd-prefix`, default `/registry`), and
   * `compact_rev_key`, where several of them agree on who compacts (kubernetes/apiserver, pkg/storage/etcd3/compact.go).
   *
   * From etcd 3.4.42, 3.5.28 and 3.6.9 on, compaction takes the role `root`. Without it the apiserver logs a refusal every
   * five minutes: give it `--etcd-compaction-interval=0`, and etcd `--auto-compaction-retention`, or use
   * `apiServerWithRoot`. On etcd 3.6.0 to 3.6.11 and 3.5.28 to 3.5.31 it cannot ask for etcd's version either and so does
   * without watch progress requests.
   * @example
   * "kube-apiserver": { permissions: kubernetes.apiServer() }
   */
  apiServer: (args?: PrefixArgs): PermissionArgs[] => permissionsOf({ name: "kube-apiserver", ...args }),
  /**
   * The same with the role `root`, so that it compacts, as Calico's documentation advises (tigera/docs,
   * calico/reference/etcd-rbac/kubernetes.mdx). `root` reads and writes every key and changes users and roles: prefer `apiServer`.
   * @example
   * "kube-apiserver": kubernetes.apiServerWithRoot()
   */
  apiServerWithRoot: (args?: PrefixArgs): RightsArgs => ({
    permissions: kubernetes.apiServer(args),
    roles: ["root"],
  }),
  /**
   * A k3s or RKE2 server whose datastore is this etcd (`--datastore-endpoint`): its kube-apiserver, of which `apiServer` says
   * more, and `/bootstrap`, where the servers share their keys. Those keys are encrypted with the join token alone.
   * @example
   * k3s: { permissions: kubernetes.k3s() }
   */
  k3s: (args?: PrefixArgs): PermissionArgs[] => permissionsOf({ name: "k3s", ...args }),
  /** CoreDNS's etcd plugin, which only reads. `prefix` is its `path`, by default `/skydns`. */
  coreDns: (args?: PrefixArgs): PermissionArgs[] => permissionsOf({ name: "coredns", ...args }),
  /** What writes the records that CoreDNS reads, such as external-dns. `prefix` is its `--coredns-prefix`, by default `/skydns/`. */
  coreDnsWriter: (args?: PrefixArgs): PermissionArgs[] => permissionsOf({ name: "coredns-writer", ...args }),
};
