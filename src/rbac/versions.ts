import type { EtcdClient } from "./client";

interface Advisory {
  id: string;
  /** What it lets a client do. */
  hole: string;
  /** The patch release of each series that closes it; a series that is not here, and older than 3.7, never does. */
  closedBy: Record<string, number>;
}

/** Published holes in etcd's permissions (etcd-io/etcd, security advisories; CHANGELOG-3.4 to -3.7). */
export const ADVISORIES: Advisory[] = [
  {
    id: "GHSA-xg4h-6gfc-h4m8",
    hole: "a read on one key is enough to watch every key after it",
    closedBy: { "3.5": 33, "3.6": 14, "3.7": 1 },
  },
  {
    id: "CVE-2026-44283",
    hole: "nested transactions read and write past the permissions",
    closedBy: { "3.4": 44, "3.5": 30, "3.6": 11, "3.7": 0 },
  },
  {
    id: "CVE-2026-33413 and CVE-2026-33343",
    hole: "some calls are not checked at all",
    closedBy: { "3.4": 42, "3.5": 28, "3.6": 9, "3.7": 0 },
  },
];

/** The first releases in which etcd's permissions hold. */
export const FLOORS = "3.5.33, 3.6.14 and 3.7.1";

/** What is wrong with the permissions of this release of etcd. */
export function versionProblems(version: string): string[] {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  // A release candidate comes before its release.
  const release = version.includes("-") ? patch - 1 : patch;
  if (major < 3 || (major === 3 && minor < 4))
    return [`etcd ${version} is older than 3.4 and not supported; upgrade it`];
  if (major > 3 || minor > 7) return [];
  const open = ADVISORIES.filter(({ closedBy }) => release < (closedBy[`${major}.${minor}`] ?? Infinity));
  if (open.length === 0) return [];
  const holes = open.map(({ id, hole }) => `${hole} (${id})`).join("; ");
  return [`the permissions of etcd ${version} do not hold: ${holes}. Upgrade it; they hold from ${FLOORS} on`];
}

/** The same for the member that the client talks to. */
export const versionWarnings = async (client: EtcdClient): Promise<string[]> => versionProblems(await client.version());
