// What Pulumi's other languages see: the engine hosts every ComponentResource that this module exports. EtcdRbac is made
// of dynamic resources, which only run inside a Node.js program (pulumi/pulumi#5455), so it stays out.
export { EtcdPki } from "./pki/etcd-pki";
export { EtcdSecrets } from "./secrets/etcd-secrets";
