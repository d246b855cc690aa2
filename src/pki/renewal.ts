import { createHash } from "node:crypto";
import { defaultEarlyRenewalHours } from "./profiles";

const msPerHour = 60 * 60 * 1000;

// `Date.parse` alone takes nearly any text with a digit for a date.
const msOf = (time: string) => (/^\d{4}-\d\d-\d\dT/.test(time) ? Date.parse(time) : NaN);

/** `hours` after a time (before it, if negative), RFC 3339; nothing if the time is none. */
export function hoursAfter(time: string, hours: number): string | undefined {
  const start = msOf(time);
  if (Number.isNaN(start)) return undefined;
  return new Date(start + hours * msPerHour).toISOString().replace(".000Z", "Z");
}

/** How many hours lie between two times; nothing if one of them is none. */
export function hoursBetween(from: Date, until: string): number | undefined {
  const hours = (msOf(until) - from.getTime()) / msPerHour;
  return Number.isNaN(hours) ? undefined : hours;
}

/**
 * Where in the spread a name stands, from 0 up to 1. It depends on the name alone, so that another identity moves
 * nobody. Names that differ in a number at their end, as members' do, stand apart by the golden ratio, which leaves the
 * widest gaps whatever their count.
 */
export function spread(name: string): number {
  const [, stem = "", digits = "0"] = /^(.*?)(\d*)$/s.exec(name) ?? [];
  const start = createHash("sha256").update(stem).digest().readUInt32BE() / 2 ** 32;
  return (start + Number(`0${digits.slice(-6)}`) * goldenRatio) % 1;
}

const goldenRatio = (Math.sqrt(5) - 1) / 2;

/** The default window, opened up to half again as early, by name: not every certificate renews in one update. */
export function staggeredEarlyRenewalHours(name: string, validityPeriodHours: number): number {
  return Math.floor(defaultEarlyRenewalHours(validityPeriodHours) * (1 + spread(name) / 2));
}

/** How long an authority is valid in all, and how much of that is left, in hours. */
export interface AuthorityLife {
  total: number;
  left: number;
}

/**
 * A certificate's life, cut to what is left of its authority's. It is halved, not trimmed: trimmed it would be shorter in
 * every update, and each of them would issue a new certificate. By name, not all are halved in the same update.
 */
export function clampedValidityHours(name: string, validityPeriodHours: number, authority: AuthorityLife): number {
  const needed = (hours: number) => hours + (Math.min(hours, authority.total - hours) * spread(name)) / 2;
  // Made in one update, the two begin some moments apart.
  const left = authority.left + 1;
  let hours = validityPeriodHours;
  while (hours > 1 && needed(hours) > left) hours = Math.floor(hours / 2);
  return hours;
}

/** What to do about an authority in the last tenth of its life, the first step first; nothing before that. */
export function authorityEnding(
  name: string,
  generations: readonly string[],
  validUntil: string,
  { total, left }: AuthorityLife,
): string[] {
  if (left > total / 10) return [];
  const quoted = (names: readonly string[]) => names.map((each) => JSON.stringify(each)).join(", ");
  const next = generations.filter((other) => other !== name).at(-1);
  const end = left <= 0 ? `ended on ${validUntil}` : `ends on ${validUntil}, in ${inWords(left)}`;
  const step =
    next === undefined
      ? `add a second one: certificateAuthority: { generations: [${quoted([name])}, "<new name>"], signing: ${quoted([name])} }`
      : `sign with the other one: certificateAuthority: { generations: [${quoted(generations)}], signing: ${quoted([next])} }`;
  return [
    `the generation ${quoted([name])} of the certificate authority ${end}, and never renews by itself; first ${step}`,
  ];
}

const inWords = (hours: number) => (hours < 48 ? `${Math.ceil(hours)} hours` : `${Math.floor(hours / 24)} days`);
