import type { Access } from "../args";
import type { KeyRange, Permission } from "./permissions";
import { allows, rangeId, rangeText, union } from "./permissions";
import type { Step } from "./steps";
import { grant, revoke } from "./steps";

/** The calls that bring one role's permissions to the declaration: first all that widen it, then all that narrow it. */
export interface RoleChange {
  widen: Step[];
  narrow: Step[];
}

/**
 * The change of one role. While every role is widened before any is narrowed, each state on the way allows at least what
 * the old or the new declaration allows and at most both together.
 *
 * etcd overwrites the type of a granted range only if it is the first entry that begins at that key; otherwise it adds a
 * second entry beside the old one (etcd, `server/auth/store.go`, RoleGrantPermission).
 */
export function roleChange(role: string, actual: Permission[], desired: Permission[]): RoleChange {
  const held = entriesOf(actual);
  const wantedIds = new Set(desired.map(rangeId));
  const accessTo = (range: KeyRange) => held.get(rangeId(range))?.reduce<Access | undefined>(sum, undefined);
  const widened = new Set(desired.filter((wanted) => !allows(accessTo(wanted), wanted.access)));
  const undeclared = [...held].filter(([id]) => !wantedIds.has(id)).map(([, [first]]) => first!);
  const isAloneInDesired = aloneAtKey(desired);
  const isAloneInBoth = aloneAtKey([...actual, ...desired]);
  const isDoubled = (wanted: Permission) => {
    const entries = held.get(rangeId(wanted))?.length ?? 0;
    return entries > 1 || (entries === 1 && widened.has(wanted) && !isAloneInBoth(wanted));
  };
  const surplus = desired.filter((wanted) => isDoubled(wanted) || exceeds(accessTo(wanted), wanted.access));
  return {
    widen: [...widened].map((wanted) => grant(role, { ...wanted, access: union(accessTo(wanted), wanted.access)! })),
    narrow: [
      ...undeclared.map((range) => revoke(role, range)),
      ...surplus.flatMap((wanted) =>
        isDoubled(wanted) || !isAloneInDesired(wanted)
          ? replace(role, wanted, wantedIds)
          : [grant(role, wanted, `the declaration asks for ${wanted.access} only`)],
      ),
    ],
  };
}

/** The entries of each range: etcd may hold several. */
function entriesOf(permissions: Permission[]): Map<string, Permission[]> {
  const entries = new Map<string, Permission[]>();
  for (const one of permissions) entries.set(rangeId(one), [...(entries.get(rangeId(one)) ?? []), one]);
  return entries;
}

const sum = (access: Access | undefined, one: Permission) => union(access, one.access);

const exceeds = (access: Access | undefined, wanted: Access) => access !== undefined && !allows(wanted, access);

/** Answers whether no other range of the list begins at the same key. */
function aloneAtKey(ranges: KeyRange[]): (range: KeyRange) => boolean {
  const ends = new Map<string, Set<string>>();
  for (const { key, rangeEnd } of ranges) ends.set(key, (ends.get(key) ?? new Set()).add(rangeEnd));
  return ({ key, rangeEnd }) => [...(ends.get(key) ?? [])].every((other) => other === rangeEnd);
}

/** Makes one entry of a range of which etcd holds several or cannot overwrite the one, without a moment lacking it. */
function replace(role: string, wanted: Permission, used: Set<string>): Step[] {
  const cover = sameKeysOtherwise(wanted, used);
  return [
    ...cover.map((piece) => grant(role, piece, `it holds the access while ${rangeText(wanted)} changes`)),
    revoke(role, wanted, `the declaration asks for ${wanted.access} only, and etcd cannot change this entry in place`),
    grant(role, wanted),
    ...cover.map((piece) => revoke(role, piece, `${rangeText(wanted)} has changed`)),
  ];
}

/** The same keys and access as other entries, none of which is in use. */
function sameKeysOtherwise({ key, rangeEnd, access }: Permission, used: Set<string>): Permission[] {
  const isFree = (range: KeyRange) => !used.has(rangeId(range));
  if (rangeEnd === "") return [{ key, rangeEnd: `${key}\0`, access }].filter(isFree);
  if (rangeEnd === `${key}\0`) return [{ key, rangeEnd: "", access }].filter(isFree);
  for (let cut = `${key}\0`; cut < rangeEnd || rangeEnd === "\0"; cut += "\0") {
    const pieces = [
      { key, rangeEnd: cut, access },
      { key: cut, rangeEnd, access },
    ];
    if (pieces.every(isFree)) return pieces;
  }
  return [];
}
