import type { Access, PermissionArgs } from "../args";

/** One line of a program's table: a key or a prefix, and where it is written that the program uses it. */
export type PresetEntry = {
  /** A program that writes also reads, so `readwrite` and never `write`: its transactions get what they do not put. */
  access: Access;
  /** A page of documentation, or a repository's file and its function. */
  source: string;
  /** The first version (`major.minor`) that needs it. Absent: it is granted whether or not a version is named. */
  since?: string;
  /** The first version that does not need it any more. Without a version it is granted, since it is documented. */
  until?: string;
} & ({ key: string } | { prefix: string; allowPartialPrefix?: true });

/** A program that uses etcd. */
export interface Program {
  /** The versions that its table tells apart. Absent: the same for all. */
  versions?: {
    /** The oldest minor version of major version 3 that the table holds for. */
    oldestMinor: number;
    /** How a message shows a version. */
    example: string;
  };
  /** Where it keeps its keys. Absent: that cannot be chosen. */
  prefix?: {
    /** The program's own default. */
    usual: string;
    /** The argument in the program's words. */
    argument: string;
  };
  /** Its keys. The prefix has no slash at its ends. */
  entries(prefix: string): PresetEntry[];
}

/** The permissions of a table: its lines without `since`, and with a version those that hold for it. */
export const granted = (entries: readonly PresetEntry[], minor?: number): PermissionArgs[] =>
  entries
    .filter(({ since, until }) =>
      minor === undefined
        ? since === undefined
        : minorOf(since, 0) <= minor && minor < minorOf(until, Number.POSITIVE_INFINITY),
    )
    .map(permissionOf);

const permissionOf = (entry: PresetEntry): PermissionArgs => {
  const { access } = entry;
  if ("key" in entry) return { key: entry.key, access };
  return { prefix: entry.prefix, access, ...(entry.allowPartialPrefix && { allowPartialPrefix: true }) };
};

/** `3.32`, `v3.32` and `3.32.1` -> 32; anything else -> nothing. Every version here is a 3. */
export const parseMinor = (version: string): number | undefined => {
  const minor = /^v?3\.(0|[1-9]\d*)(\.\d+)?$/.exec(version)?.[1];
  return minor === undefined ? undefined : Number(minor);
};

const minorOf = (version: string | undefined, otherwise: number) =>
  version === undefined ? otherwise : parseMinor(version)!;
