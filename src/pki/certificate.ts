import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { refuse } from "../refuse";
import { now } from "../clock";
import type { CertificateAuthority, Generation } from "./certificate-authority";
import { hostsProblems, lifetimeProblems } from "./checks";
import { subjectAlternativeNames } from "./hosts";
import { privateKeyArgs } from "./keys";
import type { CertificatePlan } from "./plan";
import type { Ingredients } from "./reasons";
import { clampedValidityHours, hoursBetween, staggeredEarlyRenewalHours } from "./renewal";

/** What the resources of a certificate come to. */
export interface Issue {
  certPem: pulumi.Output<string>;
  privateKeyPem: pulumi.Output<string>;
  validUntil: pulumi.Output<string>;
  ingredients: pulumi.Output<Ingredients>;
}

/** Key, request, certificate: what every row of the plan becomes. */
export function issueCertificate(
  plan: CertificatePlan,
  authority: CertificateAuthority,
  opts: pulumi.CustomResourceOptions,
): Issue {
  const key = new tls.PrivateKey(plan.logicalName, privateKeyArgs[plan.keyAlgorithm], {
    ...opts,
    replacementTrigger: plan.rotateKey,
  });
  const hosts = checkedHosts(plan);
  const request = new tls.CertRequest(
    plan.logicalName,
    {
      privateKeyPem: key.privateKeyPem,
      subject: { ...(plan.commonName && { commonName: plan.commonName }), ...plan.subject },
      ...hosts,
      // Left out, it would be stored as an encrypted null.
      uris: [],
    },
    opts,
  );
  const lifetime = checkedLifetime(plan, authority.signing);
  const certificate = new tls.LocallySignedCert(
    plan.logicalName,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: authority.signing.certPem,
      caPrivateKeyPem: authority.signing.privateKeyPem,
      allowedUses: plan.usages,
      setSubjectKeyId: true,
      ...lifetime,
    },
    { ...opts, replacementTrigger: plan.renewNow },
  );
  return {
    certPem: certificate.certPem,
    privateKeyPem: pulumi.secret(key.privateKeyPem),
    validUntil: certificate.validityEndTime,
    ingredients: pulumi.output({
      keyAlgorithm: plan.keyAlgorithm,
      renewNow: plan.renewNow,
      rotateKey: plan.rotateKey,
      hosts: pulumi.all([hosts.dnsNames, hosts.ipAddresses]).apply((names) => names.flat().join(", ")),
      ...lifetime,
    }),
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

function checkedLifetime(
  { logicalName, path, validityPeriodHours, earlyRenewalHours }: CertificatePlan,
  authority: Generation,
) {
  const asked = { own: { validityPeriodHours, earlyRenewalHours }, total: authority.validityPeriodHours };
  const checked = pulumi.output(asked).apply(({ own, total }) => {
    refuse(`EtcdPki ${path}`, lifetimeProblems(path, own, total));
    return { ...own, total };
  });
  const lifetime = pulumi.all([checked, authority.validUntil]).apply(([{ total, ...own }, validUntil]) => {
    const left = hoursBetween(now(), validUntil);
    const hours =
      left === undefined
        ? own.validityPeriodHours
        : clampedValidityHours(logicalName, own.validityPeriodHours, { total, left });
    return {
      validityPeriodHours: hours,
      earlyRenewalHours:
        own.earlyRenewalHours !== undefined && own.earlyRenewalHours < hours
          ? own.earlyRenewalHours
          : staggeredEarlyRenewalHours(logicalName, hours),
    };
  });
  return { validityPeriodHours: lifetime.validityPeriodHours, earlyRenewalHours: lifetime.earlyRenewalHours };
}
