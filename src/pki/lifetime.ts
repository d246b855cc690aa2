import { createHash } from "node:crypto";
import { shown } from "../shape";

// Everything about hours: how long a certificate lives, when its window opens, and what is wrong with either.

const hoursADay = 24;
const hoursAWeek = 7 * hoursADay;
const hoursAYear = 365 * hoursADay;

/** A year: long enough for one `pulumi up` a month, short enough that a lost key ages out. */
export const leafValidityPeriodHours = hoursAYear;

/** Ten years, as kubeadm does: replacing an authority restarts every member. */
export const authorityValidityPeriodHours = 10 * hoursAYear;

/** A hundred years. Go counts a life in nanoseconds, and 292 years are more than it can count. */
export const longestValidityPeriodHours = 100 * hoursAYear;

/** Two years: a leaf that lives longer is worth a warning. */
const longValidityPeriodHours = 2 * hoursAYear;

/** 30 days before the end, or the last third of a shorter life, as ACME clients and cert-manager do. */
export const defaultEarlyRenewalHours = (validityPeriodHours: number) =>
  Math.min(30 * hoursADay, Math.floor(validityPeriodHours / 3));

/** How long a certificate is valid, and when its renewal window opens. */
export interface Lifetime {
  validityPeriodHours: number;
  earlyRenewalHours: number;
}

/** How long an authority is valid in all, and how much of that is left, in hours. */
export interface AuthorityLife {
  total: number;
  left: number;
}

/** The life of one certificate under its authority. What was asked for is cut to what is left of the authority's. */
export function lifetimeOf(name: string, asked: Partial<Lifetime>, authority: AuthorityLife): Lifetime {
  const validity = clampedValidityHours(name, asked.validityPeriodHours ?? leafValidityPeriodHours, authority);
  const window = asked.earlyRenewalHours;
  return {
    validityPeriodHours: validity,
    earlyRenewalHours: window !== undefined && window < validity ? window : staggeredEarlyRenewalHours(name, validity),
  };
}

/** The default window, opened up to half again as early, by name: not every certificate renews in one update. */
export function staggeredEarlyRenewalHours(name: string, validityPeriodHours: number): number {
  return Math.floor(defaultEarlyRenewalHours(validityPeriodHours) * (1 + spread(name) / 2));
}

/**
 * A certificate's life, cut to what is left of its authority's. It is halved, not trimmed: trimmed it would be shorter in
 * every update, and each of them would issue a new certificate. By name, not all are halved in the same update.
 */
export function clampedValidityHours(name: string, validityPeriodHours: number, authority: AuthorityLife): number {
  const needed = (hours: number) => hours + (Math.max(0, Math.min(hours, authority.total - hours)) * spread(name)) / 2;
  // Made in one update, the two begin some moments apart.
  const left = authority.left + 1;
  let hours = validityPeriodHours;
  while (hours > 1 && needed(hours) > left) hours = Math.floor(hours / 2);
  return hours;
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

/** What is wrong with hours that were asked for, a sentence each. */
export function lifetimeProblems(
  path: string,
  { validityPeriodHours, earlyRenewalHours }: Partial<Lifetime>,
): string[] {
  return [
    ...validityProblems(`${path}.validityPeriodHours`, validityPeriodHours),
    ...windowProblems(`${path}.earlyRenewalHours`, earlyRenewalHours, validityPeriodHours),
  ];
}

/** What is wrong with a life: the sentence for a leaf's and for an authority's. */
export function validityProblems(path: string, hours: number | undefined): string[] {
  if (hours === undefined || (isLife(hours) && hours <= longestValidityPeriodHours)) return [];
  return [
    `${path} is ${shown(hours)}; give a whole number of hours from 1 to ${longestValidityPeriodHours} (a hundred years), ` +
      `such as ${leafValidityPeriodHours} for a year`,
  ];
}

/** What is wrong with a leaf's life beside that of the authority that signs it. */
export function outlivingProblems(path: string, hours: number | undefined, authority: Authority): string[] {
  const asked = hours ?? leafValidityPeriodHours;
  if (hours === undefined || !isLife(asked) || asked <= authority.validityPeriodHours) return [];
  return [
    `${path}.validityPeriodHours is ${asked}, longer than the ${authority.validityPeriodHours} of the authority; shorten ` +
      `it, or lengthen ${authority.path}.validityPeriodHours`,
  ];
}

interface Authority {
  path: string;
  validityPeriodHours: number;
}

function windowProblems(path: string, window: number | undefined, validity: number | undefined): string[] {
  const life = validity ?? leafValidityPeriodHours;
  if (window === undefined) return [];
  if (!isLife(window)) {
    return [
      `${path} is ${shown(window)}; give a whole number of hours from 1: with less, a certificate is renewed only when it ` +
        `has ended`,
    ];
  }
  if (!isLife(life) || window < life) return [];
  return [
    `${path} is ${window}, not below the validity of ${life} hours, so every update would renew; make it shorter`,
  ];
}

/** What is legal but risky about hours that were asked for, a sentence each. */
export function lifetimeWarnings(path: string, name: string, asked: Partial<Lifetime>): string[] {
  const validity = asked.validityPeriodHours ?? leafValidityPeriodHours;
  const window = asked.earlyRenewalHours ?? staggeredEarlyRenewalHours(name, validity);
  return [
    ...(validity > longValidityPeriodHours
      ? [
          `${path}.validityPeriodHours is ${validity}: a lost key stays useful for that long; a year ` +
            `(${leafValidityPeriodHours}) with renewal by pulumi up is safer`,
        ]
      : []),
    ...(window < hoursAWeek
      ? [
          `${path} is renewed only in the last ${window} hours of its life, less than a week; run pulumi up more often than ` +
            `that, or give it a longer validityPeriodHours or earlyRenewalHours`,
        ]
      : []),
  ];
}

const isLife = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;

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

/** A length of time as a person says it. */
export const inWords = (hours: number) => (hours < 48 ? `${Math.ceil(hours)} hours` : `${Math.floor(hours / 24)} days`);
