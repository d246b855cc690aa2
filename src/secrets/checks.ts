import type { EtcdSecretsArgs } from "./args";
import { contentProblems } from "./contents";
import { labelPrefix } from "./labels";
import type { FileNames } from "./layouts";
import { isLabelValue, isObjectName } from "./names";
import type { SecretPlan } from "./plan";
import { planSecrets } from "./plan";
import { shapeOf } from "./shape";
import type { Show } from "../shape";
import { isDeferred, shown } from "../shape";

/** Everything wrong with the arguments, a sentence each. Values that are known only later are checked when they are. */
export function problemsIn(component: string, args: EtcdSecretsArgs): string[] {
  const problems = shapeOf("", args ?? {});
  if (problems.length > 0) return problems;
  if (Object.keys(args?.secrets ?? {}).length === 0)
    return [`secrets is empty; name at least one, such as secrets: { "my-app-etcd": { ...pki.components["my-app"] } }`];
  const rows = planSecrets(component, args);
  return [...rows.flatMap((row) => rowProblems(row)), ...rows.flatMap((row, i) => twinProblems(row, rows.slice(0, i)))];
}

/** What is wrong with a namespace, once it is known. */
export function namespaceProblems(path: string, namespace: unknown, show: Show = shown): string[] {
  if (isDeferred(namespace)) return [];
  if (namespace === undefined || namespace === "")
    return [`${path} has no namespace; give it one, or give namespace for all Secrets`];
  return typeof namespace === "string" && namespace.length <= 63 && dnsLabel.test(namespace)
    ? []
    : [
        `${path}: the namespace ${show(namespace)} is none that Kubernetes takes (RFC 1123); use at most 63 small letters, digits and -`,
      ];
}

const largestAnnotationsBytes = 256 * 1024; // TotalAnnotationSizeLimitB, kubernetes/apimachinery, pkg/api/validation
const dnsLabel = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const labelName = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const fileName = /^[A-Za-z0-9._-]+$/;

const rowProblems = (row: SecretPlan): string[] => [
  ...nameProblems(row),
  ...namespaceProblems(row.path, row.namespace),
  ...contentProblems(row, row),
  ...fileNamesProblems(row.path, row.fileNames),
  ...(row.mountPath.startsWith("/")
    ? []
    : [`${row.path}.mountPath is ${shown(row.mountPath)}; give an absolute path, such as "/etc/etcd/tls"`]),
  ...Object.entries(row.labels).flatMap(([key, value]) => [
    ...keyProblems(`${row.path}.labels`, key),
    ...labelValueProblems(`${row.path}.labels`, key, value),
  ]),
  ...Object.keys(row.annotations).flatMap((key) => keyProblems(`${row.path}.annotations`, key)),
  ...annotationsSize(row),
];

const nameProblems = ({ path, name }: SecretPlan) =>
  isObjectName(name)
    ? []
    : [
        `${path}: the name ${shown(name)} is none that Kubernetes takes (RFC 1123); give at most 253 small letters, digits, ` +
          `- and .`,
      ];

function fileNamesProblems(path: string, names: FileNames): string[] {
  const all = Object.values(names) as string[];
  return [
    ...all
      .filter((name) => !fileName.test(name) || name.length > 253 || name.startsWith("..") || name === ".")
      .map((name) => `${path}.fileNames has ${shown(name)}; use letters, digits, - _ and .`),
    ...(new Set(all).size < all.length
      ? [`${path}.fileNames has one name twice (${all.join(", ")}); give each file a name of its own`]
      : []),
  ];
}

function keyProblems(path: string, key: string): string[] {
  const [name = "", prefix, ...more] = key.split("/").reverse();
  if (key.startsWith(labelPrefix)) return [`${path} has ${shown(key)}; what begins with ${labelPrefix} is set here`];
  const fits =
    more.length === 0 && name.length <= 63 && labelName.test(name) && (prefix === undefined || isObjectName(prefix));
  return fits
    ? []
    : [
        `${path} has the key ${shown(key)}; use at most 63 letters, digits, - _ and ., after a domain and / if you like`,
      ];
}

const labelValueProblems = (path: string, key: string, value: string) =>
  isLabelValue(value)
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

// Two Secrets of one name are told apart by their namespaces, and each must be known for that.
function twinProblems({ path, name, namespace }: SecretPlan, before: SecretPlan[]): string[] {
  const first = before.find((other) => other.name === name);
  if (first === undefined) return [];
  if ([namespace, first.namespace].some(isDeferred))
    return [
      `${path} and ${first.path} are both called ${shown(name)}, and a namespace is an output, so it is not known whether ` +
        `they are one; give both namespaces as plain text, or another name to one of them`,
    ];
  return namespace === first.namespace
    ? [`${path} and ${first.path} are both the Secret ${shown(name)} of one namespace; give one of them another name`]
    : [];
}
