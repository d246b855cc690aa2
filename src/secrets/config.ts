import type { FileNames, Use } from "./layouts";

/** What points a program at the three files: the names of its variables, flags or keys. */
interface ConfigKeys extends Record<"caBundle" | "cert" | "privateKey", string> {
  /** What the certificate is used for. */
  use: Use;
  /** Further settings that go with the files. */
  fixed?: Record<string, string>;
}

const keys = (use: Use, caBundle: string, cert: string, privateKey: string): ConfigKeys => ({
  use,
  caBundle,
  cert,
  privateKey,
});

/**
 * How each program is told where its files are, by its own documentation; one row a program. etcd's flags for peers are none
 * of them: which ones keep clients out of the peer port depends on the authority and the release, so `EtcdPki` says them.
 */
// prettier-ignore
const programs: Record<string, ConfigKeys> = {
  // tigera/docs, calico/operations/calicoctl/configure/etcd.mdx: environment of calico-node, kube-controllers, calicoctl
  "calico": keys("client", "ETCD_CA_CERT_FILE", "ETCD_CERT_FILE", "ETCD_KEY_FILE"),
  // projectcalico/calico, manifests/calico-etcd.yaml: the ConfigMap
  "calico-config": keys("client", "etcd_ca", "etcd_cert", "etcd_key"),
  // tigera/docs, calico/reference/felix/configuration.mdx and typha/configuration.mdx: environment
  "felix": keys("client", "FELIX_ETCDCAFILE", "FELIX_ETCDCERTFILE", "FELIX_ETCDKEYFILE"),
  "typha": keys("client", "TYPHA_ETCDCAFILE", "TYPHA_ETCDCERTFILE", "TYPHA_ETCDKEYFILE"),
  // kubernetes/apiserver, pkg/server/options/etcd.go: flags
  "kube-apiserver": keys("client", "--etcd-cafile", "--etcd-certfile", "--etcd-keyfile"),
  // etcd.io/docs, etcdctl: environment
  "etcdctl": keys("client", "ETCDCTL_CACERT", "ETCDCTL_CERT", "ETCDCTL_KEY"),
  // etcd.io/docs, op-guide/security: flags
  "etcd": { ...keys("server", "--trusted-ca-file", "--cert-file", "--key-file"), fixed: { "--client-cert-auth": "true" } },
  // etcd.io/docs, op-guide/grpc_proxy: flags
  "grpc-proxy-listen": keys("server", "--trusted-ca-file", "--cert-file", "--key-file"),
  "grpc-proxy-upstream": keys("client", "--cacert", "--cert", "--key"),
};

/** The environment, flags or ConfigMap entries of every program for which a layout is. */
export const configFor = (uses: readonly Use[], files: FileNames): Record<string, Record<string, string>> =>
  Object.fromEntries(
    Object.entries(programs)
      .filter(([, { use }]) => uses.includes(use))
      .map(([program, row]) => [program, settings(row, files)]),
  );

const settings = ({ caBundle, cert, privateKey, fixed }: ConfigKeys, files: FileNames): Record<string, string> => ({
  [caBundle]: files.caBundle,
  [cert]: files.cert,
  [privateKey]: files.privateKey,
  ...fixed,
});
