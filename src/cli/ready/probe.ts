import type { KeyObject } from "node:crypto";
import { createPrivateKey, webcrypto } from "node:crypto";
import { loadLibrary } from "../../x509";
import type { KeyPair } from "./ask";

/** A certificate's life in hours: it is used once, at once. */
const validHours = 1;

/**
 * Makes a certificate to ask with. It has no common name, so it is no user of etcd's, and no hosts, which members would
 * compare with where the connection comes from. Its key is made here and kept nowhere.
 */
export async function makeProbe(authorityPem: string, privateKeyPem: string): Promise<KeyPair> {
  const x509 = loadLibrary();
  x509.cryptoProvider.set(webcrypto as never);
  const keyAlgorithm = { name: "ECDSA", namedCurve: "P-256" };
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
  const authority = new x509.X509Certificate(authorityPem);
  const signing = await signingKey(createPrivateKey(privateKeyPem));
  const certificate = await x509.X509CertificateGenerator.create({
    subject: "O=etcd-pki ready",
    issuer: authority.subjectName,
    publicKey: keys.publicKey,
    ...signing,
    // A minute back, for clocks that differ between machines.
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + validHours * 60 * 60 * 1000),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { certPem: `${certificate.toString("pem")}\n`, privateKeyPem: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") };
}

const curves: Record<string, string> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };

/** The authority's key as the Web Crypto API takes it, and how it signs. */
async function signingKey(key: KeyObject) {
  const hash = "SHA-256";
  const curve = key.asymmetricKeyDetails?.namedCurve ?? "";
  const algorithms: Record<string, { name: string; namedCurve?: string; hash?: string }> = {
    ec: { name: "ECDSA", namedCurve: curves[curve] ?? curve, hash },
    rsa: { name: "RSASSA-PKCS1-v1_5", hash },
    ed25519: { name: "Ed25519" },
  };
  const algorithm = algorithms[key.asymmetricKeyType ?? ""];
  if (algorithm === undefined)
    throw new Error(`the generation's key is of a kind that cannot sign here: ${key.asymmetricKeyType}`);
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  const signing = await webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
  return { signingKey: signing, signingAlgorithm: algorithm };
}
