import { shown } from "../../shape";

/** What a release of etcd knows that an older one does not. */
export interface EtcdAbilities {
  /** `--peer-cert-allowed-cn` and `--peer-cert-allowed-hostname` take a list, and `etcd.yaml` has both. */
  lists: boolean;
  /** `--client-cert-file`: a pair of its own for etcd's gateway. */
  gatewayCertificate: boolean;
}

type Version = [major: number, minor: number, patch: number];

/**
 * What a release knows; without one, what every supported release knows (3.4 and later).
 *
 * Lists came with 3.5.15 and 3.6.0 (etcd, CHANGELOG-3.5 and CHANGELOG-3.6), `--client-cert-file` with 3.5.0.
 */
export function abilitiesOf(etcdVersion: string | undefined): EtcdAbilities {
  const [, minor, patch] = versionOf(etcdVersion ?? oldest) ?? oldestVersion;
  return { lists: minor > 5 || (minor === 5 && patch >= 15), gatewayCertificate: minor >= 5 };
}

/** What is wrong with a release, a sentence each. */
export function etcdVersionProblems(path: string, etcdVersion: string): string[] {
  const version = versionOf(etcdVersion);
  if (version === undefined)
    return [`${path} is ${shown(etcdVersion)}; give a whole version with its patch, such as 3.5.15`];
  const [major, minor] = version;
  return major === 3 && minor >= 4
    ? []
    : [`${path} is ${shown(etcdVersion)}; give a release of etcd from ${oldest} to 3.7, which are supported`];
}

const oldest = "3.4.0";
const oldestVersion: Version = [3, 4, 0];

function versionOf(text: string): Version | undefined {
  const [, ...numbers] = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(text) ?? [];
  return numbers.length === 0 ? undefined : (numbers.map(Number) as Version);
}
