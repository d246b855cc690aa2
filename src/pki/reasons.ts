import type { Trust } from "./trust";

/** What a certificate is made from, beside its key and authority. */
export interface Ingredients {
  keyAlgorithm: string;
  renewNow: string;
  rotateKey: string;
  hosts: string[];
  validityPeriodHours: number;
}

/** What is remembered of one certificate, to say later why it was issued anew. */
export interface IssuedRow {
  /** The checksum of the certificate; unknown in the preview of the update that issues it. */
  leafChecksum: string;
  generation: string;
  validUntil: string;
  renewFrom: string;
  /** What it was made from, by the argument's name. */
  from: Ingredients;
}

/** What the last complete update left behind: its trust, and each certificate by its path in the arguments. */
export interface IssuedRecord {
  trust: Trust;
  certificates: Record<string, IssuedRow>;
}

/** Why certificates are issued anew: a sentence for each reason, with all that share it. */
export function renewalReasons(last: IssuedRecord, next: IssuedRecord, now: Date): string[] {
  const byReason = new Map<string, string[]>();
  for (const [path, row] of Object.entries(next.certificates)) {
    const old = last.certificates[path];
    if (old === undefined || old.leafChecksum === row.leafChecksum) continue;
    const reason = reasonOf(old, row, now);
    byReason.set(reason, [...(byReason.get(reason) ?? []), path]);
  }
  return [...byReason].map(([reason, paths]) => `a new certificate for ${listed(paths)}: ${reason}`);
}

function reasonOf(old: IssuedRow, row: IssuedRow, now: Date): string {
  const changes = (Object.keys(row.from) as (keyof Ingredients)[])
    .filter((name) => isKnown(row.from[name]) && text(old.from[name]) !== text(row.from[name]))
    .map((name) => `${name} changed from ${text(old.from[name])} to ${text(row.from[name])}`);
  const reasons = [
    ...(old.generation === row.generation ? [] : [`generation ${text(row.generation)} signs now`]),
    ...changes,
    ...(Date.parse(old.renewFrom) <= now.getTime()
      ? [`its renewal window opened on ${old.renewFrom}, and it ends on ${old.validUntil}`]
      : []),
  ];
  return reasons.length > 0 ? reasons.join("; ") : "what it is made from changed";
}

const shownPaths = 8;
const listed = (paths: string[]) =>
  paths.length <= shownPaths
    ? paths.join(", ")
    : `${paths.slice(0, shownPaths).join(", ")} and ${paths.length - shownPaths} more`;

// The engine's own stand-in for a value that only the update will know, or a secret.
const isKnown = (value: unknown) =>
  typeof value !== "object" || value === null || !("__pulumiUnknown" in value || "__pulumiOutput" in value);

const text = (value: unknown) => (value === undefined || value === "" ? "none" : JSON.stringify(value));
