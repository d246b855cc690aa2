import type { X509Certificate } from "node:crypto";
import { basename } from "node:path";
import { commonNameOf, hostsOf, issuerNameOf, signerOf, usagesOf } from "../../x509";
import type { Extensions } from "../../x509";
import { extensionsOf } from "../../x509";
import type { CertificateFile, Folder } from "./folder";
import type { Role } from "./layouts";

/** A certificate that was found, and what it was taken for. */
export interface Item extends CertificateFile, Extensions {
  role: Role;
  commonName: string;
  hosts: string[];
  usages: string[];
  /** Whole days, negative after the end. */
  daysLeft: number;
  isNotYetValid: boolean;
  /** The authority of the folder whose key signed it. */
  signer?: Item;
}

/** Everything that was found, and the authorities that a declaration needs. */
export interface Inventory {
  items: Item[];
  /** It signed the members' certificates. */
  authority?: Item;
  /** It signed the peers' certificates; the same one where they share it. */
  peerAuthority?: Item;
  /** Files of other systems that show that they have the same authority. */
  sharedWith: string[];
}

const msPerDay = 24 * 60 * 60 * 1000;

/** Says what each certificate is. `roles` are the user's own words, by file name. */
export function inventoryOf(folders: Folder[], roles: Record<string, Role>, now: Date): Inventory {
  const files = folders.flatMap((folder) => folder.files);
  const own = distinct(files.filter(({ isAbove, namedAs }) => !isAbove || namedAs !== undefined));
  const items = own.map((file) => itemOf(file, roles, now));
  const authorities = items.filter(({ role }) => role === "authority");
  for (const item of items) {
    const signer = signerOf(
      item.certificate,
      authorities.map(({ certificate }) => certificate),
    );
    const found = authorities.find(({ certificate }) => certificate === signer);
    if (found !== undefined) item.signer = found;
  }
  const authority = mostUsed(items, ["member"]) ?? mostUsed(items, ["proxy", "component"]) ?? authorities[0];
  const peerAuthority = mostUsed(items, ["peer"]) ?? authority;
  const sharedWith = files
    .filter(({ isAbove, namedAs }) => isAbove && namedAs === undefined)
    .filter(
      ({ certificate }) =>
        signerOf(
          certificate,
          authorities.map((each) => each.certificate),
        ) !== undefined,
    )
    .map(({ path }) => path);
  return { items, sharedWith, ...(authority && { authority }), ...(peerAuthority && { peerAuthority }) };
}

// The same authority lies in each machine's folder.
function distinct(files: CertificateFile[]): CertificateFile[] {
  const byFingerprint = new Map<string, CertificateFile>();
  for (const file of files) {
    const { fingerprint256 } = file.certificate;
    const known = byFingerprint.get(fingerprint256);
    if (known === undefined || (known.key !== "fits" && file.key === "fits")) byFingerprint.set(fingerprint256, file);
  }
  return [...byFingerprint.values()];
}

function itemOf(file: CertificateFile, roles: Record<string, Role>, now: Date): Item {
  const { certificate } = file;
  const [begin, end] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const extensions = extensionsOf(certificate.toString());
  return {
    ...file,
    ...extensions,
    role: roles[basename(file.path)] ?? (extensions.isAuthority ? "authority" : roleOf(file)),
    commonName: commonNameOf(certificate),
    hosts: hostsOf(certificate),
    usages: usagesOf(certificate),
    daysLeft: Math.floor((end - now.getTime()) / msPerDay),
    isNotYetValid: begin > now.getTime(),
  };
}

function roleOf({ certificate, namedAs }: CertificateFile): Role {
  // Of version 1, which says nothing of authorities.
  if (isSelfSigned(certificate)) return "authority";
  const usages = usagesOf(certificate);
  const serves = usages.includes("server") || usages.includes("any");
  if (!serves) return "component";
  if (namedAs !== undefined) return namedAs;
  return hostsOf(certificate).length > 0 ? "member" : "component";
}

/** Whether a certificate was signed with its own key. */
export const isSelfSigned = (certificate: X509Certificate) =>
  certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);

function mostUsed(items: Item[], roles: Role[]): Item | undefined {
  const signers = items.filter(({ role }) => roles.includes(role)).flatMap(({ signer }) => signer ?? []);
  const count = (authority: Item) => signers.filter((signer) => signer === authority).length;
  return [...new Set(signers)].sort((a, b) => count(b) - count(a))[0];
}

/** Who signed a certificate, as the table says it. */
export const signerText = ({ signer, certificate }: Item) =>
  signer ? basename(signer.path) : `${issuerNameOf(certificate)} (not here)`;
