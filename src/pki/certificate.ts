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
  const names = checkedNames(plan);
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
  const lifetime = checkedLifetime(plan, authority.signing);
  const certificate = new tls.LocallySignedCert(
    plan.logicalName,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: authority.signing.certPem,
      caPrivateKeyPem: authority.signing.privateKeyPem,
      allowedUses: plan.usages,
      setSubjectKeyId: true,
      validityPeriodHours: lifetime.validityPeriodHours,
      earlyRenewalHours: lifetime.earlyRenewalHours,
    },
    { ...opts, replacementTrigger: plan.renewNow },
  );
  return {
    certPem: certificate.certPem,
    privateKeyPem: pulumi.secret(key.privateKeyPem),
    validUntil: certificate.validityEndTime,
    ingredients: pulumi.all([names, lifetime]).apply(([{ dnsNames, ipAddresses }, hours]) => ({
      keyAlgorithm: plan.keyAlgorithm,
      renewNow: plan.renewNow,
      rotateKey: plan.rotateKey,
      hosts: [...dnsNames, ...ipAddresses].join(", "),
      ...hours,
    })),
  };
}

function checkedNames({ path, hosts, extraHosts }: CertificatePlan) {
  // What is plain was checked with the arguments; an Output more a certificate is memory.
  if (isPlain(hosts)) return subjectAlternativeNames([...hosts, ...extraHosts]);
  // Others may be known only now, as a virtual machine's address is.
  return pulumi.output(hosts).apply((known) => {
    refuse(`EtcdPki ${path}`, hostsProblems(`${path}.hosts`, known));
    return subjectAlternativeNames([...known, ...extraHosts]);
  });
}

const isPlain = (hosts: CertificatePlan["hosts"]): hosts is string[] =>
  Array.isArray(hosts) && hosts.every((host) => typeof host === "string");

function checkedLifetime(
  { logicalName, path, validityPeriodHours, earlyRenewalHours }: CertificatePlan,
  authority: Generation,
) {
  const asked = pulumi.all([validityPeriodHours, earlyRenewalHours, authority.validityPeriodHours]);
  const checked = asked.apply(([validity, window, total]) => {
    refuse(
      `EtcdPki ${path}`,
      lifetimeProblems(path, { validityPeriodHours: validity, earlyRenewalHours: window }, total),
    );
    return { validity, window, total };
  });
  return pulumi.all([checked, authority.validUntil]).apply(([{ validity, window, total }, validUntil]) => {
    const left = hoursBetween(now(), validUntil);
    const hours = left === undefined ? validity : clampedValidityHours(logicalName, validity, { total, left });
    return {
      validityPeriodHours: hours,
      earlyRenewalHours:
        window !== undefined && window < hours ? window : staggeredEarlyRenewalHours(logicalName, hours),
    };
  });
}
