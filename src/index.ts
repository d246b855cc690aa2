export * from "./args";
export * from "./pki/args";
export * from "./secrets/args";
export { EtcdPki } from "./pki/etcd-pki";
export type {
  IssuedCertificate,
  MemberCertificates,
  ProxyCertificates,
  PublicCertificate,
} from "./pki/certificate/outputs";
export type { CalicoArgs } from "./presets/calico";
export { calico } from "./presets/calico";
export type { ApiServerArgs, CoreDnsArgs, RightsArgs } from "./presets/kubernetes";
export { kubernetes } from "./presets/kubernetes";
export { operations } from "./presets/operations";
export { EtcdRbac } from "./rbac/etcd-rbac";
export type { AdministratorArgs, EtcdRbacArgs } from "./rbac/args";
export { EtcdSecrets } from "./secrets/etcd-secrets";
export type { PublishedSecret } from "./secrets/etcd-secrets";
