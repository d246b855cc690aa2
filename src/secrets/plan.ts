import { posix } from "node:path";
import type { Input } from "@pulumi/pulumi";
import type { EtcdSecretsArgs, SecretArgs } from "./args";
import { KeyFormat, Layout } from "./args";
import { logicalName } from "../naming";
import type { FileNames } from "./layouts";
import { defaultMode, defaultMountPath, layouts, secretType } from "./layouts";
import { objectName } from "./names";

/** One Secret to be made. */
export interface SecretPlan {
  /** The key among the arguments and outputs. */
  key: string;
  /** Where it stands in the arguments, for messages. */
  path: string;
  logicalName: string;
  name: string;
  namespace?: Input<string>;
  certPem: Input<string>;
  privateKeyPem?: Input<string>;
  caBundlePem: Input<string>;
  generation?: Input<string>;
  layout: Layout;
  keyFormat: KeyFormat;
  fileNames: FileNames;
  type: string;
  mountPath: string;
  mode: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** Every Secret, as rows. */
export function planSecrets(component: string, args: EtcdSecretsArgs): SecretPlan[] {
  const rows = Object.entries(args.secrets).map(([key, own]) => planSecret(key, own, args));
  return rows.map((row) => ({ ...row, logicalName: logicalName.secret(component, distinctName(row, rows)) }));
}

/** Those that share a name are told apart by their namespaces. No name of Kubernetes' contains a slash. */
const distinctName = ({ name, namespace }: UnnamedPlan, rows: UnnamedPlan[]) =>
  rows.filter((other) => other.name === name).length > 1 ? `${String(namespace)}/${name}` : name;

type UnnamedPlan = Omit<SecretPlan, "logicalName">;

function planSecret(key: string, own: SecretArgs, { namespace }: EtcdSecretsArgs): UnnamedPlan {
  const layout = own.layout ?? Layout.Tls;
  const { caBundle, cert, privateKey, mountPath, mode } = layouts[layout];
  const { combined, ...names } = own.fileNames ?? {};
  const fileNames = {
    caBundle: names.caBundle ?? caBundle,
    cert: names.cert ?? cert,
    privateKey: names.privateKey ?? privateKey,
    ...(combined !== undefined && { combined }),
  };
  return {
    key,
    path: `secrets[${JSON.stringify(key)}]`,
    name: own.name ?? objectName(key),
    namespace: own.namespace ?? namespace,
    certPem: own.certPem,
    privateKeyPem: own.privateKeyPem ?? own.privateKeyPkcs8Pem,
    caBundlePem: own.caBundlePem,
    generation: own.generation,
    layout,
    keyFormat: own.keyFormat ?? KeyFormat.Default,
    fileNames,
    type: secretType(fileNames),
    mountPath: own.mountPath ?? mountPath ?? defaultMountPath,
    mode: mode ?? defaultMode,
    labels: own.labels ?? {},
    annotations: own.annotations ?? {},
  };
}

/** The paths of a mounted Secret's files. */
export const mountedFiles = ({ mountPath, fileNames }: Pick<SecretPlan, "mountPath" | "fileNames">): FileNames => ({
  caBundle: posix.join(mountPath, fileNames.caBundle),
  cert: posix.join(mountPath, fileNames.cert),
  privateKey: posix.join(mountPath, fileNames.privateKey),
  ...(fileNames.combined !== undefined && { combined: posix.join(mountPath, fileNames.combined) }),
});
