import { posix } from "node:path";
import type { Input } from "@pulumi/pulumi";
import type { EtcdPkiArgs } from "../pki/args";
import type { SecretArgs } from "./args";
import { Layout } from "./args";
import { logicalName, secretName } from "../naming";
import type { CertificateKind } from "../naming";
import type { FileNames } from "./layouts";
import { defaultMode, defaultMountPath, layouts, secretType } from "./layouts";

/** One Secret to be made: everything but the certificate in it. */
export interface SecretPlan {
  /** The key among the outputs. */
  key: string;
  /** Where it stands in the arguments, for messages. */
  path: string;
  logicalName: string;
  name: string;
  namespace?: Input<string>;
  kind: CertificateKind;
  identity: string;
  layout: Layout;
  fileNames: FileNames;
  type: string;
  mountPath: string;
  mode: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** Every Secret, as rows: those that are named, then what is left of `publishAll`. */
export function planSecrets(cluster: string, args: EtcdPkiArgs): SecretPlan[] {
  const named = Object.entries(args.kubernetes?.secrets ?? {}).flatMap(([key, own]) => {
    const kind = certificateKind(args, own);
    return kind === undefined ? [] : [planSecret(cluster, args, key, kind, own, secretPath(key))];
  });
  if (!args.kubernetes?.publishAll) return named;
  const isNamed = (kind: CertificateKind, identity: string) =>
    named.some((row) => row.kind === kind && row.identity === identity);
  const rest = certificates(args)
    .filter(({ kind, identity }) => !isNamed(kind, identity))
    .map(({ kind, identity }) => {
      const key = kind === "upstream" ? secretName.upstream(cluster, identity) : secretName.identity(cluster, identity);
      return planSecret(cluster, args, key, kind, { identity }, `kubernetes.publishAll, ${JSON.stringify(identity)}`);
    });
  return [...named, ...rest];
}

/** The certificate that a Secret is to carry, if there is one. */
export function certificateKind(args: EtcdPkiArgs, own: SecretArgs): CertificateKind | undefined {
  const kinds = certificates(args).filter(({ identity }) => identity === own.identity);
  return kinds.find(({ kind }) => (kind === "upstream") === (own.upstream ?? false))?.kind;
}

/** The name of a Secret as it is written in the arguments. */
export const secretPath = (key: string) => `kubernetes.secrets[${JSON.stringify(key)}]`;

function planSecret(
  cluster: string,
  args: EtcdPkiArgs,
  key: string,
  kind: CertificateKind,
  own: SecretArgs,
  path: string,
): SecretPlan {
  const layout = own.layout ?? Layout.Tls;
  const { caBundle, cert, privateKey, mountPath, mode } = layouts[layout];
  const fileNames = {
    caBundle: own.fileNames?.caBundle ?? caBundle,
    cert: own.fileNames?.cert ?? cert,
    privateKey: own.fileNames?.privateKey ?? privateKey,
  };
  return {
    key,
    path,
    logicalName: logicalName.secret(cluster, key),
    name: own.name ?? key,
    namespace: own.namespace ?? args.kubernetes?.namespace,
    kind,
    identity: own.identity,
    layout,
    fileNames,
    type: secretType(fileNames),
    mountPath: own.mountPath ?? mountPath ?? defaultMountPath,
    mode: mode ?? defaultMode,
    labels: own.labels ?? {},
    annotations: own.annotations ?? {},
  };
}

/** The paths of a mounted Secret's files. */
export const mountedFiles = ({ mountPath, fileNames }: SecretPlan): FileNames => ({
  caBundle: posix.join(mountPath, fileNames.caBundle),
  cert: posix.join(mountPath, fileNames.cert),
  privateKey: posix.join(mountPath, fileNames.privateKey),
});

function certificates(args: EtcdPkiArgs): { kind: CertificateKind; identity: string }[] {
  const all = (kind: CertificateKind, identities: object | undefined) =>
    Object.keys(identities ?? {}).map((identity) => ({ kind, identity }));
  return [
    ...all("member", args.members),
    ...all("proxy", args.proxies),
    ...all("upstream", args.proxies),
    ...all("component", args.components),
  ];
}
