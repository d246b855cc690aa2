import { type KeyObject, X509Certificate, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate, Validity } from "@peculiar/asn1-x509";
import { specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc";
import { hoursAfter } from "../../../src/pki/lifetime";
import { checksum } from "../../../src/x509";
import type { State } from "../engine/types";

/**
 * A state as it would be if all in it had been made so many hours earlier: each certificate has the same key, serial number,
 * names and extensions, and its validity moved back, signed again by its issuer's key. What follows from certificates
 * follows: files of several, times, checksums.
 *
 * @param state As exported with its secrets shown. The private keys of all issuers must be in it.
 */
export function agedBy(state: State, hours: number): State {
  const { resources = [] } = state.deployment;
  const texts = [...new Set(resources.flatMap(({ inputs, outputs }) => textsIn([inputs, outputs])))];
  const keys = privateKeysIn(texts);
  const certificates = new Map(texts.flatMap(certificatesIn).map((pem) => [pem, agedCertificate(pem, hours, keys)]));
  const agedPems = (text: string) => text.replace(certificatePem, (pem) => certificates.get(pem) as string);
  const checksums = new Map(
    texts.filter((text) => certificatesIn(text).length > 0).map((text) => [checksum(text), checksum(agedPems(text))]),
  );
  const aged = (text: string) => checksums.get(text) ?? hoursAfter(text, -hours) ?? agedPems(text);
  return {
    ...state,
    deployment: {
      ...state.deployment,
      resources: resources.map((resource) => ({
        ...resource,
        ...(resource.inputs && { inputs: rewritten(resource.inputs, aged) }),
        ...(resource.outputs && { outputs: rewritten(resource.outputs, aged) }),
      })),
    },
  };
}

/** The same with another text for each in it, in secrets, too. */
function rewritten<Value>(value: Value, change: (text: string) => string): Value;
function rewritten(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item: unknown) => rewritten(item, change));
  if (typeof value !== "object" || value === null) return value;
  const { plaintext, ...rest } = value as Record<string, unknown>;
  if (rest[specialSigKey] === specialSecretSig && typeof plaintext === "string")
    return { ...rest, plaintext: JSON.stringify(rewritten(JSON.parse(plaintext), change)) };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rewritten(item as unknown, change)]));
}

function textsIn(value: unknown): string[] {
  const texts: string[] = [];
  rewritten(value, (text) => (texts.push(text), text));
  return texts;
}

const certificatePem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const certificatesIn = (text: string) => text.match(certificatePem) ?? [];

function privateKeysIn(texts: string[]): KeyObject[] {
  const keys = texts
    // Not the form of OpenSSH, which node:crypto does not read.
    .filter((text) => /^-----BEGIN (RSA |EC )?PRIVATE KEY-----/.test(text))
    .map((text) => createPrivateKey(text));
  // A key stands there in several forms.
  return keys.filter((key, i) => keys.findIndex((other) => createPublicKey(other).equals(createPublicKey(key))) === i);
}

/** The hash of a signature, by its algorithm's number. Ed25519 has its own. */
const hashes: Record<string, string | null> = {
  "1.2.840.113549.1.1.11": "sha256", // sha256WithRSAEncryption
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.2": "sha256", // ecdsa-with-SHA256
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.3.101.112": null, // Ed25519
};

function agedCertificate(pem: string, hours: number, keys: KeyObject[]): string {
  const read = new X509Certificate(pem);
  const issuer = keys.find((key) => read.verify(createPublicKey(key)));
  if (issuer === undefined) throw new Error(`the state lacks the key that signed ${read.subject}`);
  const certificate = AsnConvert.parse(read.raw, Certificate);
  const { tbsCertificate, signatureAlgorithm } = certificate;
  const hash = hashes[signatureAlgorithm.algorithm];
  if (hash === undefined) throw new Error(`${read.subject} is signed by ${signatureAlgorithm.algorithm}`);
  const moved = (date: string) => new Date(Date.parse(date) - hours * 3_600_000);
  tbsCertificate.validity = new Validity({ notBefore: moved(read.validFrom), notAfter: moved(read.validTo) });
  const signed = Buffer.from(AsnConvert.serialize(tbsCertificate));
  certificate.tbsCertificateRaw = undefined;
  certificate.signatureValue = new Uint8Array(sign(hash, signed, issuer)).buffer;
  const base64 = Buffer.from(AsnConvert.serialize(certificate)).toString("base64");
  return ["-----BEGIN CERTIFICATE-----", ...(base64.match(/.{1,64}/g) ?? []), "-----END CERTIFICATE-----"].join("\n");
}
