import { X509Certificate, createHash } from "node:crypto";

/** SHA-256 of a text, hexadecimal. There is none where a user's own mocks answer with nothing. */
export const checksum = (text: string | undefined) =>
  createHash("sha256")
    .update(text ?? "")
    .digest("hex");

/** The serial number of a certificate, hexadecimal; empty if the text is none, as a mock's is. */
export function serialNumberOf(certPem: string): string {
  try {
    return new X509Certificate(certPem).serialNumber;
  } catch {
    return "";
  }
}
