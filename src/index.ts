export * from "./args";
export * from "./kubernetes-args";
export { EtcdPki } from "./etcd-pki";
export { type CalicoArgs, calico } from "./presets/calico";
export { type ApiServerArgs, type CoreDnsArgs, kubernetes, type RightsArgs } from "./presets/kubernetes";
export { operations } from "./presets/operations";
export { EtcdRbac } from "./etcd-rbac";
export type { AdministratorArgs, EtcdRbacArgs } from "./rbac-args";
