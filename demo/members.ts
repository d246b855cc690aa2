import { DEFAULT_ETCD_VERSION, etcdBinaries } from "../test/support/etcd-binaries";
import { startCluster, type Cluster } from "../test/support/etcd-cluster";
import type { Outputs } from "./identities";
import { paths } from "./paths";
import { say, seen } from "./say";

/** Says which etcd the demo takes; builds it where there is none. */
export async function findEtcd(): Promise<void> {
  const { etcd, version } = await etcdBinaries(DEFAULT_ETCD_VERSION);
  say(`   etcd: ${version}, ${etcd}`);
}

/** Three members on free loopback ports that ask clients and peers for a certificate. */
export async function startMembers({ caBundlePem, members }: Outputs): Promise<Cluster> {
  const cluster = await startCluster({
    version: DEFAULT_ETCD_VERSION,
    directory: paths.cluster,
    caBundlePem,
    members,
    // The demo's host may be slow; an election in the middle of it would only confuse.
    flags: ["--heartbeat-interval=200", "--election-timeout=2000"],
  });
  Object.values(cluster.members).forEach(({ name, endpoint, pid }) => say(`   ${name} at ${endpoint}, process ${pid}`));
  return cluster;
}

/** Asks each member by itself. */
export async function showHealth(cluster: Cluster, { components }: Outputs): Promise<void> {
  for (const { name, endpoint } of Object.values(cluster.members)) {
    const { code, stdout, stderr } = await cluster.etcdctl(["endpoint", "health"], components["root"], {
      endpoints: [endpoint],
    });
    seen(`etcdctl endpoint health, ${name}`, code === 0, (stdout || stderr).trim());
  }
}
