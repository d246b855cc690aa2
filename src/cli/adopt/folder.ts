import type { X509Certificate } from "node:crypto";
import { createPrivateKey } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { certificatesIn } from "../../x509";
import type { Layout, Role } from "./layouts";
import { layouts } from "./layouts";

/** Whether a certificate's key is there. The key itself is never handed on. */
export type Key = "fits" | "of another certificate" | "encrypted" | "missing";

/** A certificate file as it lies in the folder. */
export interface CertificateFile {
  path: string;
  /** The first certificate in it. */
  certificate: X509Certificate;
  /** Whatever else is in it: the rest of a chain or of a bundle. */
  others: X509Certificate[];
  keyPath: string;
  key: Key;
  /** What its name says that it is for. */
  namedAs?: Role;
  /** Whether it lies in the folder above, among files of other systems. */
  isAbove: boolean;
}

/** What a folder holds. */
export interface Folder {
  path: string;
  layout: Layout;
  files: CertificateFile[];
  /** A sentence for each file that could not be read. */
  unreadable: string[];
}

/** Reads a folder, and what belongs to it in the folder above. */
export function readFolder(path: string): Folder {
  const names = readdirSync(path).sort();
  const layout = layouts.find(({ fits }) => fits(names)) as Layout;
  const above = layout.above.map((name) => join(dirname(path), name)).filter((file) => existsSync(file));
  const folder: Folder = { path, layout, files: [], unreadable: [] };
  const own = names.filter((name) => /\.(pem|crt|cer)$/.test(name)).map((name) => join(path, name));
  for (const file of [...own, ...above]) readInto(folder, file, above.includes(file));
  return folder;
}

function readInto(folder: Folder, path: string, isAbove: boolean): void {
  try {
    const [certificate, ...others] = certificatesIn(readFileSync(path, "utf8"));
    if (certificate === undefined) return;
    const namedAs = folder.layout.roleOf(basename(path));
    const keyPath = join(dirname(path), folder.layout.keyFile(basename(path)));
    const key = keyIdOf(certificate, keyPath);
    folder.files.push({ path, certificate, others, keyPath, key, isAbove, ...(namedAs && { namedAs }) });
  } catch (error) {
    folder.unreadable.push(`${path} could not be read: ${(error as Error).message}`);
  }
}

function keyIdOf(certificate: X509Certificate, path: string): Key {
  if (!existsSync(path)) return "missing";
  const text = readFileSync(path, "utf8");
  if (/ENCRYPTED/.test(text)) return "encrypted";
  try {
    return certificate.checkPrivateKey(createPrivateKey(text)) ? "fits" : "of another certificate";
  } catch {
    return "of another certificate";
  }
}
