import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { Generation } from "./certificate-authority";
import type { SubjectAlternativeNames } from "./hosts";
import { subjectAlternativeNames } from "./hosts";
import { privateKeyArgs } from "./keys";
import type { Lifetime, SigningLife } from "./lifetime";
import { lifetimeOf } from "./lifetime";
import type { CertificatePlan } from "./plan";
import type { Ingredients } from "./reasons";
import { withoutDefaults } from "./reasons";

/** What the resources of a certificate come to. */
export interface Issue {
  certPem: pulumi.Output<string>;
  /** The certificate of the generation that signed it. */
  caCertPem: pulumi.Output<string>;
  privateKeyPem: pulumi.Output<string>;
  privateKeyPkcs8Pem: pulumi.Output<string>;
  validUntil: pulumi.Output<string>;
  lifetime: pulumi.Output<Lifetime>;
  /** What is worth recording of it. */
  madeFrom: pulumi.Output<Partial<Ingredients> | undefined>;
}

/** Key, request, certificate: what every row of the plan becomes. */
export function issueCertificate(
  plan: CertificatePlan,
  { certPem, privateKeyPem }: Generation,
  life: SigningLife,
  opts: pulumi.CustomResourceOptions,
): Issue {
  const key = new tls.PrivateKey(plan.logicalName, privateKeyArgs[plan.keyAlgorithm], {
    ...opts,
    replacementTrigger: plan.rotateKey,
  });
  const names = namesOf(plan);
  const request = new tls.CertRequest(
    plan.logicalName,
    {
      privateKeyPem: key.privateKeyPem,
      subject: { ...(plan.commonName && { commonName: plan.commonName }), ...plan.subject },
      dnsNames: names.dnsNames,
      ipAddresses: names.ipAddresses,
      // Left out, it would be stored as an encrypted null.
      uris: [],
    },
    opts,
  );
  const lifetime = lifetimeOf(plan, life);
  const certificate = new tls.LocallySignedCert(
    plan.logicalName,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: certPem,
      caPrivateKeyPem: privateKeyPem,
      allowedUses: plan.usages,
      setSubjectKeyId: true,
      validityPeriodHours: lifetime.validityPeriodHours,
      earlyRenewalHours: lifetime.earlyRenewalHours,
    },
    { ...opts, replacementTrigger: plan.renewNow },
  );
  const madeFrom = ({ dnsNames, ipAddresses }: SubjectAlternativeNames) =>
    lifetime.apply((hours) =>
      withoutDefaults(plan.logicalName, {
        keyAlgorithm: plan.keyAlgorithm,
        renewNow: plan.renewNow,
        rotateKey: plan.rotateKey,
        hosts: [...dnsNames, ...ipAddresses].join(", "),
        ...hours,
      }),
    );
  return {
    certPem: certificate.certPem,
    caCertPem: certificate.caCertPem,
    privateKeyPem: key.privateKeyPem,
    privateKeyPkcs8Pem: key.privateKeyPemPkcs8,
    validUntil: certificate.validityEndTime,
    lifetime,
    madeFrom: pulumi.Output.isInstance(names) ? names.apply(madeFrom) : madeFrom(names),
  };
}

function namesOf({ hosts, extraHosts }: CertificatePlan) {
  const names = (known: string[]) => subjectAlternativeNames([...known, ...extraHosts]);
  // What is plain stays so; an Output more a certificate is memory.
  return Array.isArray(hosts) ? names(hosts as string[]) : pulumi.output(hosts).apply(names);
}
