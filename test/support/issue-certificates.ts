import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto as never);

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 24 * 60 * 60 * 1000;
const USAGE = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth };

export interface KeyPair {
  certPem: string;
  privateKeyPem: string;
}

export interface LeafOptions {
  commonName: string;
  /** DNS names and IP addresses. Default: the loopback ones. */
  hosts?: string[];
  /** Default: both. */
  usages?: (keyof typeof USAGE)[];
  /** Default: a minute ago. */
  notBefore?: Date;
  /** Default: in a day. */
  notAfter?: Date;
}

export interface TestAuthority {
  certPem: string;
  privateKeyPem: string;
  issue(leaf: LeafOptions): Promise<KeyPair>;
  /** Another authority's key and name, signed by this one, PEM. */
  crossSign(other: TestAuthority): Promise<string>;
}

/** A certificate authority for tests of etcd alone, valid for a day unless told otherwise, made without Pulumi. */
export async function testAuthority(commonName: string, notAfter?: Date, notBefore?: Date): Promise<TestAuthority> {
  const keys = await generateKeys();
  const name = `CN=${commonName}`;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...frame({ notAfter, notBefore }),
    name,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certPem: pem(certificate),
    privateKeyPem: await privateKeyPem(keys.privateKey),
    issue: (leaf) => issueLeaf(leaf, name, keys),
    crossSign: (other) => crossCertificate(new x509.X509Certificate(other.certPem), name, keys),
  };
}

async function crossCertificate(other: x509.X509Certificate, issuer: string, authority: webcrypto.CryptoKeyPair) {
  const certificate = await x509.X509CertificateGenerator.create({
    ...frame(),
    subject: other.subject,
    issuer,
    publicKey: other.publicKey,
    signingKey: authority.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(other.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  return pem(certificate);
}

async function issueLeaf(leaf: LeafOptions, issuer: string, authority: webcrypto.CryptoKeyPair): Promise<KeyPair> {
  const { commonName, hosts = ["localhost", "127.0.0.1", "::1"], usages = ["server", "client"] } = leaf;
  const keys = await generateKeys();
  const names = hosts.map((value) => ({ type: isIP(value) ? "ip" : "dns", value }) as const);
  const certificate = await x509.X509CertificateGenerator.create({
    ...frame(leaf),
    subject: commonName && `CN=${commonName}`,
    issuer,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages.map((usage) => USAGE[usage])),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return { certPem: pem(certificate), privateKeyPem: await privateKeyPem(keys.privateKey) };
}

const frame = ({ notBefore, notAfter }: { notBefore?: Date | undefined; notAfter?: Date | undefined } = {}) => ({
  // A minute back, for clocks that differ between machines.
  notBefore: notBefore ?? new Date(Date.now() - 60_000),
  notAfter: notAfter ?? new Date(Date.now() + DAY_MS),
  signingAlgorithm: ALGORITHM,
});

const generateKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);

const pem = (certificate: x509.X509Certificate) => `${certificate.toString("pem")}\n`;

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", key);
  return `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`;
}
