import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { isKnownOutput, isLeftOut, knownOr, withoutDependencies } from "../../pulumi";
import { pkiSubject, refuseLater } from "../../refuse";
import { checksum, endOf, isKeyOf, validityHoursOf } from "../../x509";
import { privateKeyArgs } from "../keys";
import type { AuthorityLife } from "../lifetime";
import { hoursBetween } from "../lifetime";
import type { CrossPlan, GenerationPlan } from "./plan";

/** What the resources of a generation come to. */
export interface Generation {
  name: string;
  /** Its own certificate: what signs. */
  certPem: pulumi.Output<string>;
  /** What is trusted for it: its own certificate, or the root above it. */
  anchorPem: pulumi.Output<string>;
  /** What certificate files carry after a certificate of its: itself if it is an intermediate, and its issuers. */
  chainPem: pulumi.Output<string>;
  /** A secret. Empty where the key is not here. */
  privateKeyPem: pulumi.Output<string>;
  /** When it ends, RFC 3339; nothing in the preview of the update that makes it. */
  validUntil: pulumi.Output<string | undefined>;
  /** How long it lives and how much of that is left; known in every preview. */
  life: pulumi.Output<AuthorityLife>;
  /** Whether the state has it. Asked for in a preview, in which only a resource that exists has an id. */
  isInState: Promise<boolean>;
  /** What a cross certificate needs to ask for. */
  request?: { privateKeyPem: pulumi.Output<string>; subject: tls.types.input.CertRequestSubject };
}

/** How the resources of an authority are made. */
export interface Making {
  owner: pulumi.Resource;
  /** The record of trust: no key is made beside a step that it refuses. */
  after: pulumi.Input<pulumi.Resource>[];
  now: Date;
}

/** Makes a generation's key and certificate. */
export function newGeneration(plan: GenerationPlan, make: Making): Generation {
  const key = new tls.PrivateKey(plan.logicalName, privateKeyArgs[plan.keyAlgorithm], {
    parent: make.owner,
    dependsOn: make.after,
    // Who protects the component protects what must not be lost; a generation that is trusted no longer may go.
    protect: plan.isTrusted ? undefined : false,
    ignoreChanges: ["algorithm", "ecdsaCurve", "rsaBits"],
  });
  // Two keys never share a name, whatever generations are called.
  const serialNumber = key.publicKeyPem.apply((pem) => checksum(pem).slice(0, 16));
  const subject = { commonName: plan.commonName, ...plan.subject, serialNumber };
  const certificate = new tls.SelfSignedCert(
    plan.logicalName,
    {
      privateKeyPem: definite(key.privateKeyPem),
      subject,
      isCaCertificate: true,
      setSubjectKeyId: true,
      allowedUses: ["cert_signing", "crl_signing"],
      validityPeriodHours: plan.validityPeriodHours,
      earlyRenewalHours: 0,
    },
    {
      ...replaceable(make),
      // What changes in the arguments is for the next generation: this one is trusted as it is.
      ignoreChanges: ["subject", "allowedUses", "setSubjectKeyId", "validityPeriodHours"],
      replacementTrigger: plan.reissue,
    },
  );
  const { kept: certPem } = keep(plan.logicalName, certificate.certPem, plan.reissue, make);
  const privateKeyPem = keyOf(plan, certPem, definite(key.privateKeyPem));
  return {
    ...generation(plan, certPem, certPem, pulumi.output(""), privateKeyPem, make),
    isInState: isKnownOutput(key.id),
    request: { privateKeyPem: definite(key.privateKeyPem), subject },
  };
}

/** What follows from a generation's certificate, be it made here or elsewhere. */
export function generation(
  { name, validityPeriodHours }: GenerationPlan,
  certPem: pulumi.Output<string>,
  anchorPem: pulumi.Output<string>,
  chainPem: pulumi.Output<string>,
  privateKeyPem: pulumi.Output<string>,
  { now }: Making,
): Omit<Generation, "isInState"> {
  const fresh: AuthorityLife = { total: validityPeriodHours, left: validityPeriodHours };
  const life = certPem.apply((pem): AuthorityLife => {
    const [total, end] = [validityHoursOf(pem), endOf(pem)];
    return total === undefined || end === undefined ? fresh : { total, left: hoursBetween(now, end) ?? total };
  });
  // The provider cannot plan an existing certificate with hours that are not known.
  return {
    name,
    certPem,
    anchorPem,
    chainPem,
    privateKeyPem,
    validUntil: certPem.apply(endOf),
    // And a saved plan must say of the update what its preview said, dependencies included: what signs brings them anyway.
    life: pulumi.output(withoutDependencies(knownOr(life, fresh)) as Promise<AuthorityLife>),
  };
}

/** The resources that may be replaced, although whoever protects the component protects its children. */
const replaceable = ({ owner }: Making): pulumi.CustomResourceOptions => ({ parent: owner, protect: false });

/**
 * A certificate of an authority's as it was first made or given. The provider makes another one as soon as it has ended,
 * whatever it is told; nothing but a declared step may do that. So the state keeps it, and the provider's own is looked at no
 * more.
 */
export function keep<Value>(
  name: string,
  value: pulumi.Output<Value>,
  reissue: string,
  make: Making,
): { kept: pulumi.Output<Value>; isInState: Promise<boolean> } {
  const opts = { ...replaceable(make), ignoreChanges: ["input"], replacementTrigger: reissue };
  const stash = new pulumi.Stash(name, { input: value }, opts);
  // A user's own mocks know no Stash.
  const inStash = stash.output.apply((last?: Value) => last ?? value) as pulumi.Output<Value>;
  const kept = pulumi.output(isLeftOut(stash).then((isOut) => (isOut ? value : inStash))) as pulumi.Output<Value>;
  return { kept, isInState: isKnownOutput(stash.id) };
}

// A key that changes under its generation's name would break all trust in one stroke: whoever replaces it by hand is refused.
function keyOf(plan: GenerationPlan, certPem: pulumi.Output<string>, privateKeyPem: pulumi.Output<string>) {
  const isReplaced = Promise.all([isKnownOutput(certPem), isKnownOutput(privateKeyPem)]).then(
    ([certificate, key]) => certificate && !key,
  );
  const all = pulumi.all([certPem, knownOr(privateKeyPem, ""), isReplaced]);
  const checked = refuseLater(pkiSubject(plan.cluster), all, ([certificate, key, replaced]) =>
    (replaced && pulumi.runtime.isDryRun()) || (key !== "" && isKeyOf(key, certificate) === false)
      ? [
          `${plan.path}: its private key would be another one than that of its certificate, which is in use; a key is never ` +
            `replaced, so put the old one back (pulumi stack history, pulumi stack import), or add a generation of a new name`,
        ]
      : [],
  );
  return pulumi.secret(pulumi.all([checked, privateKeyPem]).apply(([, key]) => key));
}

// @pulumi/tls 5.6 says that a key may be missing, where it is given write-only.
export const definite = (key: pulumi.Output<string | undefined>) => key as pulumi.Output<string>;

/** A generation's key and name, signed by another generation. It never outlives that one. */
export function makeCrossCertificate(
  plan: CrossPlan,
  generation: Generation,
  by: Generation,
  make: Making,
): pulumi.Output<string> {
  const { privateKeyPem = pulumi.output(""), subject = {} } = generation.request ?? {};
  const opts = replaceable(make);
  const request = new tls.CertRequest(
    plan.logicalName,
    { privateKeyPem, subject },
    { ...opts, ignoreChanges: ["subject"] },
  );
  const certificate = new tls.LocallySignedCert(
    plan.logicalName,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: by.certPem,
      caPrivateKeyPem: by.privateKeyPem,
      isCaCertificate: true,
      setSubjectKeyId: true,
      allowedUses: ["cert_signing", "crl_signing"],
      validityPeriodHours: by.life.apply(({ left }) => Math.max(1, Math.floor(left))),
      earlyRenewalHours: 0,
    },
    { ...opts, ignoreChanges: ["validityPeriodHours"] },
  );
  return keep(plan.logicalName, certificate.certPem, "", make).kept;
}
