import type { EtcdClient } from "./client";

// The first release of each series in which etcd's permissions hold (etcd, CHANGELOG-3.4, -3.5 and -3.6).
const FLOORS: [hole: string, patchBySeries: Record<string, number>][] = [
  ["CVE-2026-33413 and CVE-2026-33343, which let clients past their permissions", { "3.4": 42, "3.5": 28, "3.6": 9 }],
  ["reads and writes in nested transactions past the permissions", { "3.4": 44, "3.5": 30, "3.6": 11 }],
];

/** Holes in the permissions of this release of etcd, a sentence each. */
export function versionProblems(version: string): string[] {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  const series = `${major}.${minor}`;
  if (major < 3 || (major === 3 && minor < 4))
    return [`etcd ${version} is older than 3.4 and not supported; upgrade it`];
  return FLOORS.filter(([, floors]) => patch < (floors[series] ?? 0)).map(
    ([hole, floors]) => `etcd ${version} is open to ${hole}; upgrade it to ${series}.${floors[series]} or later`,
  );
}

/** The same for the member that the client talks to. */
export const versionWarnings = async (client: EtcdClient): Promise<string[]> => versionProblems(await client.version());
