import type { CertificateKind } from "../../naming";
import { logicalName } from "../../naming";
import type { TrustRecord } from "../../pki/authority/trust";
import type { IssuedRecord } from "../../pki/certificate/record";
import { subjectAlternativeNames } from "../../pki/hosts";
import type { CertificateTexts } from "../../pki/machine";
import { clusterTokenOf } from "../../pki/machine";
import { parsedCertificate } from "../../x509";
import type { StackPki } from "./stack";
import { bundlesOf, chainOf, isPeerPortOpen } from "./trusted";

/** Whatever gets files: its certificates by their kind, and the hosts in them. */
export interface Identity {
  name: string;
  kind: "member" | "proxy" | "component";
  hosts: string[];
  certificates: Partial<Record<CertificateKind, CertificateTexts<string>>>;
}

/** A cluster as its stack has it. */
export interface StackCluster {
  name: string;
  identities: Identity[];
  /** The members' `--initial-cluster-token`, unless told otherwise. */
  token: string;
  /** Whether the peer port trusts more than an authority made for it alone. */
  sharedAuthority: boolean;
  /** Whether etcd's gateway has pairs of its own. */
  gatewayCertificate: boolean;
}

/** The identities of an `EtcdPki`, with the texts that each machine needs. */
export function clusterOf(pki: StackPki): StackCluster {
  const trust = pki.records[logicalName.trust(pki.cluster)] as TrustRecord | undefined;
  const issued = pki.records[logicalName.issued(pki.cluster)] as IssuedRecord | undefined;
  if (trust === undefined || issued === undefined)
    throw new Error(`EtcdPki ${JSON.stringify(pki.cluster)} has no record of what it issued; run pulumi up first`);
  const rows = rowsOf(pki, trust, issued);
  const identities = rows.filter(isIdentity);
  const { peer } = bundlesOf(pki, trust);
  return {
    name: pki.cluster,
    identities: identities.map(({ name, kind, hosts, path }) => ({
      name,
      kind,
      hosts,
      certificates: certificatesOf(path, kind, rows, peer),
    })),
    token: clusterTokenOf(pki.cluster, pki.project, pki.stack),
    sharedAuthority: isPeerPortOpen(pki, trust),
    gatewayCertificate: rows.some(({ kind }) => kind === "gateway"),
  };
}

interface Row {
  /** The identity's own, such as `members["etcd-1"]`. */
  path: string;
  name: string;
  kind: CertificateKind;
  hosts: string[];
  texts: CertificateTexts<string>;
}

const isIdentity = (row: Row): row is Row & Pick<Identity, "kind"> =>
  row.kind === "member" || row.kind === "proxy" || row.kind === "component";

function rowsOf(pki: StackPki, trust: TrustRecord, { certificates }: IssuedRecord): Row[] {
  const bundles = bundlesOf(pki, trust);
  return Object.entries(certificates).flatMap(([logicalName, { path, kind }]) => {
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
        hosts: hostsIn(certPem),
        texts: { ...texts, caBundlePem: bundles[kind] },
      },
    ];
  });
}

function hostsIn(certPem: string): string[] {
  const names = parsedCertificate(certPem)?.subjectAltName?.split(", ") ?? [];
  const { ipAddresses, dnsNames } = subjectAlternativeNames(
    names.map((name) => name.replace(/^(DNS|IP Address):/, "")),
  );
  return [...ipAddresses, ...dnsNames];
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
