import type { Output } from "@pulumi/pulumi";
import type { CertificateKind } from "../../naming";
import type { FilePaths } from "../../programs";
import { filePaths, layoutDirectory, MachineLayout } from "./layouts";

/** A file on a machine, as cloud-init, Butane and a remote copy take it. */
export interface MachineFile {
  /** Absolute. */
  path: string;
  /** Octal: `0600` for what holds a private key, `0644` for the rest. */
  mode: string;
  /** A secret if it holds a private key. */
  content: Output<string>;
}

/** The texts of one certificate: plain, or outputs. */
export interface CertificateTexts<Text> {
  caBundlePem: Text;
  /** The certificate, then what leads from it to the authority. */
  certPem: Text;
  /** Left out for an identity that brought its request. */
  privateKeyPem?: Text | undefined;
  /** For programs that read no other key, such as Java's. Default: no such file. */
  privateKeyPkcs8Pem?: Text | undefined;
  /** Certificate and key in one, for programs that take one file, such as HAProxy. Default: no such file. */
  combinedPem?: Text | undefined;
}

/** The texts that become files: without the bundle where a certificate beside it writes the same file. */
export type FileTexts<Text> = Omit<CertificateTexts<Text>, "caBundlePem"> & { caBundlePem?: Text | undefined };

/** A file whose content is a plain text or an output. */
export interface FileOf<Text> {
  path: string;
  mode: string;
  content: Text;
}

/** Where an identity's files go. */
export interface FilesPlan {
  /** The identity's name. */
  identity: string;
  /** One of `MachineLayout`, or a template. Default: `machine`. */
  layout?: string | undefined;
  /** The folder; `{identity}` in it is the identity's name. Default: the layout's. */
  directory?: string | undefined;
}

/** The files of one identity's certificates: of a member, say, its own, that for its peers, and its gateway's. */
export function machineFiles<Text>(
  plan: FilesPlan,
  certificates: Partial<Record<CertificateKind, FileTexts<Text>>>,
): FileOf<Text>[] {
  return Object.entries(certificates).flatMap(([kind, texts]) =>
    texts === undefined ? [] : filesOf(kind as CertificateKind, certificatePaths(plan, kind as CertificateKind), texts),
  );
}

/** The paths of one certificate's files. */
export const certificatePaths = (
  { identity, layout = MachineLayout.Machine, directory }: FilesPlan,
  kind: CertificateKind,
) => filePaths(layout, directory ?? layoutDirectory(layout), kind, identity);

/** The path of the key in PKCS#8, beside the key. */
export const pkcs8Path = ({ privateKey }: FilePaths) => `${withoutExtension(privateKey)}.pk8`;

/** The path of certificate and key in one file, beside the certificate. */
export const combinedPath = ({ cert }: FilePaths) => `${withoutExtension(cert)}.combined.pem`;

const anybody = "0644";
const ownerAlone = "0600";

function filesOf<Text>(kind: CertificateKind, paths: FilePaths, texts: FileTexts<Text>): FileOf<Text>[] {
  const rows: [string, string, Text | undefined][] = [
    // The gateway takes the bundle of the member that it is in.
    [paths.caBundle, anybody, kind === "gateway" ? undefined : texts.caBundlePem],
    [paths.cert, anybody, texts.certPem],
    [paths.privateKey, ownerAlone, texts.privateKeyPem],
    [pkcs8Path(paths), ownerAlone, texts.privateKeyPkcs8Pem],
    [combinedPath(paths), ownerAlone, texts.combinedPem],
  ];
  return rows.flatMap(([path, mode, content]) => (content === undefined ? [] : [{ path, mode, content }]));
}

const withoutExtension = (path: string) => path.replace(/\.[^./]+$/, "");
