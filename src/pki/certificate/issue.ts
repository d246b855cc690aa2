import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { pkiSubject, refuseLater } from "../../refuse";
import { parsedRequest } from "../../x509";
import type { Authority } from "../authority/authority";
import { allowedHosts, constraintProblems } from "../authority/constraints";
import type { Generation, Making } from "../authority/generation";
import { definite } from "../authority/generation";
import { hostsProblems } from "../checks";
import type { SubjectAlternativeNames } from "../hosts";
import { subjectAlternativeNames } from "../hosts";
import { privateKeyArgs } from "../keys";
import type { Lifetime } from "../lifetime";
import { lifetimeOf } from "../lifetime";
import type { CertificatePlan } from "../plan";

/** A row of the plan, and what its resources come to. */
export interface Issued {
  plan: CertificatePlan;
  /** The generation that is declared to sign it. */
  signing: Generation;
  /** The certificate alone. */
  leafPem: pulumi.Output<string>;
  /** The certificate, and after it what its consumers need to verify it. */
  certPem: pulumi.Output<string>;
  /** The certificate of the generation that really signed it, also where an update left it out. */
  caCertPem: pulumi.Output<string>;
  /** Secrets. Empty where the identity brought its request. */
  privateKeyPem: pulumi.Output<string>;
  privateKeyPkcs8Pem: pulumi.Output<string>;
  validUntil: pulumi.Output<string>;
  lifetime: pulumi.Output<Lifetime>;
  names: pulumi.Output<SubjectAlternativeNames>;
}

/** Key, request, certificate: what every row of the plan becomes. */
export function issueCertificate(plan: CertificatePlan, authority: Authority, make: Making): Issued | undefined {
  if (!authority.signing) return undefined;
  const { generation: signing, chainPem, abovePem } = authority.signing;
  // A renewal is a replacement, and so must not be protected.
  const opts: pulumi.CustomResourceOptions = { parent: make.owner, protect: false };
  const names = checkedNames(plan, abovePem);
  const { key, certRequestPem } = requestOf(plan, names, abovePem, make, opts);
  const lifetime = signing.life.apply((life) => lifetimeOf(plan.logicalName, plan, life));
  const certificate = new tls.LocallySignedCert(
    plan.logicalName,
    {
      certRequestPem,
      caCertPem: signing.certPem,
      caPrivateKeyPem: signing.privateKeyPem,
      allowedUses: plan.usages,
      setSubjectKeyId: true,
      validityPeriodHours: lifetime.validityPeriodHours,
      earlyRenewalHours: lifetime.earlyRenewalHours,
    },
    { ...opts, dependsOn: make.after, replacementTrigger: plan.renewNow },
  );
  const none = pulumi.secret("");
  return {
    plan,
    signing,
    leafPem: certificate.certPem,
    certPem: pulumi.all([certificate.certPem, chainPem]).apply((pems) => pems.join("")),
    caCertPem: certificate.caCertPem,
    privateKeyPem: key ? pulumi.secret(definite(key.privateKeyPem)) : none,
    privateKeyPkcs8Pem: key ? pulumi.secret(definite(key.privateKeyPemPkcs8)) : none,
    validUntil: certificate.validityEndTime,
    lifetime,
    names,
  };
}

function requestOf(
  plan: CertificatePlan,
  names: pulumi.Output<SubjectAlternativeNames>,
  abovePem: pulumi.Output<string>,
  make: Making,
  opts: pulumi.CustomResourceOptions,
): { key?: tls.PrivateKey; certRequestPem: pulumi.Output<string> } {
  if (plan.certRequestPem !== undefined) return { certRequestPem: checkedRequest(plan, plan.certRequestPem, abovePem) };
  const key = new tls.PrivateKey(plan.logicalName, privateKeyArgs[plan.keyAlgorithm], {
    ...opts,
    // No key is made beside a step that the record of trust refuses.
    dependsOn: make.after,
    replacementTrigger: plan.rotateKey,
  });
  const request = new tls.CertRequest(
    plan.logicalName,
    {
      privateKeyPem: definite(key.privateKeyPem),
      subject: { ...(plan.commonName && { commonName: plan.commonName }), ...plan.subject },
      dnsNames: names.dnsNames,
      ipAddresses: names.ipAddresses,
      // Left out, it would be stored as an encrypted null.
      uris: [],
    },
    opts,
  );
  return { key, certRequestPem: request.certRequestPem };
}

// Some hosts are known only during the update, as a virtual machine's address is. They pass the rules of plain ones then.
function checkedNames(plan: CertificatePlan, abovePem: pulumi.Output<string>): pulumi.Output<SubjectAlternativeNames> {
  const subject = pkiSubject(plan.cluster);
  const checked = refuseLater(subject, pulumi.output(plan.hosts), (known, show) => hostsProblems(plan, known, show));
  const named = pulumi
    .all([checked, abovePem])
    .apply(([hosts, pems]) =>
      subjectAlternativeNames([...hosts, ...plan.extraHosts, ...allowedHosts(plan.optionalHosts, pems)]),
    );
  const allowed = refuseLater(subject, pulumi.all([named, abovePem]), ([{ dnsNames, ipAddresses }, pems], show) =>
    constraintProblems(plan.path, [...dnsNames, ...ipAddresses], pems, show),
  );
  return allowed.apply(([names]) => names);
}

// Whoever can have a request signed under another name is another user.
function checkedRequest(
  plan: CertificatePlan,
  certRequestPem: pulumi.Input<string>,
  abovePem: pulumi.Output<string>,
): pulumi.Output<string> {
  const late = refuseLater(pkiSubject(plan.cluster), pulumi.all([certRequestPem, abovePem]), ([pem, pems], show) => {
    const at = `${plan.path}.certRequestPem`;
    const request = parsedRequest(pem);
    if (!request)
      return [`${at} is no certificate signing request; give PEM, "-----BEGIN CERTIFICATE REQUEST-----" first`];
    if (request.commonName !== plan.commonName)
      return [
        `${at} asks for the common name ${show(request.commonName)}, and etcd would take it for that user; make the request ` +
          `with ${plan.commonName === "" ? "none" : JSON.stringify(plan.commonName)}`,
      ];
    return [
      ...hostsProblems({ ...plan, argumentsPath: at }, request.hosts, show),
      ...constraintProblems(at, request.hosts, pems, show),
    ];
  });
  return late.apply(([pem]) => pem);
}
