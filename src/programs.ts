// How each program that uses etcd is told where its files are, by its own documentation.

/** Where the three files of a certificate are. */
export interface FilePaths {
  caBundle: string;
  cert: string;
  privateKey: string;
}

/** What a program does with its certificate: it serves with it, or connects. */
export type ProgramUse = "server" | "client";

/** How a program takes a setting: `--name=value`, `NAME=value` in its environment, or an entry of a ConfigMap. */
export type SettingsForm = "flags" | "environment" | "entries";

/** What points a program at its files: the names of its flags, variables or entries. */
export interface Program extends FilePaths {
  use: ProgramUse;
  form: SettingsForm;
  /** What names the members it connects to. */
  endpoints?: string;
  /** Further settings that go with the files. */
  fixed?: Record<string, string>;
}

const row = (
  use: ProgramUse,
  form: SettingsForm,
  [caBundle, cert, privateKey]: [string, string, string],
  endpoints?: string,
): Program => ({ use, form, caBundle, cert, privateKey, ...(endpoints !== undefined && { endpoints }) });

/**
 * One row a program. etcd's flags for its peers are none of them: which ones keep clients off the peer port depends on the
 * authority and the release.
 */
// prettier-ignore
export const programs: Record<string, Program> = {
  // tigera/docs, calico/operations/calicoctl/configure/etcd.mdx: calico-node, kube-controllers, calicoctl
  "calico": row("client", "environment", ["ETCD_CA_CERT_FILE", "ETCD_CERT_FILE", "ETCD_KEY_FILE"], "ETCD_ENDPOINTS"),
  // projectcalico/calico, manifests/calico-etcd.yaml
  "calico-config": row("client", "entries", ["etcd_ca", "etcd_cert", "etcd_key"], "etcd_endpoints"),
  // tigera/docs, calico/reference/felix/configuration.mdx and typha/configuration.mdx
  "felix": row("client", "environment", ["FELIX_ETCDCAFILE", "FELIX_ETCDCERTFILE", "FELIX_ETCDKEYFILE"], "FELIX_ETCDENDPOINTS"),
  "typha": row("client", "environment", ["TYPHA_ETCDCAFILE", "TYPHA_ETCDCERTFILE", "TYPHA_ETCDKEYFILE"], "TYPHA_ETCDENDPOINTS"),
  // kubernetes/apiserver, pkg/server/options/etcd.go
  "kube-apiserver": row("client", "flags", ["--etcd-cafile", "--etcd-certfile", "--etcd-keyfile"], "--etcd-servers"),
  // etcd.io/docs, etcdctl
  "etcdctl": row("client", "environment", ["ETCDCTL_CACERT", "ETCDCTL_CERT", "ETCDCTL_KEY"], "ETCDCTL_ENDPOINTS"),
  // etcd.io/docs, op-guide/security
  "etcd": { ...row("server", "flags", ["--trusted-ca-file", "--cert-file", "--key-file"]), fixed: { "--client-cert-auth": "true" } },
  // etcd.io/docs, op-guide/grpc_proxy
  "grpc-proxy-listen": row("server", "flags", ["--trusted-ca-file", "--cert-file", "--key-file"]),
  "grpc-proxy-upstream": row("client", "flags", ["--cacert", "--cert", "--key"], "--endpoints"),
};

/** A program's settings. */
export const settingsOf = (
  program: Program,
  files: FilePaths,
  endpoints: readonly string[] = [],
): Record<string, string> => ({
  ...(program.endpoints !== undefined && endpoints.length > 0 && { [program.endpoints]: endpoints.join(",") }),
  [program.caBundle]: files.caBundle,
  [program.cert]: files.cert,
  [program.privateKey]: files.privateKey,
  ...program.fixed,
});
