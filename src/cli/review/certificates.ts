import type { CertificateRecord } from "../../pki/certificate/record";
import type { Change } from "./preview";
import { unknownValue } from "./preview";
import type { Cluster } from "./records";

/** What happens to one certificate. */
export interface CertificateChange {
  cluster: string;
  /** Where it stands in the arguments, such as `members["etcd-1"].peer`. */
  identity: string;
  /** `member`, `peer`, `component` and so on; empty if the record does not say. */
  kind: string;
  change: "new" | "renewed" | "removed";
  /** RFC 3339, to the second. Empty: there was none. */
  oldEnd: string;
  /** RFC 3339 once it is known, otherwise how long after the update. Empty: there will be none. */
  newEnd: string;
  why: string[];
  /** `own`: the identity brings its request, so its key is not ours to know. */
  key: "new" | "kept" | "own" | "deleted";
  hostsGained: string[];
  hostsLost: string[];
}

const certificateType = "tls:index/locallySignedCert:LocallySignedCert";
const requestType = "tls:index/certRequest:CertRequest";
const keyType = "tls:index/privateKey:PrivateKey";

/** Every certificate of an identity that comes, goes or is issued anew, in the order of the arguments' paths. */
export const certificateChanges = (cluster: Cluster): CertificateChange[] =>
  cluster.changes
    .filter(
      ({ type, operation, name }) => type === certificateType && operation !== "update" && isIdentity(cluster, name),
    )
    .map((change) => toChange(cluster, change))
    .sort((a, b) => (a.identity < b.identity ? -1 : 1));

// A cross certificate has another generation's name and key: it belongs to the authority.
const isIdentity = ({ name: cluster }: Cluster, name: string) => !/^(peers-)?ca-/.test(name.slice(cluster.length + 1));

const changeOf = { create: "new", replace: "renewed", update: "renewed", delete: "removed" } as const;

function toChange(cluster: Cluster, step: Change): CertificateChange {
  const { last, next } = cluster.issued;
  const [was, is] = [last?.certificates[step.name], next?.certificates[step.name]];
  const [before, after] = [hostsOf(was), hostsOf(is)];
  return {
    cluster: cluster.name,
    identity: is?.path ?? was?.path ?? step.name.slice(cluster.name.length + 1),
    kind: is?.kind ?? was?.kind ?? "",
    change: changeOf[step.operation],
    oldEnd: toSecond(step.old?.outputs?.["validityEndTime"] ?? was?.validUntil),
    newEnd: step.operation === "delete" ? "" : newEnd(step),
    why: whyOf(cluster, step, was, is),
    key: keyOf(cluster, step),
    hostsGained: after.filter((host) => !before.includes(host)),
    hostsLost: before.filter((host) => !after.includes(host)),
  };
}

const hostsOf = (certificate: CertificateRecord | undefined) =>
  (certificate?.hosts ?? "").split(", ").filter((host) => host !== "" && host !== unknownValue);

function newEnd(step: Change): string {
  const known = toSecond(step.next?.outputs?.["validityEndTime"]);
  if (known !== "") return known;
  const hours = step.next?.inputs?.["validityPeriodHours"];
  return typeof hours === "number" ? `${lifeText(hours)} after the update` : "known after the update";
}

const lifeText = (hours: number) => (hours % 24 === 0 ? `${hours / 24} days` : `${hours} hours`);

const toSecond = (time: unknown) =>
  typeof time === "string" && time !== unknownValue ? time.replace(/\.\d+Z$/, "Z") : "";

function keyOf(cluster: Cluster, step: Change): CertificateChange["key"] {
  const own = (type: string) => cluster.changes.find((change) => change.type === type && change.name === step.name);
  if (step.operation === "delete") return own(keyType) ? "deleted" : "own";
  if (own(keyType)) return "new";
  const hasNewRequest = step.operation === "create" || step.reasons.includes("certRequestPem");
  return hasNewRequest && own(requestType) === undefined ? "own" : "kept";
}

function whyOf(
  cluster: Cluster,
  step: Change,
  was: CertificateRecord | undefined,
  is: CertificateRecord | undefined,
): string[] {
  if (step.operation === "create") return ["it is new in the program"];
  if (step.operation === "delete") return ["it is no longer in the program; whoever holds it can use it until its end"];
  const reasons = [
    ...(was && is ? [...signers(cluster, was), ...differences(was, is)] : []),
    ...(step.reasons.includes("readyForRenewal") ? ["its renewal window is open"] : []),
  ];
  return reasons.length > 0 ? reasons : step.reasons.map(fromProperty);
}

function signers({ trust: { last, next } }: Cluster, was: CertificateRecord): string[] {
  const side = was.kind === "peer" ? "peer" : "client";
  const [before, after] = [last?.[side].signing, next?.[side].signing];
  if (before !== after) return [`generation ${after} signs now`];
  return before === undefined || was.signedBy === before ? [] : ["the last update left it out"];
}

const compared = ["keyAlgorithm", "renewNow", "rotateKey", "hosts", "validityPeriodHours"] as const;

const differences = (was: CertificateRecord, is: CertificateRecord): string[] =>
  compared
    .filter((field) => was[field] !== is[field] && ![was[field], is[field]].includes(unknownValue))
    .map((field) => `${field} changed`);

// Where the record shows no difference, the property that makes the provider issue it anew is all that is known.
const propertyWords: Record<string, string> = {
  certRequestPem: "its request changed",
  caCertPem: "its authority's certificate changed",
  caPrivateKeyPem: "its authority's key changed",
  allowedUses: "its usages changed",
};

const fromProperty = (property: string) => propertyWords[property] ?? `${property} changed`;
