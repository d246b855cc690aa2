import { defaultEarlyRenewalHours } from "../../pki/lifetime";
import type { CertificateFacts, Joined } from "./facts";

/**
 * `expired` and `not-yet-valid`: every connection with it fails. `due`: in its renewal window, the next update renews it.
 * `ending`: nobody tells its window, and the default one has opened (30 days, or the last third
 * of a shorter life); of an authority, the last tenth of its life has begun.
 */
export type Status = "ok" | "due" | "ending" | "not-yet-valid" | "expired";

/** One line of the report: a certificate, wherever it was found. */
export interface Row extends CertificateFacts {
  /** Whole days, negative after the end. */
  daysLeft: number;
  status: Status;
}

/** Everything that the command prints, in whatever form. */
export interface Report {
  /** When the report was made, RFC 3339. */
  at: string;
  certificates: Row[];
  /** One sentence for each identity whose certificate is not the same everywhere. */
  disagreements: string[];
  /** One sentence for each source, or part of one, that could not be read. */
  unreadable: string[];
  /** How many certificates in Secrets were left out, since no authority that is known here signed them. */
  strangers: number;
}

/** Judges what was found: the certificates that end first come first. */
export function reportOn(joined: Joined[], unreadable: string[], strangers: number, now: Date): Report {
  const certificates = joined
    .map(({ facts }) => ({ ...facts, daysLeft: daysLeft(facts, now), status: statusOf(facts, now) }))
    .sort((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter));
  const at = now.toISOString().replace(/\.\d+Z$/, "Z");
  return { at, certificates, disagreements: disagreementsIn(joined), unreadable, strangers };
}

/** The worst finding: 2 something is not valid, 3 something could not be read, 1 something is to be done, 0 all well. */
export function exitCode({ certificates, disagreements, unreadable }: Report): number {
  const has = (...statuses: Status[]) => certificates.some(({ status }) => statuses.includes(status));
  if (has("expired", "not-yet-valid")) return 2;
  if (unreadable.length > 0) return 3;
  return disagreements.length > 0 || has("due", "ending") ? 1 : 0;
}

const msPerHour = 60 * 60 * 1000;
const daysLeft = ({ notAfter }: CertificateFacts, now: Date) =>
  Math.floor((Date.parse(notAfter) - now.getTime()) / msPerHour / 24);

function statusOf(facts: CertificateFacts, now: Date): Status {
  const { renewFrom, kind } = facts;
  const [begin, end] = [Date.parse(facts.notBefore), Date.parse(facts.notAfter)];
  if (end <= now.getTime()) return "expired";
  if (begin > now.getTime()) return "not-yet-valid";
  if (renewFrom !== undefined) return Date.parse(renewFrom) <= now.getTime() ? "due" : "ok";
  const life = (end - begin) / msPerHour;
  const last = kind === "authority" ? life / 10 : defaultEarlyRenewalHours(life);
  return (end - now.getTime()) / msPerHour <= last ? "ending" : "ok";
}

// What the stack issued is what should be everywhere. Without a stack, what a live server shows should be in some file or
// Secret. Two files alone prove nothing: kubeadm's server.crt and peer.crt have one name and one signer.
function disagreementsIn(joined: Joined[]): string[] {
  const groups = new Set(joined.flatMap(({ group }) => group ?? []));
  return [...groups].flatMap((group) => {
    const { held, others } = sides(joined.filter((each) => each.group === group));
    if (held.length === 0 || others.length === 0) return [];
    const name = held[0]?.facts.identity;
    const places = [...held, ...others].map(
      ({ facts: { sources, serialNumber, notAfter } }) =>
        `${sources.join(" and ")} has ${serialNumber} (until ${notAfter})`,
    );
    return [`${held[0]?.facts.kind} ${JSON.stringify(name)} is not the same everywhere: ${places.join(", ")}`];
  });
}

function sides(same: Joined[]): { held: Joined[]; others: Joined[] } {
  const isIn =
    (...places: string[]) =>
    (each: Joined) =>
      each.found.some(({ place }) => places.includes(place));
  const inStack = same.filter(isIn("stack"));
  if (inStack.length > 0) return { held: inStack, others: same.filter((each) => !inStack.includes(each)) };
  const held = same.filter(isIn("file", "secret"));
  return { held, others: same.filter((each) => !held.includes(each)) };
}
