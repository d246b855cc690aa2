import type { Context } from "mocha";
import { etcdBinaries, type EtcdBinaries, type EtcdVersion, TESTED_ETCD_VERSIONS } from "./etcd-binaries";
import { skip } from "./skip";

/**
 * etcd of this version, built if need be. Skips where this machine can have none, and versions that only
 * `npm run test:all` runs on. For `before`.
 */
export async function requireEtcd(context: Context, version: EtcdVersion): Promise<EtcdBinaries> {
  context.timeout(15 * 60_000);
  if (!TESTED_ETCD_VERSIONS.includes(version)) skip(context, `npm run test:all runs it, on etcd ${version}`);
  try {
    return await etcdBinaries(version);
  } catch (error) {
    // A build that fails is a failure; a version that cannot be had is not.
    if (error instanceof Error && error.message.includes("not on PATH")) skip(context, error.message);
    throw error;
  }
}
