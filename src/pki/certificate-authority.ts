import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { CertificateAuthorityArgs } from "./args";
import { authorityCommonName, logicalName } from "../naming";
import { defaultKeyAlgorithm, privateKeyArgs } from "./keys";
import { authorityValidityPeriodHours } from "./profiles";
import { authorityEnding, hoursBetween } from "./renewal";
import { checksum } from "../x509";
import { now } from "../clock";
import { warn } from "../refuse";

/** One key and self-signed certificate of the authority's, by name. */
export interface Generation {
  name: string;
  certPem: pulumi.Output<string>;
  privateKeyPem: pulumi.Output<string>;
  validUntil: pulumi.Output<string>;
  validityPeriodHours: pulumi.Output<number>;
}

/** All generations of the authority's, in the order of the arguments. */
export interface CertificateAuthority {
  /** The trusted ones. */
  generations: Generation[];
  /** The generation that signs. */
  signing: Generation;
  /** The certificates of all trusted generations. */
  bundlePem: pulumi.Output<string>;
  bundleChecksum: pulumi.Output<string>;
}

/** Makes every generation; the order in which they are named moves nothing. */
export function makeCertificateAuthority(
  cluster: string,
  args: CertificateAuthorityArgs,
  record: pulumi.Resource,
  opts: pulumi.CustomResourceOptions,
): CertificateAuthority {
  const make = (name: string) => makeGeneration(cluster, name, args, record, opts);
  const generations = generationNames(args).map(make);
  keptNames(args).forEach(make);
  const signing = generations.find(({ name }) => name === signingGeneration(args)) as Generation;
  const bundlePem = pulumi
    .all(sortedByName(generations).map(({ certPem }) => certPem))
    .apply((certificates) => certificates.join(""));
  return { generations, signing, bundlePem, bundleChecksum: bundlePem.apply(checksum) };
}

/** Says in words that the generation that signs is near its end, since nothing renews it. */
export function announceEnd(subject: string, { generations, signing }: CertificateAuthority, owner: pulumi.Resource) {
  pulumi.all([signing.validUntil, signing.validityPeriodHours]).apply(([validUntil, total]) => {
    const left = hoursBetween(now(), validUntil);
    const names = generations.map(({ name }) => name);
    if (left !== undefined) warn(subject, authorityEnding(signing.name, names, validUntil, { total, left }), owner);
  });
}

/** The generation of someone who never rotated. */
export const generationNames = (args: CertificateAuthorityArgs) => args.generations ?? ["1"];

/** The generations whose keys are kept though no one trusts them. */
export const keptNames = (args: CertificateAuthorityArgs) => args.distrusted ?? [];

/** The only generation signs unless another one is named. */
export const signingGeneration = (args: CertificateAuthorityArgs) =>
  args.signing ?? (generationNames(args)[0] as string);

// The bundle is the same text in whatever order the generations are named, so that no one restarts for nothing.
const sortedByName = (generations: Generation[]) => [...generations].sort((a, b) => (a.name < b.name ? -1 : 1));

function makeGeneration(
  cluster: string,
  name: string,
  args: CertificateAuthorityArgs,
  record: pulumi.Resource,
  opts: pulumi.CustomResourceOptions,
): Generation {
  const resourceName = logicalName.generation(cluster, name);
  const key = new tls.PrivateKey(resourceName, privateKeyArgs[args.keyAlgorithm ?? defaultKeyAlgorithm], {
    ...opts,
    dependsOn: record,
    ignoreChanges: ["algorithm", "ecdsaCurve", "rsaBits"],
  });
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
    // What changes in the arguments is for the next generation: this one is trusted as it is.
    { ...opts, ignoreChanges: ["subject", "allowedUses", "setSubjectKeyId", "validityPeriodHours"] },
  );
  return {
    name,
    certPem: certificate.certPem,
    // The certificate's, and not the key's own: whatever is signed with it depends on one resource, not on two.
    privateKeyPem: pulumi.secret(certificate.privateKeyPem),
    validUntil: certificate.validityEndTime,
    validityPeriodHours: certificate.validityPeriodHours,
  };
}
