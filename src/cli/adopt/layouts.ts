// What the common tools call their files. A file name is only a hint: what a certificate is by signature and usages goes
// before what it is called.

/** What a certificate is for. */
export type Role = "authority" | "member" | "peer" | "proxy" | "component";

/** How a tool lays out its files. */
export interface Layout {
  /** The tool, as the report names it. */
  name: string;
  /** Whether a folder with these files is this tool's. */
  fits(files: string[]): boolean;
  /** The key's file beside a certificate's. */
  keyFile(certFile: string): string;
  /** What a file is for, by its name; nothing where the name does not tell. */
  roleOf(certFile: string): Role | undefined;
  /** Files in the folder above: a client of etcd's, and others that show whether etcd's authority is etcd's alone. */
  above: string[];
}

type Names = [RegExp, Role][];

const byNames = (names: Names) => (file: string) => names.find(([pattern]) => pattern.test(file))?.[1];
const dashKey = (certFile: string) => certFile.replace(/\.(pem|crt|cer)$/, "-key.$1");
const has = (files: string[], pattern: RegExp) => files.some((file) => pattern.test(file));

const loose: Names = [
  [/^peer\b|\bpeer\b.*\.(pem|crt)$/, "peer"],
  [/proxy/, "proxy"],
  [/client|^root\b|admin|apiserver|calico|felix|health|backup|prometheus|user/, "component"],
];

/** In the order in which they are tried; the last one fits every folder. */
export const layouts: Layout[] = [
  {
    // https://kubernetes.io/docs/setup/best-practices/certificates/
    name: "kubeadm",
    fits: (files) => files.includes("ca.crt") && has(files, /^(server|peer|healthcheck-client)\.crt$/),
    keyFile: (certFile) => certFile.replace(/\.crt$/, ".key"),
    roleOf: byNames([
      [/^server\.crt$/, "member"],
      [/^peer\.crt$/, "peer"],
      [/^(healthcheck-client|apiserver-etcd-client)\.crt$/, "component"],
    ]),
    above: ["apiserver-etcd-client.crt", "ca.crt", "apiserver.crt", "apiserver-kubelet-client.crt"],
  },
  {
    // kubernetes-sigs/kubespray, roles/etcd/templates/make-ssl-etcd.sh.j2; a member's one pair serves peers, too.
    name: "kubespray",
    fits: (files) => files.includes("ca.pem") && has(files, /^(member|admin)-.+\.pem$/),
    keyFile: dashKey,
    roleOf: byNames([
      [/^member-/, "member"],
      [/^(admin|node)-/, "component"],
    ]),
    above: [],
  },
  {
    // etcd-io/etcd, hack/tls-setup; cfssljson -bare writes NAME.pem, NAME-key.pem and NAME.csr.
    name: "hack/tls-setup",
    fits: (files) => files.includes("ca.pem") && has(files, /^(peer-.+|etcd\d+|proxy\d+)\.pem$/),
    keyFile: dashKey,
    roleOf: byNames([[/^peer-/, "peer"], [/^etcd\d+\.pem$/, "member"], ...loose]),
    above: [],
  },
  {
    name: "cfssl",
    fits: (files) => has(files, /-key\.pem$/),
    keyFile: dashKey,
    roleOf: byNames(loose),
    above: [],
  },
  {
    name: "no tool's that is known",
    fits: () => true,
    keyFile: (certFile) => certFile.replace(/\.(crt|cer|pem)$/, ".key"),
    roleOf: byNames(loose),
    above: [],
  },
];
