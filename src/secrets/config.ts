import type { CertificateKind } from "../naming";
import type { FileNames } from "./layouts";

/** What points a program at the three files: the names of its variables, flags or keys. */
interface ConfigKeys extends FileNames {
  /** The certificates it can use. */
  kinds: readonly CertificateKind[];
  /** Further settings that go with the files. */
  fixed?: Record<string, string>;
}

const clients: readonly CertificateKind[] = ["member", "upstream", "component"];
const keys = (kinds: readonly CertificateKind[], caBundle: string, cert: string, privateKey: string): ConfigKeys => ({
  kinds,
  caBundle,
  cert,
  privateKey,
});

/** How each program is told where its files are, by its own documentation; one row a program. */
// prettier-ignore
const programs: Record<string, ConfigKeys> = {
  // tigera/docs, calico/operations/calicoctl/configure/etcd.mdx: environment of calico-node, kube-controllers, calicoctl
  "calico": keys(clients, "ETCD_CA_CERT_FILE", "ETCD_CERT_FILE", "ETCD_KEY_FILE"),
  // projectcalico/calico, manifests/calico-etcd.yaml: the ConfigMap
  "calico-config": keys(clients, "etcd_ca", "etcd_cert", "etcd_key"),
  // tigera/docs, calico/reference/felix/configuration.mdx and typha/configuration.mdx: environment
  "felix": keys(clients, "FELIX_ETCDCAFILE", "FELIX_ETCDCERTFILE", "FELIX_ETCDKEYFILE"),
  "typha": keys(clients, "TYPHA_ETCDCAFILE", "TYPHA_ETCDCERTFILE", "TYPHA_ETCDKEYFILE"),
  // kubernetes/apiserver, pkg/server/options/etcd.go: flags
  "kube-apiserver": keys(clients, "--etcd-cafile", "--etcd-certfile", "--etcd-keyfile"),
  // etcd.io/docs, etcdctl: environment
  "etcdctl": keys(clients, "ETCDCTL_CACERT", "ETCDCTL_CERT", "ETCDCTL_KEY"),
  // etcd.io/docs, op-guide/security: flags
  "etcd": { ...keys(["member"], "--trusted-ca-file", "--cert-file", "--key-file"), fixed: { "--client-cert-auth": "true" } },
  "etcd-peer": { ...keys(["member"], "--peer-trusted-ca-file", "--peer-cert-file", "--peer-key-file"), fixed: { "--peer-client-cert-auth": "true" } },
  // etcd.io/docs, op-guide/grpc_proxy: flags
  "grpc-proxy-listen": keys(["proxy"], "--trusted-ca-file", "--cert-file", "--key-file"),
  "grpc-proxy-upstream": keys(["upstream"], "--cacert", "--cert", "--key"),
};

/** The environment, flags or ConfigMap entries of every program that can use the certificate. */
export const configFor = (kind: CertificateKind, files: FileNames): Record<string, Record<string, string>> =>
  Object.fromEntries(
    Object.entries(programs)
      .filter(([, { kinds }]) => kinds.includes(kind))
      .map(([program, row]) => [program, settings(row, files)]),
  );

const settings = ({ caBundle, cert, privateKey, fixed }: ConfigKeys, files: FileNames): Record<string, string> => ({
  [caBundle]: files.caBundle,
  [cert]: files.cert,
  [privateKey]: files.privateKey,
  ...fixed,
});
