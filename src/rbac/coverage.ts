import type { KeyRange, Permission } from "./permissions";
import { allows, byRange, common, endOf } from "./permissions";

// Whole lists of permissions at once, each in about the time that sorting it takes.

const ZERO = "\0";
const ACCESSES = ["read", "write"] as const;

interface Interval {
  key: string;
  /** Not in it; undefined: it has no end. */
  end: string | undefined;
}

const isBefore = (a: string, b: string | undefined) => b === undefined || a < b;
const later = (a: string | undefined, b: string | undefined) =>
  a === undefined || b === undefined ? undefined : a < b ? b : a;
const earlier = (a: string | undefined, b: string | undefined) =>
  a === undefined || (b !== undefined && b < a) ? b : a;

const byKey = <T extends { key: string }>(list: T[]) =>
  [...list].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));

const isNarrower = (a: KeyRange, b: KeyRange) => later(endOf(a), endOf(b)) !== endOf(a);

/** The number of items, at the beginning of a list, for which the test holds; it holds for no item after them. */
function countWhile<T>(list: T[], test: (item: T) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(list[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Intervals that together hold the keys of all ranges, in order, none touching another. */
function joined(ranges: KeyRange[]): Interval[] {
  const intervals: Interval[] = [];
  for (const range of byKey(ranges)) {
    const last = intervals.at(-1);
    if (last && (last.end === undefined || range.key <= last.end)) last.end = later(last.end, endOf(range));
    else intervals.push({ key: range.key, end: endOf(range) });
  }
  return intervals;
}

/** Answers whether the permissions, taken together, allow all that another one allows. */
export function coverage(permissions: Permission[]): (wanted: Permission) => boolean {
  const [read, write] = ACCESSES.map((access) => joined(permissions.filter((one) => allows(one.access, access))));
  const holds = (intervals: Interval[], wanted: KeyRange) => {
    const { end } = intervals[countWhile(intervals, ({ key }) => key <= wanted.key) - 1] ?? { end: "" };
    const wantedEnd = endOf(wanted);
    return end === undefined || (wantedEnd !== undefined && wantedEnd <= end);
  };
  return (wanted) =>
    (!allows(wanted.access, "read") || holds(read!, wanted)) &&
    (!allows(wanted.access, "write") || holds(write!, wanted));
}

/** Whether the permissions, taken together, allow all that `wanted` allows. */
export const covers = (permissions: Permission[], wanted: Permission): boolean => coverage(permissions)(wanted);

/** The keys that are in both ranges; undefined: none. */
export function overlap(a: KeyRange, b: KeyRange): KeyRange | undefined {
  const key = a.key > b.key ? a.key : b.key;
  const end = earlier(endOf(a), endOf(b));
  if (end === undefined) return { key, rangeEnd: ZERO };
  return key < end ? { key, rangeEnd: end === key + ZERO ? "" : end } : undefined;
}

/** What both lists allow. */
export function intersection(a: Permission[], b: Permission[]): Permission[] {
  const others = byKey(b);
  // How far the ranges up to each one reach: before the first that reaches a key, none holds it.
  const reach: { end: string | undefined }[] = [];
  for (const one of others) reach.push({ end: reach.length ? later(reach.at(-1)!.end, endOf(one)) : endOf(one) });
  return a.flatMap((one) => {
    const end = endOf(one);
    const found: Permission[] = [];
    for (let i = countWhile(reach, (upTo) => !isBefore(one.key, upTo.end)); i < others.length; i++) {
      const other = others[i]!;
      if (!isBefore(other.key, end)) break;
      const range = overlap(one, other);
      const access = common(one.access, other.access);
      if (range && access) found.push({ ...range, access });
    }
    return found;
  });
}

/**
 * The same permissions without those that a wider one of them holds, and with one entry for each range: what two programs'
 * permissions overlap in is no contradiction.
 */
export function merged(permissions: Permission[]): Permission[] {
  const entries = byRange(permissions);
  // The wider of two that begin at the same key comes first.
  const widest = byKey([...entries].sort((a, b) => Number(isNarrower(a, b)) - Number(isNarrower(b, a))));
  const reached: Record<string, string | undefined> = { read: "", write: "" };
  const kept = new Set(
    widest.filter((one) => {
      const accesses = ACCESSES.filter((access) => allows(one.access, access));
      const isHeld = accesses.every((access) => later(reached[access], endOf(one)) === reached[access]);
      for (const access of accesses) reached[access] = later(reached[access], endOf(one));
      return !isHeld;
    }),
  );
  return entries.filter((one) => kept.has(one));
}
