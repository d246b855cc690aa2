import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { type CertificateAuthorityArgs, KeyAlgorithm } from "../args";
import { authorityCommonName, logicalName } from "../naming";
import { privateKeyArgs } from "./keys";
import { authorityValidityPeriodHours } from "./profiles";

/** One key and self-signed certificate of the authority's, by name. */
export interface Generation {
  name: string;
  certPem: pulumi.Output<string>;
  privateKeyPem: pulumi.Output<string>;
  validUntil: pulumi.Output<string>;
  validityPeriodHours: pulumi.Input<number>;
}

/** All generations of the authority's, in the order of the arguments. */
export interface CertificateAuthority {
  generations: Generation[];
  /** The generation that signs. */
  signing: Generation;
  /** The certificates of all generations. */
  bundlePem: pulumi.Output<string>;
}

/** Makes every generation; the order in which they are named moves nothing. */
export function makeCertificateAuthority(
  cluster: string,
  args: CertificateAuthorityArgs,
  opts: pulumi.CustomResourceOptions,
): CertificateAuthority {
  const names = generationNames(args);
  const generations = names.map((name) => makeGeneration(cluster, name, args, opts));
  const signing = generations.find(({ name }) => name === signingGeneration(args)) as Generation;
  const bundlePem = pulumi
    .all(sortedByName(generations).map(({ certPem }) => certPem))
    .apply((certificates) => certificates.join(""));
  return { generations, signing, bundlePem };
}

/** The generation of someone who never rotated. */
export const generationNames = (args: CertificateAuthorityArgs) => args.generations ?? ["1"];

/** The only generation signs unless another one is named. */
export const signingGeneration = (args: CertificateAuthorityArgs) => args.signing ?? generationNames(args)[0];

// The bundle is the same text in whatever order the generations are named, so that no one restarts for nothing.
const sortedByName = (generations: Generation[]) => [...generations].sort((a, b) => (a.name < b.name ? -1 : 1));

function makeGeneration(
  cluster: string,
  name: string,
  args: CertificateAuthorityArgs,
  opts: pulumi.CustomResourceOptions,
): Generation {
  const resourceName = logicalName.generation(cluster, name);
  const key = new tls.PrivateKey(resourceName, privateKeyArgs[args.keyAlgorithm ?? KeyAlgorithm.EcdsaP256], opts);
  const validityPeriodHours = args.validityPeriodHours ?? authorityValidityPeriodHours;
  const certificate = new tls.SelfSignedCert(
    resourceName,
    {
      privateKeyPem: key.privateKeyPem,
      subject: { commonName: authorityCommonName(cluster, name), ...args.subject },
      isCaCertificate: true,
      setSubjectKeyId: true,
      allowedUses: ["cert_signing", "crl_signing"],
      validityPeriodHours,
      // An authority that renewed by itself would break all trust in one stroke.
      earlyRenewalHours: 0,
    },
    opts,
  );
  return {
    name,
    certPem: certificate.certPem,
    privateKeyPem: pulumi.secret(key.privateKeyPem),
    validUntil: certificate.validityEndTime,
    validityPeriodHours,
  };
}
