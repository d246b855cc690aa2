import { EtcdPki } from "./pki/etcd-pki";
import { EtcdRbac } from "./rbac/etcd-rbac";
import { EtcdSecrets } from "./secrets/etcd-secrets";

/** The components of the package. A program in Node.js makes them itself; for any other language, the plugin does. */
export const components = { EtcdPki, EtcdRbac, EtcdSecrets };
