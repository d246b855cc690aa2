import "reflect-metadata";
import { createHash, createPrivateKey, createPublicKey, generateKeyPair, randomBytes, webcrypto } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { promisify } from "node:util";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

const KEY_USAGES: Record<string, x509.KeyUsageFlags> = {
  digital_signature: x509.KeyUsageFlags.digitalSignature,
  content_commitment: x509.KeyUsageFlags.nonRepudiation,
  key_encipherment: x509.KeyUsageFlags.keyEncipherment,
  data_encipherment: x509.KeyUsageFlags.dataEncipherment,
  key_agreement: x509.KeyUsageFlags.keyAgreement,
  cert_signing: x509.KeyUsageFlags.keyCertSign,
  crl_signing: x509.KeyUsageFlags.cRLSign,
  encipher_only: x509.KeyUsageFlags.encipherOnly,
  decipher_only: x509.KeyUsageFlags.decipherOnly,
};
const EXTENDED_KEY_USAGES: Record<string, string> = {
  any_extended: "2.5.29.37.0",
  server_auth: "1.3.6.1.5.5.7.3.1",
  client_auth: "1.3.6.1.5.5.7.3.2",
  code_signing: "1.3.6.1.5.5.7.3.3",
  email_protection: "1.3.6.1.5.5.7.3.4",
  timestamping: "1.3.6.1.5.5.7.3.8",
  ocsp_signing: "1.3.6.1.5.5.7.3.9",
};
/** The order of a name's parts in the real provider's certificates. */
const SUBJECT_PARTS: [property: string, attribute: string][] = [
  ["country", "C"],
  ["province", "ST"],
  ["locality", "L"],
  ["streetAddresses", "STREET"],
  ["postalCode", "2.5.4.17"],
  ["organization", "O"],
  ["organizationalUnit", "OU"],
  ["commonName", "CN"],
  ["serialNumber", "2.5.4.5"],
];
const CURVES: Record<string, { curve: string; hash: string }> = {
  P256: { curve: "P-256", hash: "SHA-256" },
  P384: { curve: "P-384", hash: "SHA-384" },
  P521: { curve: "P-521", hash: "SHA-512" },
};
const CURVE_OF_OPENSSL: Record<string, string> = { prime256v1: "P256", secp384r1: "P384", secp521r1: "P521" };

export type Algorithm = "RSA" | "ECDSA" | "ED25519";
export interface Subject {
  [part: string]: string | string[] | undefined;
}

const pem = (text: string) => (text.endsWith("\n") ? text : `${text}\n`);

export async function generateKey(algorithm: string, rsaBits: number, ecdsaCurve: string): Promise<KeyObject> {
  const generate = promisify(generateKeyPair);
  if (algorithm === "RSA") return (await generate("rsa", { modulusLength: rsaBits })).privateKey;
  if (algorithm === "ED25519") return (await generate("ed25519")).privateKey;
  const namedCurve = CURVES[ecdsaCurve]?.curve;
  if (!namedCurve) throw new Error(`the stand-in makes no ECDSA keys on ${ecdsaCurve}, only on ${Object.keys(CURVES)}`);
  return (await generate("ec", { namedCurve })).privateKey;
}

/** The encodings of the real provider: PKCS#1 for RSA, SEC 1 for ECDSA, PKCS#8 for Ed25519. */
export function encodeKey(key: KeyObject) {
  const type = key.asymmetricKeyType === "rsa" ? "pkcs1" : key.asymmetricKeyType === "ec" ? "sec1" : "pkcs8";
  return {
    privateKeyPem: pem(key.export({ type: type as "pkcs8", format: "pem" }) as string),
    privateKeyPemPkcs8: pem(key.export({ type: "pkcs8", format: "pem" }) as string),
    publicKeyPem: pem(createPublicKey(key).export({ type: "spki", format: "pem" }) as string),
  };
}

export function algorithmOf(key: KeyObject | string): Algorithm {
  const type = (typeof key === "string" ? createPrivateKey(key) : key).asymmetricKeyType;
  return type === "rsa" ? "RSA" : type === "ec" ? "ECDSA" : "ED25519";
}

async function load(privateKeyPem: string) {
  const key = createPrivateKey(privateKeyPem);
  const curve = CURVES[CURVE_OF_OPENSSL[key.asymmetricKeyDetails?.namedCurve ?? ""] ?? ""];
  const algorithm = {
    RSA: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    ECDSA: { name: "ECDSA", namedCurve: curve?.curve, hash: curve?.hash },
    ED25519: { name: "Ed25519" },
  }[algorithmOf(key)];
  const der = { format: "der" } as const;
  const { subtle } = webcrypto;
  return {
    signingAlgorithm: algorithm as { name: string; hash: string },
    keys: {
      privateKey: await subtle.importKey("pkcs8", key.export({ type: "pkcs8", ...der }), algorithm, true, ["sign"]),
      publicKey: await subtle.importKey(
        "spki",
        createPublicKey(key).export({ type: "spki", ...der }),
        algorithm,
        true,
        ["verify"],
      ),
    },
  };
}

export function makeName(subject: Subject = {}): x509.JsonName {
  return SUBJECT_PARTS.flatMap(([property, attribute]) =>
    [subject[property] ?? []].flat().map((value) => ({ [attribute]: [value] })),
  );
}

export interface Hosts {
  dnsNames?: string[];
  ipAddresses?: string[];
  uris?: string[];
}

function alternativeNames({ dnsNames = [], ipAddresses = [], uris = [] }: Hosts, critical: boolean): x509.Extension[] {
  const names: x509.JsonGeneralNames = [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
    ...uris.map((value) => ({ type: "url" as const, value })),
  ];
  return names.length ? [new x509.SubjectAlternativeNameExtension(names, critical)] : [];
}

export async function makeRequest(privateKeyPem: string, subject: Subject | undefined, hosts: Hosts): Promise<string> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: makeName(subject),
    ...(await load(privateKeyPem)),
    extensions: alternativeNames(hosts, false),
  });
  return pem(request.toString("pem"));
}

/** SHA-1 as the real provider takes it: of the key bits, for Ed25519 of their ASN.1 octet string. */
function keyIdentifier(publicKey: x509.PublicKey): string {
  const key = createPublicKey({ key: Buffer.from(publicKey.rawData), format: "der", type: "spki" });
  const { x = "", y = "" } = key.export({ format: "jwk" });
  const bits = {
    RSA: () => key.export({ type: "pkcs1", format: "der" }),
    ECDSA: () => Buffer.concat([Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]),
    ED25519: () => Buffer.concat([Buffer.from([4, 32]), Buffer.from(x, "base64url")]),
  }[algorithmOf(key)]();
  return createHash("sha1").update(bits).digest("hex");
}

export interface CertificateRequest {
  publicKey: x509.PublicKey;
  subject: x509.Name;
  hosts: Hosts;
}

const alternativeNamesOf = (request: x509.Pkcs10CertificateRequest) =>
  request.extensions.find((extension) => extension instanceof x509.SubjectAlternativeNameExtension);

export async function parseRequest(certRequestPem: string): Promise<CertificateRequest> {
  const request = new x509.Pkcs10CertificateRequest(certRequestPem);
  if (!(await request.verify())) throw new Error("the certificate request's signature is wrong");
  const names = alternativeNamesOf(request)?.names.toJSON() ?? [];
  const of = (type: string) => names.filter((name) => name.type === type).map((name) => String(name.value));
  const hosts = { dnsNames: of("dns"), ipAddresses: of("ip"), uris: of("url") };
  return { publicKey: request.publicKey, subject: request.subjectName, hosts };
}

export interface CertificateOptions {
  allowedUses: string[];
  validityPeriodHours: number;
  isCaCertificate?: boolean;
  maxPathLength?: number;
  setSubjectKeyId?: boolean;
  setAuthorityKeyId?: boolean;
}

/** Signs; without `ca` the certificate is its own issuer. The extensions are in Go's order. */
export async function makeCertificate(
  request: CertificateRequest,
  signerKeyPem: string,
  caCertPem: string | undefined,
  options: CertificateOptions,
  now: Date,
) {
  const ca = caCertPem === undefined ? undefined : new x509.X509Certificate(caCertPem);
  const emptySubject = request.subject.toJSON().length === 0;
  const isCa = options.isCaCertificate ?? false;
  if (isCa && emptySubject) throw new Error("Must contain at least one Distinguished Name when creating a CA");
  const usages = options.allowedUses.map((use) => KEY_USAGES[use] ?? 0).reduce((all, flag) => all | flag, 0);
  const extended = options.allowedUses.flatMap((use) => EXTENDED_KEY_USAGES[use] ?? []);
  const ownKeyId = isCa || options.setSubjectKeyId ? keyIdentifier(request.publicKey) : undefined;
  const selfIssued =
    !ca || Buffer.from(ca.subjectName.toArrayBuffer()).equals(Buffer.from(request.subject.toArrayBuffer()));
  const caKeyId = ca?.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
  const authorityKeyId = selfIssued ? options.setAuthorityKeyId && ownKeyId : caKeyId;
  const notBefore = new Date(Math.floor(now.getTime() / 1000) * 1000);
  const notAfter = new Date(notBefore.getTime() + options.validityPeriodHours * 3_600_000);
  const serialNumber = Buffer.concat([Buffer.from([randomBytes(1)[0]! & 0x7f]), randomBytes(15)]).toString("hex");
  const { signingAlgorithm, keys } = await load(signerKeyPem);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: request.subject,
    issuer: ca?.subjectName ?? request.subject,
    publicKey: request.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm,
    serialNumber,
    notBefore,
    notAfter,
    extensions: [
      ...(usages ? [new x509.KeyUsagesExtension(usages, true)] : []),
      ...(extended.length ? [new x509.ExtendedKeyUsageExtension(extended, false)] : []),
      // Like the real provider's, a maximal path length of 0 is lost.
      new x509.BasicConstraintsExtension(isCa, isCa ? options.maxPathLength || undefined : undefined, true),
      ...(ownKeyId ? [new x509.SubjectKeyIdentifierExtension(ownKeyId)] : []),
      ...(authorityKeyId ? [new x509.AuthorityKeyIdentifierExtension(authorityKeyId)] : []),
      ...alternativeNames(request.hosts, emptySubject),
    ],
  });
  return { id: BigInt(`0x${serialNumber}`).toString(), certPem: pem(certificate.toString("pem")), notBefore, notAfter };
}

export async function selfRequest(privateKeyPem: string, subject: Subject | undefined, hosts: Hosts) {
  return parseRequest(await makeRequest(privateKeyPem, subject, hosts));
}
