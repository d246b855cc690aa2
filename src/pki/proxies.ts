import { Login } from "../args";
import type { EtcdPkiArgs } from "./args";

/**
 * Tells of components with rights beside grpc-proxies. A grpc-proxy connects as itself, and its certificate has no common
 * name, so etcd sees no user; it passes on the token of who logs in by a password (etcd, "gRPC proxy").
 */
export function proxyWarnings({ proxies = {}, components = {} }: EtcdPkiArgs): string[] {
  const names = Object.entries(components)
    .filter(([, { permissions, roles, presets }]) => [permissions, roles, presets].some((list) => list?.length))
    .filter(([, { login }]) => login !== Login.Password)
    .map(([name]) => name);
  if (Object.keys(proxies).length === 0 || names.length === 0) return [];
  return [
    `once authentication is on, ${names.join(", ")} may do nothing through a grpc-proxy, which passes no user on: let them ` +
      `reach the members themselves or through etcd gateway, which keeps common names and needs no certificate, or let ` +
      `them log in by a password`,
  ];
}
