import type { Context } from "mocha";
import { etcdBinaries, type EtcdBinaries, type EtcdVersion } from "./etcd-binaries";
import { skip } from "./skip";

/** etcd of this version, built if need be; skips where this machine can have none. For `before`. */
export async function requireEtcd(context: Context, version: EtcdVersion): Promise<EtcdBinaries> {
  context.timeout(15 * 60_000);
  try {
    return await etcdBinaries(version);
  } catch (error) {
    // A build that fails is a failure; a version that cannot be had is not.
    if (error instanceof Error && error.message.includes("not on PATH")) skip(context, error.message);
    throw error;
  }
}
