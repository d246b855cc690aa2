import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { hostsProblems, lifetimeProblems } from "../checks";
import { refuse } from "../refuse";
import type { Generation } from "./certificate-authority";
import { subjectAlternativeNames } from "./hosts";
import { privateKeyArgs } from "./keys";
import type { CertificatePlan } from "./plan";
import { defaultEarlyRenewalHours } from "./profiles";

/** A certificate and its private key, as an output. */
export interface IssuedCertificate {
  /** The common name in the certificate, and so a component's etcd user name; empty for an upstream certificate. */
  commonName: string;
  /** The certificate, PEM. */
  certPem: pulumi.Output<string>;
  /** The private key, PEM: PKCS#1 (RSA), SEC1 (ECDSA) or PKCS#8 (Ed25519). A secret. */
  privateKeyPem: pulumi.Output<string>;
  /** When the certificate ends, RFC 3339. */
  validUntil: pulumi.Output<string>;
}

/** Key, request, certificate: what every row of the plan becomes. */
export function issueCertificate(
  plan: CertificatePlan,
  authority: Generation,
  opts: pulumi.CustomResourceOptions,
): IssuedCertificate {
  const key = new tls.PrivateKey(plan.logicalName, privateKeyArgs[plan.keyAlgorithm], opts);
  const request = new tls.CertRequest(
    plan.logicalName,
    {
      privateKeyPem: key.privateKeyPem,
      subject: { ...(plan.commonName && { commonName: plan.commonName }), ...plan.subject },
      ...checkedHosts(plan),
    },
    opts,
  );
  const certificate = new tls.LocallySignedCert(
    plan.logicalName,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: authority.certPem,
      caPrivateKeyPem: authority.privateKeyPem,
      allowedUses: plan.usages,
      setSubjectKeyId: true,
      ...checkedLifetime(plan, authority),
    },
    opts,
  );
  return {
    commonName: plan.commonName,
    certPem: certificate.certPem,
    privateKeyPem: pulumi.secret(key.privateKeyPem),
    validUntil: certificate.validityEndTime,
  };
}

// Hosts may be known only now, as a virtual machine's address is.
function checkedHosts(plan: CertificatePlan) {
  const names = pulumi.output(plan.hosts).apply((hosts) => {
    refuse(`EtcdPki ${plan.path}`, hostsProblems(`${plan.path}.hosts`, hosts));
    return subjectAlternativeNames([...hosts, ...plan.extraHosts]);
  });
  return { dnsNames: names.dnsNames, ipAddresses: names.ipAddresses };
}

function checkedLifetime({ path, validityPeriodHours, earlyRenewalHours }: CertificatePlan, authority: Generation) {
  const hours = { own: { validityPeriodHours, earlyRenewalHours }, authority: authority.validityPeriodHours };
  const lifetime = pulumi.output(hours).apply(({ own, authority }) => {
    refuse(`EtcdPki ${path}`, lifetimeProblems(path, own, authority));
    return { ...own, earlyRenewalHours: own.earlyRenewalHours ?? defaultEarlyRenewalHours(own.validityPeriodHours) };
  });
  return { validityPeriodHours: lifetime.validityPeriodHours, earlyRenewalHours: lifetime.earlyRenewalHours };
}
