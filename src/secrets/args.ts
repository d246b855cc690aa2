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

/** How a private key is written. Both are PEM and hold the same key. */
export const KeyFormat = {
  /** As it is passed: from `EtcdPki` PKCS#1 (RSA), SEC1 (ECDSA) or PKCS#8 (Ed25519), which Go, OpenSSL and Node.js read. */
  Default: "default",
  /** PKCS#8 (RFC 5958), the only one that Java's netty reads, and so jetcd. */
  Pkcs8: "pkcs8",
} as const;
export type KeyFormat = (typeof KeyFormat)[keyof typeof KeyFormat];

/** File names of your own. Where one is missing, the layout's stays. */
export interface FileNamesArgs {
  /** Of the CA bundle. */
  caBundle?: string;
  /** Of the certificate. */
  cert?: string;
  /** Of the private key. */
  privateKey?: string;
  /** Of a further file with the certificate and, after it, the private key, as HAProxy reads them. Default: none. */
  combined?: string;
}

/**
 * One Secret: a certificate, its private key and the CA bundle, PEM. In TypeScript an entry of `EtcdPki`'s outputs fits as it
 * is, `{ ...pki.components["my-app"], layout: Layout.Calico }`; what else it holds is ignored. In other languages pass the
 * fields one by one. The authority's own private key is in no Secret.
 */
export interface SecretArgs {
  /** The certificate, and after it the cross certificate or intermediates, if there are any. */
  certPem: Input<string>;
  /** Its private key: PKCS#1, SEC1 or PKCS#8, not encrypted. A secret. */
  privateKeyPem?: Input<string>;
  /** Its private key in PKCS#8. One of the two is enough; `privateKeyPem` goes before it. A secret. */
  privateKeyPkcs8Pem?: Input<string>;
  /** The CA certificates that the holder of this certificate trusts. */
  caBundlePem: Input<string>;
  /**
   * The generation of the authority that is declared to sign, as `EtcdPki` says it. With it a preview refuses a stage of a
   * rotation that this Secret is not ready for, also where the new certificate is not known yet. Default: none.
   */
  generation?: Input<string>;
  /**
   * Its `metadata.name`, and so the name by which Pulumi knows it: another name is another Secret. Default: its key in
   * `secrets`. A key that Kubernetes does not take as a name, such as `system:kube-apiserver`, becomes one that it takes and
   * that no other key becomes: small letters, digits, `-` and `.`, and the first eight digits of the key's SHA-256.
   */
  name?: string;
  /**
   * Its namespace. It must exist. Default: `namespace` of all. Where two Secrets share a name it must be plain text, since it
   * then joins the name by which Pulumi knows them.
   */
  namespace?: Input<string>;
  /** Default: `tls`, which is `ca.crt`, `tls.crt` and `tls.key` in a Secret of the type `kubernetes.io/tls`. */
  layout?: Layout;
  /** How the private key is written. Default: `default`, as it is passed. */
  keyFormat?: KeyFormat;
  /** File names of your own. A Secret without `tls.crt` and `tls.key` is of the type `Opaque`. Default: the layout's. */
  fileNames?: FileNamesArgs;
  /** Where its consumer mounts it, for the `files` and `config` outputs. Default: where the layout's consumer looks. */
  mountPath?: string;
  /** Further labels. */
  labels?: Record<string, string>;
  /** Further annotations. */
  annotations?: Record<string, string>;
}

/** The Secrets of one Kubernetes cluster. Which there are, and their names, is plain data. */
export interface EtcdSecretsArgs {
  /** The namespace of every Secret that names none. It must exist. Default: none, each Secret names its own. */
  namespace?: Input<string>;
  /** The Secrets, by name. A certificate can be in several. */
  secrets: Record<string, SecretArgs>;
}
