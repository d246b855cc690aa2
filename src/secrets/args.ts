import type { Input } from "@pulumi/pulumi";

/**
 * The shape of a Secret: the file names that its consumer reads, and the mode it needs. All of them carry the CA bundle,
 * one certificate and its private key; `examples/kubernetes-secrets/README.md` has the table.
 */
export const Layout = {
  Tls: "tls",
  Calico: "calico",
  CalicoKubeControllers: "calico-kube-controllers",
  KubeadmClient: "kubeadm-client",
  KubeadmHealthcheck: "kubeadm-healthcheck",
  KubeadmServer: "kubeadm-server",
  KubeadmPeer: "kubeadm-peer",
  KubePrometheus: "kube-prometheus",
  Cilium: "cilium",
  CoreosClient: "coreos-client",
  CoreosServer: "coreos-server",
  CoreosPeer: "coreos-peer",
  EtcdOperator: "etcd-operator",
  Bitnami: "bitnami",
  EtcdDruid: "etcd-druid",
  Kamaji: "kamaji",
} as const;
export type Layout = (typeof Layout)[keyof typeof Layout];

/** File names of your own. Where one is missing, the layout's stays. */
export interface FileNamesArgs {
  /** Of the CA bundle. */
  caBundle?: string;
  /** Of the certificate. */
  cert?: string;
  /** Of the private key. */
  privateKey?: string;
}

/** One Secret: a certificate with its private key and the CA bundle. The authority's own private key is never in it. */
export interface SecretArgs {
  /** Whose certificate: a name in `members`, `proxies` or `components`. */
  identity: string;
  /** A proxy's certificate towards the members instead of the one it listens with. Default: false. */
  upstream?: boolean;
  /** Its `metadata.name`. Default: its key in `secrets`. Needed where two namespaces hold a Secret of one name. */
  name?: string;
  /** Default: `namespace` of `kubernetes`. */
  namespace?: Input<string>;
  /** Default: `tls`, which is `ca.crt`, `tls.crt` and `tls.key` in a Secret of the type `kubernetes.io/tls`. */
  layout?: Layout;
  /** File names of your own. A Secret without `tls.crt` and `tls.key` is of the type `Opaque`. Default: the layout's. */
  fileNames?: FileNamesArgs;
  /** Where its consumer mounts it, for the `files` and `config` outputs. Default: where the layout's consumer looks. */
  mountPath?: string;
  /** Further labels. */
  labels?: Record<string, string>;
  /** Further annotations. */
  annotations?: Record<string, string>;
}

/**
 * Certificates as Secrets, so that they can be mounted. Needs the package `@pulumi/kubernetes`; the provider is the one in
 * the resource's options. Set `enableSecretMutable` on it: without it, a renewed certificate makes the engine delete the
 * Secret and create it again.
 */
export interface KubernetesArgs {
  /** The namespace of every Secret that names none. It must exist. Default: none, each Secret names its own. */
  namespace?: Input<string>;
  /**
   * Publishes every certificate that `secrets` does not name, as `<cluster>-<identity>`, a proxy's second one as
   * `<cluster>-<proxy>-upstream`, with the layout `tls`. Default: false, so that no key gets where no one reads it.
   */
  publishAll?: boolean;
  /** Secrets, by name. An identity can be in several. */
  secrets?: Record<string, SecretArgs>;
}
