import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { refuse } from "../refuse";
import { now } from "../clock";
import type { CertificateAuthority, Generation } from "./certificate-authority";
import { hostsProblems, lifetimeProblems } from "./checks";
import { subjectAlternativeNames } from "./hosts";
import { privateKeyArgs } from "./keys";
import type { CertificatePlan } from "./plan";
import { clampedValidityHours, hoursAfter, hoursBetween, staggeredEarlyRenewalHours } from "./renewal";
import { checksum, serialNumberOf } from "./x509";

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
  /** When its renewal window opens, RFC 3339: the first `pulumi up` after that issues a new one. */
  renewFrom: pulumi.Output<string>;
  /** The serial number, hexadecimal. */
  serialNumber: pulumi.Output<string>;
  /** The generation of the authority that signed it. */
  generation: string;
  /** SHA-256 of `certPem`, hexadecimal. It changes with the certificate or its key, and no member needs a restart then. */
  leafChecksum: pulumi.Output<string>;
  /** SHA-256 of `caBundlePem`, hexadecimal. Whatever reads the CA bundle must restart when it changes. */
  bundleChecksum: pulumi.Output<string>;
}

/** A certificate, and what it was made from. */
export interface Issue {
  certificate: IssuedCertificate;
  recipe: {
    hosts: pulumi.Output<string[]>;
    validityPeriodHours: pulumi.Output<number>;
  };
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
    certificate: outputsOf(plan, authority, key, certificate, lifetime.earlyRenewalHours),
    recipe: {
      hosts: pulumi.all([hosts.dnsNames, hosts.ipAddresses]).apply((names) => names.flat()),
      validityPeriodHours: lifetime.validityPeriodHours,
    },
  };
}

const outputsOf = (
  plan: CertificatePlan,
  authority: CertificateAuthority,
  key: tls.PrivateKey,
  { certPem, validityEndTime }: tls.LocallySignedCert,
  earlyRenewalHours: pulumi.Output<number>,
): IssuedCertificate => ({
  commonName: plan.commonName,
  certPem,
  privateKeyPem: pulumi.secret(key.privateKeyPem),
  validUntil: validityEndTime,
  renewFrom: pulumi.all([validityEndTime, earlyRenewalHours]).apply(([end, hours]) => hoursAfter(end, -hours) ?? ""),
  serialNumber: certPem.apply(serialNumberOf),
  generation: authority.signing.name,
  leafChecksum: certPem.apply(checksum),
  bundleChecksum: authority.bundleChecksum,
});

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
