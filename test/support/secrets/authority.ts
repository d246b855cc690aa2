import { encodeKey, generateKey, makeCertificate, makeRequest, parseRequest } from "../engine/stand-in/certificates";

type Keys = ReturnType<typeof encodeKey>;

export interface Identity {
  certPem: string;
  privateKeyPem: string;
  privateKeyPkcs8Pem: string;
}

/** A generation of an authority, as EtcdPki makes them. */
export interface Generation {
  certPem: string;
  /** A leaf of its own. */
  issue(subject: Record<string, string>, options?: { uses?: string[]; hosts?: string[] }): Promise<Identity>;
  /** A certificate with its own key and name, signed by another generation. */
  signedBy(other: Generation): Promise<string>;
  sign(keys: Keys, subject: Record<string, string>, uses: string[], isCa: boolean, hosts?: string[]): Promise<string>;
}

const CA_USES = ["cert_signing", "crl_signing"];

/** @param algorithm Of the leaves' keys, too. */
export async function makeGeneration(commonName: string, algorithm = "ECDSA"): Promise<Generation> {
  const newKeys = async () => encodeKey(await generateKey(algorithm, 2048, "P256"));
  const keys = await newKeys();
  const subject = { commonName };
  const certificate = async (
    caCertPem: string | undefined,
    of: Keys,
    ofSubject: Record<string, string>,
    allowedUses: string[],
    isCaCertificate: boolean,
    hosts: string[] = [],
  ) => {
    const request = await parseRequest(await makeRequest(of.privateKeyPem, ofSubject, { dnsNames: hosts }));
    const options = { allowedUses, isCaCertificate, setSubjectKeyId: true, validityPeriodHours: 8760 };
    return (await makeCertificate(request, keys.privateKeyPem, caCertPem, options, new Date())).certPem;
  };
  const certPem = await certificate(undefined, keys, subject, CA_USES, true);
  const generation: Generation = {
    certPem,
    sign: (of, ofSubject, uses, isCa, hosts) => certificate(certPem, of, ofSubject, uses, isCa, hosts),
    signedBy: (other) => other.sign(keys, subject, CA_USES, true),
    async issue(ofSubject, { uses = ["client_auth"], hosts } = {}) {
      const own = await newKeys();
      const leaf = await generation.sign(own, ofSubject, ["digital_signature", ...uses], false, hosts);
      return { certPem: leaf, privateKeyPem: own.privateKeyPem, privateKeyPkcs8Pem: own.privateKeyPemPkcs8 };
    },
  };
  return generation;
}
