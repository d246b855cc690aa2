import type { KeyObject } from "node:crypto";
import { createPrivateKey } from "node:crypto";
import { KeyFormat } from "./args";
import { certificatesIn } from "./certificates";
import { usesOf } from "./labels";
import type { Use } from "./layouts";
import { layouts } from "./layouts";
import type { SecretPlan } from "./plan";
import { isDeferred } from "../shape";

/** What is to be in a Secret, PEM. */
export interface Contents<Pem = unknown> {
  certPem: Pem;
  privateKeyPem?: Pem;
  caBundlePem: Pem;
}

/** What of a row decides how it is written. */
export type Form = Pick<SecretPlan, "path" | "layout" | "fileNames" | "keyFormat">;

/** What is wrong with the content of a Secret, as far as it is known. No message shows any of it: it may be a key. */
export function contentProblems(row: Form, contents: Contents): string[] {
  const { certPem, privateKeyPem, caBundlePem } = contents;
  const problems = [
    ...certificateProblems(`${row.path}.certPem`, certPem, "certPem"),
    ...certificateProblems(`${row.path}.caBundlePem`, caBundlePem, "caBundlePem"),
    ...keyProblems(row.path, privateKeyPem),
  ];
  if (problems.length > 0) return problems;
  return [
    ...fitProblems(row.path, certPem, privateKeyPem),
    ...usageProblems(row, certPem),
    ...sizeProblems(row, contents),
  ];
}

/** The files of a Secret. */
export function filesIn(
  { fileNames, keyFormat }: Form,
  { certPem, privateKeyPem = "", caBundlePem }: Contents<string>,
): Record<string, string> {
  const key = keyFormat === KeyFormat.Pkcs8 ? inPkcs8(privateKeyPem) : privateKeyPem;
  return {
    [fileNames.caBundle]: caBundlePem,
    [fileNames.cert]: certPem,
    [fileNames.privateKey]: key,
    ...(fileNames.combined !== undefined && { [fileNames.combined]: `${certPem.trimEnd()}\n${key}` }),
  };
}

const largestSecretBytes = 1024 * 1024; // MaxSecretSize, kubernetes/api, core/v1/types.go

function certificateProblems(at: string, pem: unknown, output: string): string[] {
  if (isDeferred(pem) || certificatesIn(pem).length > 0) return [];
  const found = pem === undefined ? "is missing" : pem === "" ? "is empty" : "has no certificate that can be read";
  return [`${at} ${found}; give PEM, such as the output ${output} of an EtcdPki`];
}

function keyProblems(path: string, pem: unknown): string[] {
  if (isDeferred(pem)) return [];
  const at = `${path}.privateKeyPem`;
  if (pem === undefined) return [`${at} is missing; give it or privateKeyPkcs8Pem`];
  if (pem === "")
    return [
      `${at} is empty, as it is of an identity that brought its own request: its key is where the request was made; ` +
        `leave this Secret out, and make one there`,
    ];
  if (typeof pem === "string" && pem.includes("ENCRYPTED"))
    return [`${at} is encrypted, and whoever mounts it has no passphrase; give it decrypted`];
  return keyIn(pem) === undefined
    ? [`${at} has no private key that can be read; give PEM: PKCS#1, SEC1 or PKCS#8`]
    : [];
}

function fitProblems(path: string, certPem: unknown, privateKeyPem: unknown): string[] {
  const [leaf] = certificatesIn(certPem);
  const key = keyIn(privateKeyPem);
  if (leaf === undefined || key === undefined || leaf.checkPrivateKey(key)) return [];
  return [`${path}: privateKeyPem is not the key of certPem; give both of one identity`];
}

function usageProblems({ path, layout }: Form, certPem: unknown): string[] {
  const [leaf] = certificatesIn(certPem);
  const uses = usesOf(leaf);
  const fits = layouts[layout].uses.some((use) => needs[use].every((needed) => uses.includes(needed)));
  if (leaf === undefined || uses.length === 0 || fits) return [];
  return [
    `${path}.layout "${layout}" is for a ${layouts[layout].uses.join(" or ")} certificate, and certPem is for a ` +
      `${uses.join(" and ")} only; give another layout, or the certificate of another identity`,
  ];
}

// A member dials other members with the certificate that it shows them.
const needs: Record<Use, Use[]> = { server: ["server"], client: ["client"], peer: ["server", "client"] };

function sizeProblems(row: Form, contents: Contents): string[] {
  const { certPem, privateKeyPem, caBundlePem } = contents;
  if (![certPem, privateKeyPem, caBundlePem].every((pem) => typeof pem === "string")) return [];
  const files = filesIn(row, contents as Contents<string>);
  const bytes = Object.values(files).reduce((sum, content) => sum + Buffer.byteLength(content), 0);
  return bytes <= largestSecretBytes
    ? []
    : [
        `${row.path} has ${bytes} bytes; a Secret has at most ${largestSecretBytes}, so trust fewer generations or give the ` +
          `certificate fewer hosts`,
      ];
}

function keyIn(pem: unknown): KeyObject | undefined {
  try {
    return typeof pem === "string" ? createPrivateKey(pem) : undefined;
  } catch {
    return undefined;
  }
}

// A program's own unit tests may answer with any text in the place of a key.
const inPkcs8 = (pem: string) => keyIn(pem)?.export({ type: "pkcs8", format: "pem" }).toString() ?? pem;
