import type { CertificateTexts, MachineKind } from "../../pki/machine";
import type { StackPki } from "./stack";
import type { TrustRecord } from "./trusted";
import { bundlesOf, chainOf, isClientGeneration } from "./trusted";

/** Whatever gets files: its certificates by their kind, and the hosts in them. */
export interface Identity {
  name: string;
  kind: "member" | "proxy" | "component";
  hosts: string[];
  certificates: Partial<Record<MachineKind, CertificateTexts<string>>>;
}

/** A cluster as its stack has it. */
export interface StackCluster {
  name: string;
  identities: Identity[];
  /** Whether members let in at the peer port whom the clients' authority signs. */
  sharedAuthority: boolean;
  /** Whether etcd's gateway has pairs of its own. */
  gatewayCertificate: boolean;
}

/** The record `<name>-issued`, as far as it is needed here. */
interface IssuedRecord {
  certificates: Record<string, { path: string; kind: MachineKind; hosts?: string }>;
}

/** The identities of an `EtcdPki`, with the texts that each machine needs. */
export function clusterOf(pki: StackPki): StackCluster {
  const trust = pki.records[`${pki.cluster}-trust`] as TrustRecord | undefined;
  const issued = pki.records[`${pki.cluster}-issued`] as IssuedRecord | undefined;
  if (trust === undefined || issued === undefined)
    throw new Error(`EtcdPki ${JSON.stringify(pki.cluster)} has no record of what it issued; run pulumi up first`);
  const rows = rowsOf(pki, trust, issued);
  const identities = rows.filter(isIdentity);
  return {
    name: pki.cluster,
    identities: identities.map(({ name, kind, hosts, path }) => ({
      name,
      kind,
      hosts,
      certificates: certificatesOf(path, kind, rows, bundlesOf(pki, trust).peer),
    })),
    sharedAuthority: trust.peer.generations.some(isClientGeneration),
    gatewayCertificate: rows.some(({ kind }) => kind === "gateway"),
  };
}

interface Row {
  /** The identity's own, such as `members["etcd-1"]`. */
  path: string;
  name: string;
  kind: MachineKind;
  hosts: string[];
  texts: CertificateTexts<string>;
}

const isIdentity = (row: Row): row is Row & Pick<Identity, "kind"> =>
  row.kind === "member" || row.kind === "proxy" || row.kind === "component";

function rowsOf(pki: StackPki, trust: TrustRecord, { certificates }: IssuedRecord): Row[] {
  const bundles = bundlesOf(pki, trust);
  return Object.entries(certificates).flatMap(([logicalName, { path, kind, hosts = "" }]) => {
    const certPem = pki.certificates[logicalName];
    // Noted, but left out of the update with --target or --exclude.
    if (certPem === undefined) return [];
    const chain = chainOf(pki, certPem, kind === "peer" ? "peer" : "client", trust);
    // An identity that brought its request has no key here.
    const key = pki.keys[logicalName];
    const texts = { certPem: chain, ...key, combinedPem: key && `${chain}${key.privateKeyPem}` };
    return [
      {
        ...placeOf(path),
        kind,
        hosts: hosts.split(", ").filter(Boolean),
        texts: { ...texts, caBundlePem: bundles[kind] },
      },
    ];
  });
}

// members["etcd-1"].peer: the quoted name is JSON.
function placeOf(path: string): { path: string; name: string } {
  const [identity = path, quoted = '""'] = /^\w+\[("(?:[^"\\]|\\.)*")\]/.exec(path) ?? [];
  return { path: identity, name: JSON.parse(quoted) as string };
}

function certificatesOf(
  path: string,
  kind: Identity["kind"],
  rows: Row[],
  peerBundle: string,
): Identity["certificates"] {
  const own = Object.fromEntries(rows.filter((row) => row.path === path).map((row) => [row.kind, row.texts]));
  // One pair for clients and peers, in two places: no path changes when peers get an authority of their own.
  if (kind === "member")
    return { ...own, peer: own.peer ?? { ...(own.member as Row["texts"]), caBundlePem: peerBundle } };
  // One that all proxies share belongs to none of them.
  const shared = rows.find(
    (row) => row.kind === "upstream" && !rows.some((each) => each.kind === "proxy" && each.path === row.path),
  );
  return kind === "proxy" && shared !== undefined ? { ...own, upstream: own.upstream ?? shared.texts } : own;
}
