import type { Side } from "../../naming";
import { peerDomain } from "../../naming";
import { hoursAfter } from "../lifetime";
import { profiles } from "../profiles";
import { connects } from "./gateway";
import type { CertificateRecord, Ingredients, IssuedRecord } from "./record";
import { ingredientsOf, secretHosts } from "./record";

/** A certificate that is issued anew, and why. */
export interface Renewal {
  name: string;
  path: string;
  /** A sentence each. */
  reasons: string[];
}

/** When an update runs: a window may open while it does. */
export interface During {
  began: Date;
  now: Date;
}

/** Which certificates are issued anew, and why. */
export function renewalsOf(last: IssuedRecord, next: IssuedRecord, { began, now }: During): Renewal[] {
  return Object.entries(next.certificates).flatMap(([name, is]) => {
    const was = last.certificates[name];
    if (!was || was.validUntil === is.validUntil || isOlderThan(began, name, is)) return [];
    return [{ name, path: is.path, reasons: reasonsOf(name, was, is, last, next, now) }];
  });
}

/** Why certificates are issued anew: a sentence for each reason, with all that share it. */
export function renewalReasons(last: IssuedRecord, next: IssuedRecord, during: During): string[] {
  const byReason = new Map<string, string[]>();
  for (const { path, reasons } of renewalsOf(last, next, during)) {
    const reason = reasons.join("; ");
    byReason.set(reason, [...(byReason.get(reason) ?? []), path]);
  }
  return [...byReason].map(([reason, paths]) => `a new certificate for ${listed(paths)}: ${reason}`);
}

// Issued since the last record, but by an update before this one, which --target kept from recording it.
function isOlderThan(time: Date, name: string, own: CertificateRecord): boolean {
  const start = hoursAfter(String(own.validUntil), -ingredientsOf(name, own).validityPeriodHours);
  // A certificate begins with a whole second.
  return start !== undefined && Date.parse(start) + 1000 <= time.getTime();
}

function reasonsOf(
  name: string,
  was: CertificateRecord,
  is: CertificateRecord,
  last: IssuedRecord,
  next: IssuedRecord,
  now: Date,
): string[] {
  const { side } = profiles[is.kind];
  const [before, after] = [last.trust[side].signing, next.trust[side].signing];
  const [old, fresh] = [ingredientsOf(name, was), ingredientsOf(name, is)];
  const renewFrom = hoursAfter(was.validUntil, -old.earlyRenewalHours);
  const reasons = [
    ...(before === after ? [] : [`generation ${text(after)} signs now`]),
    ...(before === after && was.signedBy !== after ? [`the last update left it out`] : []),
    ...(was.signedBy === is.signedBy && isReissued(last, next, side, is.signedBy)
      ? [`generation ${text(is.signedBy)} has a new certificate`]
      : []),
    ...usageReasons(was, connects(last, was.path), connects(next, is.path)),
    ...(was.kind === "member" && hasPeerPair(last, was.path) !== hasPeerPair(next, is.path)
      ? [portReason(hasPeerPair(next, is.path))]
      : peerNameReasons(old.hosts, fresh.hosts)),
    ...(isKnown(fresh.hosts) ? [] : ["its hosts are known only in the update"]),
    ...changes(old, fresh),
    ...(renewFrom && Date.parse(renewFrom) <= now.getTime()
      ? [`its renewal window opened on ${renewFrom}, and it ends on ${was.validUntil}`]
      : []),
  ];
  return reasons.length > 0 ? reasons : ["what it is made from changed"];
}

const isReissued = (last: IssuedRecord, next: IssuedRecord, side: Side, name: string) =>
  last.trust[side].reissue?.[name] !== next.trust[side].reissue?.[name];

function usageReasons({ kind }: CertificateRecord, before: boolean, after: boolean): string[] {
  if (kind !== "member" || before === after) return [];
  return [after ? "it may connect, too" : "it is for serving only, beside the member's gateway certificate"];
}

const portReason = (peersHaveOwn: boolean) =>
  peersHaveOwn
    ? "it is for the client port only now, since the peers have pairs of their own"
    : "it is for both ports now";

const hasPeerPair = ({ certificates }: IssuedRecord, path: string) =>
  Object.values(certificates).some((row) => row.path === `${path}.peer`);

// A certificate for peers has a host name that no other has, and that nobody declared.
function peerNameReasons(old: unknown, fresh: unknown): string[] {
  const [before, after] = [old, fresh].map((hosts) => String(hosts).split(", ").find(isForPeers));
  if (!isKnown(old) || !isKnown(fresh) || old === secretHosts || fresh === secretHosts || before === after) return [];
  return [after === undefined ? `it has no host ${before} any more` : `it has the host ${after} now`];
}

// Another window alone is no reason: it issues nothing.
const changes = (old: Ingredients, fresh: Ingredients) => [
  ...(["keyAlgorithm", "renewNow", "rotateKey", "hosts", "validityPeriodHours"] as const)
    .map((key) => ({ key, was: shownHosts(old[key]), is: shownHosts(fresh[key]) }))
    .filter(({ was, is }) => isKnown(was) && isKnown(is) && was !== is)
    .map(({ key, was, is }) => `${key} changed from ${text(was)} to ${text(is)}`),
];

const isForPeers = (host: string) => host.endsWith(peerDomain);
const shownHosts = (value: unknown) =>
  typeof value !== "string"
    ? value
    : value
        .split(", ")
        .filter((host) => !isForPeers(host))
        .join(", ");

const shownPaths = 8;
const listed = (paths: string[]) =>
  paths.length <= shownPaths
    ? paths.join(", ")
    : `${paths.slice(0, shownPaths).join(", ")} and ${paths.length - shownPaths} more`;

// Not the engine's own stand-in for a value that only the update will know, in either of its forms.
const isKnown = (value: unknown) => typeof value === "number" || (typeof value === "string" && value !== unknownValue);
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"; // pulumi.runtime.unknownValue

const text = (value: unknown) => (value === "" ? "none" : JSON.stringify(value));
