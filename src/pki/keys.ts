import { KeyAlgorithm } from "../args";

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

/** Small, fast, and known to every client of etcd. */
export const defaultKeyAlgorithm: KeyAlgorithm = KeyAlgorithm.EcdsaP256;

/**
 * Only an RSA key enciphers another (RFC 5480, 3; RFC 8410, 5), and only for a server does that fit the extended usage
 * (RFC 5280, 4.2.1.12).
 */
export const keyUsages = (algorithm: KeyAlgorithm, extendedUsages: readonly string[]): string[] => [
  "digital_signature",
  ...(privateKeyArgs[algorithm].algorithm === "RSA" && extendedUsages.includes("server_auth")
    ? ["key_encipherment"]
    : []),
];
