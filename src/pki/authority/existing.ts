import type { X509Certificate } from "node:crypto";
import {
  certificateTexts,
  extensionsOf,
  isKeyOf,
  nameConstraintsOf,
  parsedCertificate,
  parsedKey,
  rfc3339,
} from "../../x509";
import type { ExistingAuthorityArgs } from "../args";
import type { GenerationPlan } from "./plan";

/** What an existing authority is to do. */
export interface Role {
  signs: boolean;
  crossSigns: boolean;
}

/** The PEMs of an existing authority, once they are known. */
export interface KnownAuthority {
  certPem: string;
  privateKeyPem?: string;
  anchorPem?: string;
}

/** What is wrong with an existing authority whose PEMs are plain; what is known only later is checked then. */
export function existingProblems({ path, existing }: GenerationPlan, role: Role): string[] {
  if (!existing) return [];
  const { certPem, privateKeyPem, anchorPem } = existing;
  const isPlain = (value: unknown): value is string | undefined => value === undefined || typeof value === "string";
  if (typeof certPem !== "string" || certPem === "" || !isPlain(privateKeyPem) || !isPlain(anchorPem)) return [];
  return pemProblems(path, { certPem, privateKeyPem, anchorPem }, role, new Date());
}

/** What is wrong with an authority that was not made here, a sentence each. None of them shows a PEM. */
export function pemProblems(path: string, given: KnownAuthority, role: Role, now: Date): string[] {
  const [first] = certificateTexts(given.certPem);
  const certificate = parsedCertificate(first);
  if (!first || !certificate)
    return [`${path}: certPem is no certificate; give PEM, "-----BEGIN CERTIFICATE-----" first`];
  const problems = [
    ...authorityProblems(path, certificate),
    ...keyProblems(path, given, first),
    ...chainProblems(path, given),
  ];
  return problems.length > 0 || !(role.signs || role.crossSigns)
    ? problems
    : signerProblems(path, given, certificate, role, now);
}

const serverAuth = "1.3.6.1.5.5.7.3.1";
const clientAuth = "1.3.6.1.5.5.7.3.2";
const anyUsage = "2.5.29.37.0";

function authorityProblems(path: string, certificate: X509Certificate): string[] {
  const usages = certificate.keyUsage as string[] | undefined;
  const lacks = (usage: string) => usages !== undefined && !usages.includes(usage) && !usages.includes(anyUsage);
  return [
    ...(certificate.ca
      ? []
      : [
          `${path}: ${named(certificate)} is no certificate authority (no CA:TRUE); give the certificate that signed the others`,
        ]),
    // Go asks each certificate of a chain for the usage (etcd-io/etcd#16802).
    ...(lacks(serverAuth) || lacks(clientAuth)
      ? [
          `${path}: ${named(certificate)} has extended key usages without server or client authentication, and etcd refuses ` +
            `whatever is signed with it; use an authority without extended key usages`,
        ]
      : []),
  ];
}

function keyProblems(
  path: string,
  { privateKeyPem }: ExistingAuthorityArgs & KnownAuthority,
  certPem: string,
): string[] {
  if (privateKeyPem === undefined) return [];
  if (/ENCRYPTED/.test(privateKeyPem))
    return [`${path}: privateKeyPem is encrypted; decrypt it first, such as with openssl pkey -in key.pem`];
  if (!parsedKey(privateKeyPem)) return [`${path}: privateKeyPem is no private key; give PEM (SEC1, PKCS#1 or PKCS#8)`];
  return isKeyOf(privateKeyPem, certPem)
    ? []
    : [`${path}: privateKeyPem is not the key of certPem's first certificate; give the two that belong together`];
}

function chainProblems(path: string, { certPem, anchorPem }: KnownAuthority): string[] {
  const chain = [...certificateTexts(certPem), ...certificateTexts(anchorPem ?? "")].map(parsedCertificate);
  const broken = chain.slice(1).findIndex((issuer, i) => issuer && !chain[i]?.checkIssued(issuer));
  if (anchorPem !== undefined && certificateTexts(anchorPem).length === 0)
    return [`${path}: anchorPem is no certificate; give the root's, PEM`];
  if (broken < 0) return [];
  return [
    `${path}: ${named(chain[broken + 1])} did not issue ${named(chain[broken])}; give the authority first, then who issued ` +
      `it, and so on`,
  ];
}

// Such an authority is still trusted and can be left; only nothing new is signed with it.
function signerProblems(
  path: string,
  given: KnownAuthority,
  certificate: X509Certificate,
  role: Role,
  now: Date,
): string[] {
  const { pathLength, signatureHash } = extensionsOf(given.certPem);
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  const instead = "sign with another generation";
  return [
    ...(Date.parse(certificate.validTo) <= now.getTime()
      ? [`${path}: ${named(certificate)} ended on ${rfc3339(certificate.validTo)} and cannot sign any more; ${instead}`]
      : []),
    ...(asymmetricKeyType === "rsa" && bits < 2048
      ? [`${path}: its RSA key has ${bits} bits, and Go refuses less than 2048 (NIST SP 800-57); ${instead}`]
      : []),
    ...(signatureHash === "SHA-1"
      ? [`${path}: ${named(certificate)} is signed with SHA-1, which Go and OpenSSL refuse; ${instead}`]
      : []),
    ...certificateTexts(`${given.certPem}\n${given.anchorPem ?? ""}`)
      .filter((pem) => nameConstraintsOf(pem)?.isUnknownToGo)
      .map(
        (pem) =>
          `${path}: ${named(parsedCertificate(pem))} has critical name constraints of a kind that Go does not know (other than ` +
          `DNS names, IP addresses, e-mail addresses and URIs), so etcd refuses whatever is below it; ${instead}`,
      ),
    ...lengthProblems(path, given, role),
    ...(role.crossSigns && pathLength === 0
      ? [
          `${path}: ${named(certificate)} has a path length of 0, so no cross certificate of its own is accepted; trust the ` +
            `new generation first and sign with it in the update after that, without crossSignedBy`,
        ]
      : []),
  ];
}

// Where the root is what is trusted, each authority below it counts (RFC 5280, 4.2.1.9).
function lengthProblems(path: string, { certPem, anchorPem }: KnownAuthority, { crossSigns }: Role): string[] {
  if (anchorPem === undefined) return [];
  const way = [...new Set([certPem, anchorPem].flatMap(certificateTexts))];
  return way.flatMap((pem, i) => {
    const needed = i + (crossSigns ? 1 : 0);
    const { pathLength } = extensionsOf(pem);
    if (i === 0 || pathLength === undefined || pathLength >= needed) return [];
    return [
      `${path}: ${named(parsedCertificate(pem))} has a path length of ${pathLength}, and ${needed} authorities would stand below ` +
        `it; leave anchorPem out, so that ${named(parsedCertificate(certPem))} itself is trusted`,
    ];
  });
}

const named = (certificate: X509Certificate | undefined) =>
  certificate ? JSON.stringify(certificate.subject.split("\n").join(", ")) : "the certificate";
