import type { Access, PermissionArgs } from "../args";

/**
 * A range of etcd's keys as its API writes it. A key is a string of bytes, one character (U+0000 to U+00FF) a byte, so
 * that `<` and `===` compare as etcd does. `rangeEnd` is not in the range; empty: only `key`; one zero byte: no end.
 * Source: etcd, `api/authpb/auth.proto` and `server/auth/range_perm_cache.go`.
 */
export interface KeyRange {
  key: string;
  rangeEnd: string;
}

/** What a role may do with a range of keys. */
export interface Permission extends KeyRange {
  access: Access;
}

const ZERO = "\0";
const BITS: Record<Access, number> = { read: 1, write: 2, readwrite: 3 };
const BY_BITS: (Access | undefined)[] = [undefined, "read", "write", "readwrite"];

/** The bytes of a text, as a string of one character a byte. */
export const bytes = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** The end of the keys that begin with `prefix`: its last byte plus one, carried over bytes 0xff. */
export function prefixEnd(prefix: string): string {
  const stem = prefix.replace(/\xff+$/, "");
  return stem === "" ? ZERO : stem.slice(0, -1) + String.fromCharCode(stem.charCodeAt(stem.length - 1) + 1);
}

/** The keys that begin with `prefix`; the empty prefix is every key. */
export const prefixRange = (prefix: string): KeyRange => ({ key: prefix || ZERO, rangeEnd: prefixEnd(prefix) });

/** The range that a declared permission means. */
export function keyRange(args: PermissionArgs): KeyRange {
  if (args.key !== undefined) return { key: bytes(args.key), rangeEnd: "" };
  if (args.prefix !== undefined) return prefixRange(bytes(args.prefix));
  return { key: bytes(args.from ?? ""), rangeEnd: bytes(args.to ?? "") };
}

/** The declared permission as etcd holds it. */
export const permission = (args: PermissionArgs): Permission => ({ ...keyRange(args), access: args.access });

/** Where a range ends, as a key that is not in it; undefined: nowhere. */
export const endOf = ({ key, rangeEnd }: KeyRange): string | undefined =>
  rangeEnd === "" ? key + ZERO : rangeEnd === ZERO ? undefined : rangeEnd;

/** Whether two ranges are the same entry for etcd, which compares the bytes and not the keys they mean. */
export const sameRange = (a: KeyRange, b: KeyRange): boolean => a.key === b.key && a.rangeEnd === b.rangeEnd;

/** Everything that either allows; undefined counts as nothing. */
export const union = (a: Access | undefined, b: Access | undefined): Access | undefined =>
  BY_BITS[(a ? BITS[a] : 0) | (b ? BITS[b] : 0)];

/** What both allow; undefined: nothing. */
export const common = (a: Access, b: Access): Access | undefined => BY_BITS[BITS[a] & BITS[b]];

/** Whether `a` allows all that `b` allows. */
export const allows = (a: Access | undefined, b: Access): boolean => union(a, b) === a;

/** Says whether a range is the same entry as another: a key of maps. */
export const rangeId = ({ key, rangeEnd }: KeyRange): string => `${key.length}:${key}${rangeEnd}`;

/** The same permissions with one entry for each range, in the order in which the ranges first came. */
export function byRange(permissions: Permission[]): Permission[] {
  const entries = new Map<string, Permission>();
  for (const one of permissions) {
    const access = union(entries.get(rangeId(one))?.access, one.access)!;
    entries.set(rangeId(one), { key: one.key, rangeEnd: one.rangeEnd, access });
  }
  return [...entries.values()];
}

/** The range in words that can be read back by `parseRange`: one text for each range. */
export function rangeText({ key, rangeEnd }: KeyRange): string {
  if (rangeEnd === "") return `key ${escaped(key)}`;
  if (rangeEnd === ZERO) return key === ZERO ? "all keys" : `from ${escaped(key)}`;
  if (rangeEnd === prefixEnd(key)) return `prefix ${escaped(key)}`;
  return `range ${escaped(key)} .. ${escaped(rangeEnd)}`;
}

/** The range that `rangeText` wrote. */
export function parseRange(text: string): KeyRange {
  if (text === "all keys") return { key: ZERO, rangeEnd: ZERO };
  const [kind, first = "", , last = ""] = text.split(" ");
  const key = unescaped(first);
  switch (kind) {
    case "key":
      return { key, rangeEnd: "" };
    case "from":
      return { key, rangeEnd: ZERO };
    case "prefix":
      return { key, rangeEnd: prefixEnd(key) };
    default:
      return { key, rangeEnd: unescaped(last) };
  }
}

const hex = (character: string) =>
  [...Buffer.from(character, "utf8")].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");

// Spaces separate the words, and control characters (the ones that reverse text, too) would hide what a line says.
function escaped(key: string): string {
  const text = Buffer.from(key, "latin1").toString("utf8");
  if (bytes(text) === key) return text.replace(/[\p{C}\p{Z}\\]/gu, hex);
  return key.replace(/[^!-~]|\\/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

const unescaped = (text: string): string =>
  text
    .split(/(\\x[0-9a-f]{2})/)
    .map((part) => (/^\\x/.test(part) ? String.fromCharCode(parseInt(part.slice(2), 16)) : bytes(part)))
    .join("");
