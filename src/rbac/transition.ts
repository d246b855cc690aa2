import type { Access } from "../args";
import type { KeyRange, Permission } from "./permissions";
import { allows, rangeText, sameRange, union } from "./permissions";
import type { Step } from "./plan";

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
  const widened = desired.filter((wanted) => !allows(held(actual, wanted), wanted.access));
  const undeclared = distinct(actual).filter((range) => !desired.some((wanted) => sameRange(wanted, range)));
  const isDoubled = (wanted: Permission) =>
    entriesAt(actual, wanted).length > 1 ||
    (entriesAt(actual, wanted).length === 1 && widened.includes(wanted) && !isAlone(wanted, [...actual, ...desired]));
  const surplus = desired.filter((wanted) => isDoubled(wanted) || exceeds(held(actual, wanted), wanted.access));
  return {
    widen: widened.map((wanted) => grant(role, { ...wanted, access: union(held(actual, wanted), wanted.access)! })),
    narrow: [
      ...undeclared.map((range) => revoke(role, range, notDeclared)),
      ...surplus.flatMap((wanted) =>
        isDoubled(wanted) || !isAlone(wanted, desired)
          ? replace(role, wanted, desired)
          : [grant(role, wanted, `the declaration asks for ${wanted.access} only`)],
      ),
    ],
  };
}

const notDeclared = "the declaration does not ask for it";

const entriesAt = (permissions: Permission[], range: KeyRange) => permissions.filter((one) => sameRange(one, range));

const held = (permissions: Permission[], range: KeyRange) =>
  entriesAt(permissions, range).reduce<Access | undefined>((sum, { access }) => union(sum, access), undefined);

const exceeds = (access: Access | undefined, wanted: Access) => access !== undefined && !allows(wanted, access);

const distinct = (permissions: Permission[]) =>
  permissions.filter((one, index) => permissions.findIndex((other) => sameRange(one, other)) === index);

const isAlone = (wanted: KeyRange, others: KeyRange[]) =>
  others.every((other) => other.key !== wanted.key || sameRange(other, wanted));

/** Makes one entry of a range of which etcd holds several or cannot overwrite the one, without a moment lacking it. */
function replace(role: string, wanted: Permission, used: KeyRange[]): Step[] {
  const cover = sameKeysOtherwise(wanted, used);
  return [
    ...cover.map((piece) => grant(role, piece, `it holds the access while ${rangeText(wanted)} changes`)),
    revoke(role, wanted, `the declaration asks for ${wanted.access} only, and etcd cannot change this entry in place`),
    grant(role, wanted),
    ...cover.map((piece) => revoke(role, piece, `${rangeText(wanted)} has changed`)),
  ];
}

/** The same keys and access as other entries, none of which is in use. */
function sameKeysOtherwise({ key, rangeEnd, access }: Permission, used: KeyRange[]): Permission[] {
  const isFree = (range: KeyRange) => !used.some((other) => sameRange(other, range));
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

/** The call that grants one permission. */
export const grant = (role: string, permission: Permission, reason = "the declaration asks for it"): Step => ({
  call: "roleGrantPermission",
  role,
  permission,
  reason,
});

const revoke = (role: string, { key, rangeEnd }: KeyRange, reason: string): Step => ({
  call: "roleRevokePermission",
  role,
  range: { key, rangeEnd },
  reason,
});
