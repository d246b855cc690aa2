export * from "./args";
export { EtcdPki } from "./etcd-pki";
