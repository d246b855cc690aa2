import "reflect-metadata";
import { createPrivateKey, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";

const EXTENSIONS_THAT_NAME_A_KEY = ["2.5.29.14", "2.5.29.35"];

/** What two certificates of the same declaration have in common, whoever issued them: all but keys, times and serial. */
export function describeCertificate(certPem: string) {
  const certificate = new x509.X509Certificate(certPem);
  const { notBefore, notAfter } = certificate;
  return {
    subject: Buffer.from(certificate.subjectName.toArrayBuffer()).toString("hex"),
    issuer: Buffer.from(certificate.issuerName.toArrayBuffer()).toString("hex"),
    signatureAlgorithm: certificate.signatureAlgorithm,
    publicKeyAlgorithm: certificate.publicKey.algorithm,
    validityHours: (notAfter.getTime() - notBefore.getTime()) / 3_600_000,
    endsWithNewline: certPem.endsWith("\n"),
    extensions: certificate.extensions.map(({ type, critical, value }) => ({
      type,
      critical,
      value: EXTENSIONS_THAT_NAME_A_KEY.includes(type) ? value.byteLength : Buffer.from(value).toString("hex"),
    })),
  };
}

/** Format and kind of a private key. */
export function describeKey(privateKeyPem: string) {
  const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(privateKeyPem);
  const { namedCurve, modulusLength } = asymmetricKeyDetails ?? {};
  return { label: privateKeyPem.split("\n")[0], asymmetricKeyType, namedCurve, modulusLength };
}

export function isIssuedBy(certPem: string, caCertPem: string): boolean {
  const [certificate, ca] = [new X509Certificate(certPem), new X509Certificate(caCertPem)];
  return certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
}
