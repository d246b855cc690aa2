import { goTool } from "./go-tool";
import { run } from "./run";

/** The minor versions of etcd that the tests know. */
export const ETCD_VERSIONS = ["3.4", "3.5", "3.6", "3.7"] as const;
export type EtcdVersion = (typeof ETCD_VERSIONS)[number];

/** For the demo and for tests that one version is enough for. */
export const DEFAULT_ETCD_VERSION: EtcdVersion = "3.6";

/** What the tests of real clusters run on: every version in `npm run test:all`, one in `npm test`. */
export const TESTED_ETCD_VERSIONS: readonly EtcdVersion[] = process.env["TEST_ALL"]
  ? ETCD_VERSIONS
  : [DEFAULT_ETCD_VERSION];

export interface EtcdBinaries {
  etcd: string;
  etcdctl: string;
  /** With the patch, as etcd prints it: `3.6.16`. */
  version: string;
}

/** etcd and etcdctl of a minor version: from PATH, else built from `tools/etcd-<version>`, else an error with the fix. */
export async function etcdBinaries(version: EtcdVersion): Promise<EtcdBinaries> {
  return (await onPath(version)) ?? (await ownBuild(version));
}

/** The program that restores a snapshot: etcdctl, from 3.6 on etcdutl. */
export async function restoringProgram(version: EtcdVersion): Promise<string> {
  if (version === "3.4" || version === "3.5") return (await etcdBinaries(version)).etcdctl;
  const module = `etcd-${version}`;
  return goTool({ module, program: "etcdutl", package: "go.etcd.io/etcd/etcdutl/v3", usualSeconds: 10 });
}

async function onPath(version: EtcdVersion): Promise<EtcdBinaries | undefined> {
  const [server, client] = await Promise.all([
    printedVersion("etcd", "--version"),
    printedVersion("etcdctl", "version"),
  ]);
  const fits = [server, client].every((printed) => printed?.startsWith(`${version}.`));
  return fits && server ? { etcd: "etcd", etcdctl: "etcdctl", version: server } : undefined;
}

async function ownBuild(version: EtcdVersion): Promise<EtcdBinaries> {
  if (version === "3.4") {
    throw new Error("etcd 3.4 is not on PATH; on Debian 12: apt-get install etcd-server etcd-client");
  }
  const module = `etcd-${version}`;
  const etcd = await goTool({ module, program: "etcd", package: "go.etcd.io/etcd/server/v3", usualSeconds: 60 });
  const etcdctl = await goTool({ module, program: "etcdctl", package: "go.etcd.io/etcd/etcdctl/v3", usualSeconds: 15 });
  const printed = await printedVersion(etcd, "--version");
  if (!printed) throw new Error(`${etcd} does not print its version; remove it, so that it is built anew`);
  return { etcd, etcdctl, version: printed };
}

async function printedVersion(command: string, argument: string): Promise<string | undefined> {
  const finished = await run(command, [argument]).catch(() => undefined);
  return finished?.stdout.match(/version: (\S+)/i)?.[1];
}
