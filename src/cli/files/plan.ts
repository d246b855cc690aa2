import type { CertificateKind } from "../../naming";
import type { CertificateTexts, FilesPlan } from "../../pki/machine";
import { certificatePaths, machineFiles } from "../../pki/machine";
import { certificatesIn } from "../../x509";
import type { ConfigChoice } from "./config";
import { configFiles } from "./config";
import type { Identity, StackCluster } from "./identities";

/** What a file is to the one who reads it. */
export type Role = "bundle" | "certificate" | "key" | "config";

/** Who reads a file, and as what. */
export interface Reader {
  identity: Identity;
  role: Role;
  /** The text that this identity alone would get: of a bundle, what it trusts. */
  content: string;
}

/** A file to be written, and all who read it. */
export interface PlannedFile {
  path: string;
  mode: number;
  content: string;
  readers: Reader[];
}

/** Where the files go, and what comes beside them. */
export interface FilesChoice {
  layout: string;
  /** The folder that is written to. */
  directory: string;
  /** The key in PKCS#8, too. */
  pkcs8: boolean;
  /** Certificate and key in one file, too. */
  combined: boolean;
  config: ConfigChoice;
}

/** The files of the chosen identities, one for each path. */
export function planFiles(cluster: StackCluster, chosen: Identity[], choice: FilesChoice): PlannedFile[] {
  const single = chosen.flatMap((identity) => [
    ...certificateFiles(identity, choice),
    ...configFiles(cluster, identity, choice.directory, choice.config).map((file) => planned(identity, "config", file)),
  ]);
  const byPath = new Map<string, PlannedFile[]>();
  for (const file of single) byPath.set(file.path, [...(byPath.get(file.path) ?? []), file]);
  return [...byPath.values()].map(together);
}

function certificateFiles(identity: Identity, { layout, directory, pkcs8, combined }: FilesChoice): PlannedFile[] {
  const plan: FilesPlan = { identity: identity.name, layout, directory };
  return Object.entries(identity.certificates).flatMap(([kind, texts]) => {
    const wanted: CertificateTexts<string> = {
      ...texts,
      privateKeyPkcs8Pem: pkcs8 ? texts.privateKeyPkcs8Pem : undefined,
      combinedPem: combined ? texts.combinedPem : undefined,
    };
    const { caBundle, cert } = certificatePaths(plan, kind as CertificateKind);
    const roles: Record<string, Role> = { [caBundle]: "bundle", [cert]: "certificate" };
    return machineFiles<string>(plan, { [kind]: wanted }).map((file) =>
      planned(identity, roles[file.path] ?? "key", file),
    );
  });
}

const planned = (
  identity: Identity,
  role: Role,
  { path, mode, content }: { path: string; mode: string; content: string },
): PlannedFile => ({ path, mode: parseInt(mode, 8), content, readers: [{ identity, role, content }] });

// One file for several: the same text, or bundles of which one has all that the others have. Clients' bundle has all
// that the members trust.
function together(files: PlannedFile[]): PlannedFile {
  const [first, ...rest] = files as [PlannedFile, ...PlannedFile[]];
  const readers = files.flatMap((file) => file.readers);
  const whole = files.find(
    ({ content }) => rest.every((each) => content === each.content) && content === first.content,
  );
  const bundles = readers.every(({ role }) => role === "bundle");
  const widest = bundles
    ? files.find(({ content }) => files.every((each) => contains(content, each.content)))
    : undefined;
  const chosen = whole ?? widest;
  if (chosen !== undefined) return { ...chosen, readers };
  const names = [...new Set(readers.map(({ identity, role }) => `the ${role} of ${identity.name}`))];
  throw new Error(
    `${first.path} would be ${names.join(" and ")}; give each a folder of its own with {identity} in --directory, ` +
      `or choose with --identity`,
  );
}

/** Whether one bundle has every certificate of another. */
export function contains(bundle: string, other: string): boolean {
  const own = fingerprintsIn(bundle);
  return fingerprintsIn(other).every((fingerprint) => own.includes(fingerprint));
}

const fingerprintsIn = (text: string) => certificatesIn(text).map(({ fingerprint256 }) => fingerprint256);
