import type { PermissionArgs } from "../args";
import type { RightsArgs } from "./args";
import { permissionsOf } from "./permissions-of";

/** What the programs that run and watch etcd itself may do. */
export const operations = {
  /**
   * A probe that runs `etcdctl endpoint health`: read on the key `health`, which it gets (etcd-io/etcd,
   * etcdctl/ctlv3/command/ep_command.go). The probe takes "permission denied" for healthy, too; with this permission the
   * read is a real one. It then lists the alarms, which etcd 3.4.42, 3.5.28 and 3.6.9 alone let only `root` do.
   * @example
   * "health-probe": { permissions: operations.healthProbe() }
   */
  healthProbe: (): PermissionArgs[] => permissionsOf({ name: "etcd-health-probe" }),
  /**
   * A backup with `etcdctl snapshot save`. etcd gives a snapshot to the role `root` only, and no permission stands in for
   * it: a backup's certificate can do everything, so guard it like the administrator's.
   * @example
   * backup: operations.backup()
   */
  backup: (): RightsArgs => ({ permissions: [], roles: ["root"] }),
  /**
   * Prometheus. `/metrics` and `/health` are outside etcd's users and roles: on the client port any certificate of the
   * cluster's authority is enough, on `--listen-metrics-urls` with plain HTTP none is needed. So there is nothing to grant;
   * the component is there for its certificate.
   * @example
   * prometheus: operations.prometheus()
   */
  prometheus: (): RightsArgs => ({ permissions: [], roles: [] }),
};
