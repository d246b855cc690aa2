import type { Found } from "./sources";

/** `due`: in its renewal window. */
export type Status = "ok" | "due" | "expired";

/** One line of the report. */
export interface Row extends Found {
  /** Whole days, negative after the end. */
  daysLeft: number;
  status: Status;
}

/** Everything that the command prints, in whatever form. */
export interface Report {
  certificates: Row[];
  /** One sentence for each identity whose certificate is not the same everywhere. */
  disagreements: string[];
  /** One sentence for each source that could not be read. */
  unreadable: string[];
}

/** Judges what was found: the certificates that end first come first. */
export function reportOn(found: Found[], unreadable: string[], now: Date): Report {
  const certificates = found
    .map((each) => ({ ...each, daysLeft: daysLeft(each, now), status: statusOf(each, now) }))
    .sort((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter));
  return { certificates, disagreements: disagreementsIn(found), unreadable };
}

/** 0 all well, 1 something is due or disagrees, 2 something has expired, 3 something could not be read. */
export function exitCode({ certificates, disagreements, unreadable }: Report): number {
  if (unreadable.length > 0) return 3;
  if (certificates.some(({ status }) => status === "expired")) return 2;
  return disagreements.length > 0 || certificates.some(({ status }) => status === "due") ? 1 : 0;
}

const msPerDay = 24 * 60 * 60 * 1000;
const daysLeft = ({ notAfter }: Found, now: Date) => Math.floor((Date.parse(notAfter) - now.getTime()) / msPerDay);

function statusOf({ notAfter, renewFrom }: Found, now: Date): Status {
  if (Date.parse(notAfter) <= now.getTime()) return "expired";
  return Date.parse(renewFrom) <= now.getTime() ? "due" : "ok";
}

function disagreementsIn(found: Found[]): string[] {
  const byIdentity = new Map<string, Found[]>();
  for (const each of found) {
    const key = [each.cluster, each.kind, each.identity].join("\0");
    byIdentity.set(key, [...(byIdentity.get(key) ?? []), each]);
  }
  return [...byIdentity.values()]
    .filter((same) => new Set(same.map(({ serialNumber }) => serialNumber)).size > 1)
    .map((same) => {
      const places = same.map(
        ({ source, serialNumber, notAfter }) => `${source} has ${serialNumber} (until ${notAfter})`,
      );
      return `${same[0]?.kind} ${JSON.stringify(same[0]?.identity)} is not the same everywhere: ${places.join(", ")}`;
    });
}
