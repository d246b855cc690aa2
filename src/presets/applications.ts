import type { PermissionArgs } from "../args";
import type { PrefixArgs } from "./args";
import { permissionsOf } from "./permissions-of";

/**
 * Patroni (its section `etcd3`): everything below `/service/`, or below `prefix`, which is its `namespace`. For one cluster
 * alone give namespace and scope, such as `/service/batman`. Patroni talks to etcd's HTTP gateway, which ignores common
 * names: it logs in by password, with a client certificate that has no common name.
 * @example
 * patroni: { login: Login.Password, password, permissions: patroni({ prefix: "/service/batman" }) }
 */
export const patroni = (args?: PrefixArgs): PermissionArgs[] => permissionsOf({ name: "patroni", ...args });

/**
 * Traefik's etcd provider, which only reads. `prefix` is its `rootKey`, by default `traefik`. It lists the bare name, and etcd
 * refuses what is not covered whole: so every key that begins with `traefik` is granted.
 */
export const traefik = (args?: PrefixArgs): PermissionArgs[] => permissionsOf({ name: "traefik", ...args });

/**
 * Apache APISIX. `prefix` is `deployment.etcd.prefix`, by default `/apisix`. It lists the bare name, and etcd refuses what is
 * not covered whole: so every key that begins with `/apisix` may be read. APISIX talks to etcd's HTTP gateway, which ignores
 * common names: it logs in by password, with a client certificate that has no common name.
 */
export const apisix = {
  /** A control plane, or a node of the role `traditional`: it also writes, below `/apisix/`. */
  controlPlane: (args?: PrefixArgs): PermissionArgs[] => permissionsOf({ name: "apisix-control-plane", ...args }),
  /** A data plane, which only reads; the plugin `server-info` does not work with it. */
  dataPlane: (args?: PrefixArgs): PermissionArgs[] => permissionsOf({ name: "apisix-data-plane", ...args }),
};
