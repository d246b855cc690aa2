import { posix } from "node:path";
import type { ComponentArgs, PermissionArgs } from "../args";
import { Access } from "../args";

/** A component's permissions and roles, for a preset that needs more than permissions. */
export type RightsArgs = Required<Pick<ComponentArgs, "permissions" | "roles">>;

/** How a kube-apiserver uses etcd. */
export interface ApiServerArgs {
  /** Its flag `--etcd-prefix`. Default: `/registry`, the flag's own (kubernetes/apiserver, pkg/server/options/etcd.go). */
  etcdPrefix?: string;
}

/** Where a CoreDNS looks. */
export interface CoreDnsArgs {
  /** The `path` of its etcd plugin. Default: `/skydns`, the plugin's own (coredns/coredns, plugin/etcd/README.md). */
  path?: string;
}

/** The key ranges of Kubernetes' programs in etcd. */
export const kubernetes = {
  /**
   * A kube-apiserver without the role `root`: its objects, and `compact_rev_key`, where several of them agree on who
   * compacts (kubernetes/apiserver, pkg/storage/etcd3/compact.go). Its health check reads `<prefix>/health`.
   *
   * From etcd 3.4.42, 3.5.28 and 3.6.9 on, compaction takes the role `root`. Without it the apiserver logs a refusal every
   * five minutes: give it `--etcd-compaction-interval=0`, and etcd `--auto-compaction-retention`, or use
   * `apiServerWithRoot`. On etcd 3.6.0 to 3.6.11 and 3.5.28 to 3.5.31 it cannot ask for etcd's version either and so does
   * without watch progress requests.
   * @example
   * "kube-apiserver": { permissions: kubernetes.apiServer() }
   */
  apiServer: ({ etcdPrefix = "/registry" }: ApiServerArgs = {}): PermissionArgs[] => [
    { prefix: directory("kubernetes.apiServer: etcdPrefix", etcdPrefix), access: Access.ReadWrite },
    { key: "compact_rev_key", access: Access.ReadWrite },
  ],
  /**
   * The same with the role `root`, so that it compacts, as Calico's documentation advises (tigera/docs,
   * calico/reference/etcd-rbac/kubernetes.mdx). `root` reads and writes every key and changes users and roles: prefer `apiServer`.
   * @example
   * "kube-apiserver": kubernetes.apiServerWithRoot()
   */
  apiServerWithRoot: (args?: ApiServerArgs): RightsArgs => ({
    permissions: kubernetes.apiServer(args),
    roles: ["root"],
  }),
  /** CoreDNS's etcd plugin, which only reads. What writes the records needs `readwrite` on the same prefix. */
  coreDns: ({ path = "/skydns" }: CoreDnsArgs = {}): PermissionArgs[] => [
    { prefix: directory("kubernetes.coreDns: path", path), access: Access.Read },
  ],
};

// As the programs join it: a slash at both ends, whatever was given.
function directory(argument: string, given: string): string {
  const prefix = posix.join("/", given, "/");
  if (prefix !== "/") return prefix;
  throw new Error(`${argument} is ${JSON.stringify(given)}, which is every key; give a path such as "/registry".`);
}
