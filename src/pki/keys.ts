import type { KeyAlgorithm } from "../args";

/** The arguments of a `tls.PrivateKey`. */
export interface PrivateKeyArgs {
  algorithm: string;
  ecdsaCurve?: string;
  rsaBits?: number;
}

const ecdsa = (ecdsaCurve: string): PrivateKeyArgs => ({ algorithm: "ECDSA", ecdsaCurve });
const rsa = (rsaBits: number): PrivateKeyArgs => ({ algorithm: "RSA", rsaBits });

/** The provider's own default curve is P-224, which Go clients refuse: every algorithm is spelled out. */
export const privateKeyArgs: Record<KeyAlgorithm, PrivateKeyArgs> = {
  "ECDSA-P256": ecdsa("P256"),
  "ECDSA-P384": ecdsa("P384"),
  "ECDSA-P521": ecdsa("P521"),
  "RSA-2048": rsa(2048),
  "RSA-3072": rsa(3072),
  "RSA-4096": rsa(4096),
  ED25519: { algorithm: "ED25519" },
};

/** Only RSA keys encipher other keys (RFC 5480, 3; RFC 8410, 5). */
export const keyUsages = (algorithm: KeyAlgorithm): string[] =>
  privateKeyArgs[algorithm].algorithm === "RSA" ? ["digital_signature", "key_encipherment"] : ["digital_signature"];
