import type { CertificateKind } from "../../naming";
import type { FilePaths } from "../../programs";
import { shown } from "../../shape";

/** The layouts of files that people know. */
export const MachineLayout = {
  /** One folder a machine, named by what etcd does with the files: `server.pem`, `peer.pem`, `my-app.pem`. */
  Machine: "machine",
  /** etcd's `hack/tls-setup`, as Calico's tutorial ends: `ca.pem`, `etcd1.pem`, `etcd1-key.pem`, `proxy1.pem`. */
  TlsSetup: "tls-setup",
  /** kubeadm's `/etc/kubernetes/pki`: `etcd/ca.crt`, `etcd/server.crt`, `apiserver-etcd-client.crt`. */
  Kubeadm: "kubeadm",
  /** kubespray's `/etc/ssl/etcd/ssl`: `ca.pem`, `member-<name>.pem`. */
  Kubespray: "kubespray",
} as const;
export type MachineLayout = (typeof MachineLayout)[keyof typeof MachineLayout];

/** How one layout names the files, relative to its folder; `{identity}` is the identity's name. */
interface LayoutRow {
  /** The folder on the machine, by the layout's own documents. */
  directory: string;
  caBundle: string;
  /** What the peers trust: a file of its own also where it has the same content, so that no path changes later. */
  peerCaBundle: string;
  /** The certificate's file without its extension. */
  stems: Record<CertificateKind, string>;
  /** The certificate's file of a component that the layout knows by name, without its extension. */
  knownComponents?: Record<string, string>;
  certExtension: string;
  /** What takes the place of the extension in the key's file. */
  keyEnding: string;
}

const pem = { certExtension: ".pem", keyEnding: "-key.pem" };

const layouts: Record<MachineLayout, LayoutRow> = {
  machine: {
    ...pem,
    directory: "/etc/etcd/pki",
    caBundle: "ca.pem",
    peerCaBundle: "peer-ca.pem",
    stems: {
      member: "server",
      peer: "peer",
      gateway: "gateway",
      proxy: "{identity}",
      upstream: "{identity}-upstream",
      component: "{identity}",
    },
  },
  // etcd-io/etcd, hack/tls-setup/Makefile
  "tls-setup": {
    ...pem,
    directory: "/etc/etcd/certs",
    caBundle: "ca.pem",
    peerCaBundle: "peer-ca.pem",
    stems: {
      member: "{identity}",
      peer: "peer-{identity}",
      gateway: "gateway-{identity}",
      proxy: "{identity}",
      upstream: "upstream-{identity}",
      component: "{identity}",
    },
  },
  // kubernetes/website, content/en/docs/setup/best-practices/certificates.md
  kubeadm: {
    certExtension: ".crt",
    keyEnding: ".key",
    directory: "/etc/kubernetes/pki",
    caBundle: "etcd/ca.crt",
    peerCaBundle: "etcd/peer-ca.crt",
    stems: {
      member: "etcd/server",
      peer: "etcd/peer",
      gateway: "etcd/gateway-client",
      proxy: "etcd/{identity}",
      upstream: "etcd/{identity}-upstream",
      component: "etcd/{identity}",
    },
    knownComponents: {
      "kube-apiserver": "apiserver-etcd-client",
      "kube-apiserver-etcd-client": "apiserver-etcd-client",
      "kube-etcd-healthcheck-client": "etcd/healthcheck-client",
    },
  },
  // kubernetes-sigs/kubespray, roles/etcd/templates/etcd.env.j2 and make-ssl-etcd.sh.j2
  kubespray: {
    ...pem,
    directory: "/etc/ssl/etcd/ssl",
    caBundle: "ca.pem",
    peerCaBundle: "peer-ca.pem",
    stems: {
      member: "member-{identity}",
      peer: "peer-{identity}",
      gateway: "gateway-{identity}",
      proxy: "{identity}",
      upstream: "upstream-{identity}",
      component: "{identity}",
    },
  },
};

/** The folder that a layout has on the machine; of a template, `/etc/etcd/pki`. */
export const layoutDirectory = (layout: string) => (layouts[layout as MachineLayout] ?? layouts.machine).directory;

/**
 * The paths of a certificate's three files.
 *
 * @param layout One of `MachineLayout`, or a template with `{identity}`, `{kind}` and `{part}` (`ca`, `cert` or `key`),
 *   such as `{identity}/{kind}-{part}.pem`.
 * @param directory The folder; `{identity}` in it is the identity's name.
 */
export function filePaths(layout: string, directory: string, kind: CertificateKind, identity: string): FilePaths {
  const { caBundle, cert, privateKey } = isTemplate(layout)
    ? fromTemplate(layout, kind)
    : fromLayout(layouts[layout as MachineLayout], kind, identity);
  const inDirectory = (name: string) => joined(directory, name).replaceAll("{identity}", fileName(identity));
  return { caBundle: inDirectory(caBundle), cert: inDirectory(cert), privateKey: inDirectory(privateKey) };
}

/** An identity's name as part of a file's: a name such as `team/app` must lead to no other folder. */
export const fileName = (identity: string) => identity.replace(/[^A-Za-z0-9._@:+-]+/g, "-");

/** What is wrong with a layout, a sentence each. */
export function layoutProblems(path: string, layout: string): string[] {
  const known = Object.values(MachineLayout).join(", ");
  if (!isTemplate(layout))
    return Object.hasOwn(layouts, layout)
      ? []
      : [`${path} is ${shown(layout)}; give one of ${known}, or a template such as {identity}/{kind}-{part}.pem`];
  const unknown = (layout.match(/\{[^}]*\}/g) ?? []).filter((placeholder) => !placeholders.includes(placeholder));
  return [
    ...unknown.map((each) => `${path} has ${each} in it; a template knows ${placeholders.join(", ")}`),
    ...(layout.includes("{part}")
      ? []
      : [`${path} is ${shown(layout)}, one path for the certificate and its key; put {part} into it`]),
  ];
}

const placeholders = ["{identity}", "{kind}", "{part}"];
const isTemplate = (layout: string) => layout.includes("{");

function fromLayout(row: LayoutRow, kind: CertificateKind, identity: string): FilePaths {
  const known = kind === "component" && Object.hasOwn(row.knownComponents ?? {}, identity);
  const stem = (known ? row.knownComponents?.[identity] : undefined) ?? row.stems[kind];
  return {
    caBundle: kind === "peer" ? row.peerCaBundle : row.caBundle,
    cert: `${stem}${row.certExtension}`,
    privateKey: `${stem}${row.keyEnding}`,
  };
}

function fromTemplate(template: string, kind: CertificateKind): FilePaths {
  const part = (name: string) => template.replaceAll("{kind}", kind).replaceAll("{part}", name);
  return { caBundle: part("ca"), cert: part("cert"), privateKey: part("key") };
}

const joined = (directory: string, name: string) =>
  directory === "" ? name : `${directory.replace(/\/$/, "")}/${name}`;
