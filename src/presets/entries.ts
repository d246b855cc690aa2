import type { Access, PermissionArgs } from "../args";

/** One line of a preset's table. */
export interface PresetEntry {
  /** All keys that begin with this text; it ends with a delimiter. */
  prefix: string;
  /** A program that writes also reads, so `readwrite` and never `write`: its transactions get what they do not put. */
  access: Access;
  /** Where this is written: a page of documentation, or a file of the program. */
  source: string;
  /** The first version (`major.minor`) that needs it. Absent: it is granted whether or not a version is named. */
  since?: string;
}

/** The permissions of a table: its lines without `since`, and with a version those that it has reached. */
export const permissionsOf = (entries: readonly PresetEntry[], minor?: number): PermissionArgs[] =>
  entries
    .filter(({ since }) => since === undefined || (minor !== undefined && minorOf(since) <= minor))
    .map(({ prefix, access }) => ({ prefix, access }));

/** `3.32`, `v3.32` and `3.32.1` -> 32; anything else -> nothing. Every version here is a 3. */
export const parseMinor = (version: string): number | undefined => {
  const minor = /^v?3\.(0|[1-9]\d*)(\.\d+)?$/.exec(version)?.[1];
  return minor === undefined ? undefined : Number(minor);
};

const minorOf = (since: string) => parseMinor(since)!;
