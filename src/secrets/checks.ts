import type { EtcdPkiArgs } from "../pki/args";
import type { KubernetesArgs, SecretArgs } from "./args";
import { Layout } from "./args";
import type { Rule, Show } from "../shape";
import { fields, flag, input, isDeferred, oneOf, record, shown, text } from "../shape";
import { labelPrefix } from "./labels";
import type { FileNames } from "./layouts";
import { layouts, usesOf } from "./layouts";
import type { SecretPlan } from "./plan";
import { certificateKind, planSecrets, secretPath } from "./plan";

const texts = record(text);

/** The shape of the `kubernetes` argument. */
export const kubernetesShape: Rule = fields({
  namespace: input(text),
  publishAll: flag,
  secrets: record(
    fields({
      identity: text,
      upstream: flag,
      name: text,
      namespace: input(text),
      layout: oneOf(Layout),
      fileNames: fields({ caBundle: text, cert: text, privateKey: text }),
      mountPath: text,
      labels: texts,
      annotations: texts,
    }),
  ),
});

/** Everything wrong with the `kubernetes` argument, a sentence each. */
export function kubernetesProblems(cluster: string, args: EtcdPkiArgs): string[] {
  if (args.kubernetes === undefined) return [];
  const named = Object.entries(args.kubernetes.secrets ?? {});
  const rows = planSecrets(cluster, args);
  return [
    ...nothingPublished(args.kubernetes),
    ...named.flatMap(([key, own]) => identityProblems(secretPath(key), own, args)),
    ...rows.flatMap((row) => rowProblems(row)),
    ...twins(rows),
    ...(rows.length > 0 ? clusterLabels(cluster, args) : []),
  ];
}

/** What is wrong with the content of a Secret, once it is known. */
export function dataProblems(path: string, data: Record<string, string>): string[] {
  const bytes = Object.values(data).reduce((sum, content) => sum + Buffer.byteLength(content), 0);
  return bytes <= largestSecretBytes
    ? []
    : [
        `${path} has ${bytes} bytes; a Secret has at most ${largestSecretBytes}, so trust fewer generations or give the ` +
          `certificate fewer hosts`,
      ];
}

/** What is wrong with a namespace, once it is known. */
export function namespaceProblems(path: string, namespace: unknown, show: Show = shown): string[] {
  if (isDeferred(namespace)) return [];
  if (namespace === undefined || namespace === "")
    return [`${path} has no namespace; give it one, or give kubernetes.namespace for all`];
  return typeof namespace === "string" && namespace.length <= 63 && dnsLabel.test(namespace)
    ? []
    : [
        `${path}: the namespace ${show(namespace)} is none that Kubernetes takes (RFC 1123); use at most 63 small letters, digits and -`,
      ];
}

const largestSecretBytes = 1024 * 1024; // MaxSecretSize, kubernetes/api, core/v1/types.go
const largestAnnotationsBytes = 256 * 1024; // TotalAnnotationSizeLimitB, kubernetes/apimachinery, pkg/api/validation
const dnsLabel = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$/;
const labelName = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const fileName = /^[A-Za-z0-9._-]+$/;

const isDnsSubdomain = (name: string) => name.length <= 253 && name.split(".").every((part) => dnsLabel.test(part));

const nothingPublished = ({ publishAll, secrets }: KubernetesArgs) =>
  publishAll || Object.keys(secrets ?? {}).length > 0
    ? []
    : [`kubernetes publishes nothing; name Secrets in kubernetes.secrets, or set kubernetes.publishAll: true`];

function identityProblems(path: string, own: SecretArgs, args: EtcdPkiArgs): string[] {
  const names = [args.members, args.proxies, args.components].flatMap((kind) => Object.keys(kind ?? {}));
  if (own.identity === undefined)
    return [`${path}.identity is missing; say whose certificate it carries: one of ${names.join(", ")}`];
  if (!names.includes(own.identity))
    return [`${path}.identity is ${shown(own.identity)}, which is not declared; use one of ${names.join(", ")}`];
  return certificateKind(args, own) === undefined
    ? [`${path}.upstream is true, but ${shown(own.identity)} is no proxy; leave it out`]
    : [];
}

const rowProblems = (row: SecretPlan): string[] => [
  ...nameProblems(row),
  ...namespaceProblems(row.path, row.namespace),
  ...layoutProblems(row),
  ...fileNamesProblems(row.path, row.fileNames),
  ...(row.mountPath.startsWith("/")
    ? []
    : [`${row.path}.mountPath is ${shown(row.mountPath)}; give an absolute path, such as "/etc/etcd/tls"`]),
  ...labelValueProblems(row.path, "identity", row.identity),
  ...Object.entries(row.labels).flatMap(([key, value]) => [
    ...keyProblems(`${row.path}.labels`, key),
    ...labelValueProblems(`${row.path}.labels`, key, value),
  ]),
  ...Object.keys(row.annotations).flatMap((key) => keyProblems(`${row.path}.annotations`, key)),
  ...annotationsSize(row),
];

const nameProblems = ({ path, name }: SecretPlan) =>
  isDnsSubdomain(name)
    ? []
    : [
        `${path}: the name ${shown(name)} is none that Kubernetes takes (RFC 1123); give at most 253 small letters, digits, ` +
          `- and . in kubernetes.secrets, as a key or as name`,
      ];

function layoutProblems({ path, layout, kind, identity }: SecretPlan): string[] {
  if (layouts[layout].uses.some((use) => usesOf[kind].includes(use))) return [];
  const fitting = Object.values(Layout).filter((other) =>
    layouts[other].uses.some((use) => usesOf[kind].includes(use)),
  );
  return [
    `${path}.layout ${shown(layout)} is for a ${layouts[layout].uses.join(" or ")} certificate, and the ${kind} ` +
      `certificate of ${shown(identity)} is for a ${usesOf[kind].join(" or ")} only; use one of ${fitting.join(", ")}`,
  ];
}

function fileNamesProblems(path: string, names: FileNames): string[] {
  const all = Object.values(names) as string[];
  return [
    ...all
      .filter((name) => !fileName.test(name) || name.length > 253 || name.startsWith("..") || name === ".")
      .map((name) => `${path}.fileNames has ${shown(name)}; use letters, digits, - _ and .`),
    ...(new Set(all).size < all.length
      ? [`${path}.fileNames has one name twice (${all.join(", ")}); give the three files different names`]
      : []),
  ];
}

function keyProblems(path: string, key: string): string[] {
  const [name = "", prefix, ...more] = key.split("/").reverse();
  if (key.startsWith(labelPrefix)) return [`${path} has ${shown(key)}; what begins with ${labelPrefix} is set here`];
  const fits =
    more.length === 0 && name.length <= 63 && labelName.test(name) && (prefix === undefined || isDnsSubdomain(prefix));
  return fits
    ? []
    : [
        `${path} has the key ${shown(key)}; use at most 63 letters, digits, - _ and ., after a domain and / if you like`,
      ];
}

const labelValueProblems = (path: string, key: string, value: string) =>
  value.length <= 63 && labelValue.test(value)
    ? []
    : [
        `${path}: ${shown(value)} (${value.length} characters) cannot be the label ${key}; use at most 63 letters, digits, ` +
          `and - _ . between them`,
      ];

function annotationsSize({ path, annotations }: SecretPlan): string[] {
  const bytes = Object.entries(annotations).reduce((sum, pair) => sum + Buffer.byteLength(pair.join("")), 0);
  return bytes <= largestAnnotationsBytes
    ? []
    : [`${path}.annotations has ${bytes} bytes; Kubernetes takes at most ${largestAnnotationsBytes}, shorten them`];
}

// The cluster and each generation are labels of every Secret.
const clusterLabels = (cluster: string, args: EtcdPkiArgs) => [
  ...labelValueProblems("kubernetes, the resource's name", "cluster", cluster),
  ...(args.certificateAuthority?.generations ?? []).flatMap((generation) =>
    labelValueProblems("kubernetes, certificateAuthority.generations", "ca-generation", generation),
  ),
];

const twins = (rows: SecretPlan[]) =>
  rows.flatMap((row, i) => {
    const first = rows.slice(0, i).find((other) => isTwin(row, other));
    return first === undefined
      ? []
      : [`${row.path} and ${first.path} are both the Secret ${shown(row.name)} of one namespace; name one differently`];
  });

const isTwin = (a: SecretPlan, b: SecretPlan) => a.key === b.key || (a.name === b.name && a.namespace === b.namespace);
