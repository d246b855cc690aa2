import * as pulumi from "@pulumi/pulumi";
import { canHook } from "../pulumi";
import { refuseLater } from "../refuse";
import { trustedKeys } from "./certificates";
import { namespaceProblems } from "./checks";
import type { Contents } from "./contents";
import { contentProblems, filesIn } from "./contents";
import { bundleAnnotations, keyOfGeneration, labelPrefix, labels, leafAnnotations, signerAnnotations } from "./labels";
import type { SecretPlan } from "./plan";
import { loadSecret } from "./provider";

/** A row of the plan, and what became of it. */
export interface Made {
  plan: SecretPlan;
  secret: InstanceType<ReturnType<typeof loadSecret>>;
  /** What the Secret holds, for the record. */
  held: Record<string, pulumi.Output<unknown>>;
}

/** Makes a Secret of a row. */
export function makeSecret(subject: string, plan: SecretPlan, owner: pulumi.Resource): Made {
  const contents = checkedContents(subject, plan);
  const data = contents.apply((known) => encoded(filesIn(plan, known)));
  const { certPem, caBundlePem } = plan;
  const metadata = {
    name: plan.name,
    namespace: refuseLater(subject, pulumi.output(plan.namespace), (namespace, show) =>
      namespaceProblems(plan.path, namespace, show),
    ) as pulumi.Output<string>,
    labels: { ...plan.labels, ...described(labels, certPem) },
    annotations: {
      ...deleteAtOnce,
      ...plan.annotations,
      ...described(leafAnnotations, certPem),
      ...described(bundleAnnotations, caBundlePem),
      ...described(signerAnnotations, certPem, caBundlePem),
    },
  };
  const Secret = loadSecret();
  const args = { metadata, type: plan.type, data: pulumi.secret(data) };
  const secret = new Secret(plan.logicalName, args, { parent: owner });
  return { plan, secret, held: heldBy(secret, plan) };
}

// The provider's own choice, foreground, waits for a garbage collector, for ten minutes where there is none; nothing
// depends on a Secret by ownership, so there is nothing to collect.
const deleteAtOnce = { "pulumi.com/deletionPropagationPolicy": "background" };

function checkedContents(subject: string, plan: SecretPlan): pulumi.Output<Contents<string>> {
  const { certPem, privateKeyPem, caBundlePem } = plan;
  const late = pulumi.output({ certPem, privateKeyPem, caBundlePem });
  // In a program's own unit tests any text may stand for a certificate.
  if (!canHook()) return late as pulumi.Output<Contents<string>>;
  return refuseLater(subject, late, (known) => contentProblems(plan, known)) as pulumi.Output<Contents<string>>;
}

// `data` and not `stringData`: what leaves the latter stays in the Secret (kubernetes/kubernetes#108008).
const encoded = (files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text ?? "").toString("base64")]));

// Certificates are no secrets, also where they come with a key in one, as out of another stack. Each row has its own: a preview
// knows the bundle while the certificate is still to be issued.
const described = (
  rows: Record<string, (...pems: string[]) => string | undefined>,
  ...pems: pulumi.Input<string>[]
): Record<string, pulumi.Output<string>> =>
  Object.fromEntries(
    Object.entries(rows).map(([name, describe]) => {
      const text = pulumi.unsecret(pulumi.all(pems)).apply((known) => describe(...known));
      // What is undefined is left out.
      return [labelPrefix + name, text as pulumi.Output<string>];
    }),
  );

function heldBy(secret: Made["secret"], plan: SecretPlan): Made["held"] {
  const { name, namespace, annotations: written } = secret.metadata;
  const key = pulumi
    .all([plan.generation, plan.caBundlePem])
    .apply(([generation, pem]) => keyOfGeneration(generation, pem));
  return {
    object: pulumi.unsecret(pulumi.interpolate`${namespace}/${name}`),
    made: secret.id.apply(() => true),
    signedBy: pulumi.unsecret(written[`${labelPrefix}signed-by`] as pulumi.Output<string>),
    trusts: pulumi.unsecret(written[`${labelPrefix}trusts`] as pulumi.Output<string>),
    declared: pulumi.unsecret(pulumi.output(plan.caBundlePem)).apply((pem) => trustedKeys(pem).join(" ")),
    signing: pulumi.unsecret(key),
  };
}
