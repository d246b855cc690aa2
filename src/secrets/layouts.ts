import { Layout } from "./args";

/** What a certificate is used for, as its consumer sees it. */
export type Use = "server" | "peer" | "client";

/** The names of the files in a Secret. */
export interface FileNames {
  caBundle: string;
  cert: string;
  privateKey: string;
  /** Certificate and private key in one. */
  combined?: string;
}

/** How one consumer wants its Secret. */
export interface SecretLayout extends FileNames {
  /** What the certificate in it is used for. */
  uses: readonly Use[];
  /** Where the consumer mounts it, if it says so. */
  mountPath?: string;
  /** The files' mode: 0400 unless the consumer's process is not root. */
  mode?: number;
  /** Who reads it. */
  consumer: string;
  /** Where the names are written down. */
  source: string;
}

const any: readonly Use[] = ["server", "peer", "client"];
const server: readonly Use[] = ["server"];
const peer: readonly Use[] = ["peer"];
const client: readonly Use[] = ["client"];
const files = (caBundle: string, cert: string, privateKey: string): FileNames => ({ caBundle, cert, privateKey });
const tls = files("ca.crt", "tls.crt", "tls.key");
const calico = files("etcd-ca", "etcd-cert", "etcd-key");
const etcdClient = files("etcd-client-ca.crt", "etcd-client.crt", "etcd-client.key");
const kubeadm = "kubernetes/website, content/en/docs/setup/best-practices/certificates.md";
const coreos = "coreos/etcd-operator, doc/user/cluster_tls.md";

/** Every consumer's Secret, one row each. */
// prettier-ignore
export const layouts: Record<Layout, SecretLayout> = {
  "tls": { ...tls, uses: any, consumer: "whatever mounts a `kubernetes.io/tls` Secret", source: "kubernetes/website, content/en/docs/concepts/configuration/secret.md" },
  "calico": { ...calico, uses: client, mountPath: "/calico-secrets", consumer: "calico-node, its install-cni, calicoctl", source: "projectcalico/calico, manifests/calico-etcd.yaml" },
  // It runs as a user of its own, to whom the group gives access; 0400 crashed it (projectcalico/calico#4313).
  "calico-kube-controllers": { ...calico, uses: client, mountPath: "/calico-secrets", mode: 0o440, consumer: "calico-kube-controllers", source: "projectcalico/calico, manifests/calico-etcd.yaml" },
  // kubeadm's own file names, for control planes that run in pods. kubeadm's own static pods mount files of their machine, not
  // Secrets, and keep them in two folders; so there is no path to look in.
  "kubeadm-client": { ...files("ca.crt", "apiserver-etcd-client.crt", "apiserver-etcd-client.key"), uses: client, consumer: "kube-apiserver in a pod of a hosted control plane", source: kubeadm },
  "kubeadm-healthcheck": { ...files("ca.crt", "healthcheck-client.crt", "healthcheck-client.key"), uses: client, consumer: "the probe of an etcd in a pod of a hosted control plane", source: kubeadm },
  "kubeadm-server": { ...files("ca.crt", "server.crt", "server.key"), uses: server, consumer: "etcd in a pod of a hosted control plane, to its clients", source: kubeadm },
  "kubeadm-peer": { ...files("ca.crt", "peer.crt", "peer.key"), uses: peer, consumer: "etcd in a pod of a hosted control plane, to its peers", source: kubeadm },
  "kube-prometheus": { ...etcdClient, uses: client, mountPath: "/etc/prometheus/secrets/kube-etcd-client-certs", consumer: "Prometheus; name it `kube-etcd-client-certs`", source: "prometheus-operator/kube-prometheus, jsonnet/kube-prometheus/addons/static-etcd.libsonnet" },
  "cilium": { ...etcdClient, uses: client, mountPath: "/var/lib/etcd-secrets", consumer: "Cilium; name it `cilium-etcd-secrets`", source: "cilium/cilium, Documentation/installation/k8s-install-external-etcd.rst" },
  "coreos-client": { ...etcdClient, uses: client, consumer: "CoreOS etcd-operator, `operatorSecret`", source: coreos },
  "coreos-server": { ...files("server-ca.crt", "server.crt", "server.key"), uses: server, consumer: "CoreOS etcd-operator, `serverSecret`", source: coreos },
  "coreos-peer": { ...files("peer-ca.crt", "peer.crt", "peer.key"), uses: peer, consumer: "CoreOS etcd-operator, `peerSecret`", source: coreos },
  "etcd-operator": { ...tls, uses: any, consumer: "etcd-io etcd-operator; name them `<cluster>-server-tls`, `-peer-tls`, `-client-tls`", source: "etcd-io/etcd-operator, internal/controller/utils.go" },
  "bitnami": { ...files("ca.crt", "cert.pem", "key.pem"), uses: any, consumer: "Bitnami's chart, `auth.client.existingSecret`, `auth.peer.existingSecret`", source: "bitnami/charts, bitnami/etcd/values.yaml" },
  "etcd-druid": { ...files("bundle.crt", "tls.crt", "tls.key"), uses: any, consumer: "etcd-druid; set `tlsCASecretRef.dataKey: bundle.crt`", source: "gardener/etcd-druid, internal/component/configmap/etcdconfig.go" },
  "kamaji": { ...tls, uses: client, consumer: "Kamaji's DataStore, by `keyPath`; its etcd driver also asks for the authority's private key, which no Secret here has", source: "clastix/kamaji, config/samples/kamaji_v1alpha1_datastore_etcd.yaml" },
};

/** For consumers that do not say where they mount it. */
export const defaultMountPath = "/etc/etcd/tls";

/** Only the owner reads a private key. */
export const defaultMode = 0o400;

/** Kubernetes gives the type by the names of the files, and no consumer asks for another one. */
export const secretType = ({ cert, privateKey }: FileNames) =>
  cert === "tls.crt" && privateKey === "tls.key" ? "kubernetes.io/tls" : "Opaque";
