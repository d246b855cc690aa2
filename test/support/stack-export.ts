import { type CertificateKind, logicalName, type Side } from "../../src/naming";
import { type KeyPair, testAuthority, type TestAuthority } from "./issue-certificates";

/** The generations of one authority, as `EtcdPki` records them. */
export interface Generations {
  generations: string[];
  distrusted?: string[];
  signing: string;
  crossSignedBy?: Record<string, string>;
}

/** What a stack declares. Peers have an authority of their own unless `peer` is left out. */
export interface Declared {
  client: Generations;
  peer?: Generations;
  members?: Record<string, string[]>;
  proxies?: Record<string, string[]>;
  components?: string[];
  gateway?: boolean;
  /** By logical name: another text is another certificate and key. */
  renewed?: Record<string, string>;
}

interface Row {
  kind: CertificateKind;
  logicalName: string;
  path: string;
  commonName: string;
  hosts: string[];
}

/**
 * What `pulumi stack export --show-secrets` prints for an `EtcdPki` named "etcd", with real certificates. What was made
 * once stays what it is over all states of one stack.
 */
export function stackOf() {
  const authorities = memo<TestAuthority>();
  const authorityOf = (side: string, generation: string) => {
    const name = authorityName(side, generation);
    return authorities(name, () => testAuthority(name));
  };
  const crossCertificates = memo<string>();
  const leaves = memo<KeyPair>();
  return async (declared: Declared): Promise<string> => {
    const peer = declared.peer ?? shared(declared.client);
    const sides = { client: declared.client, peer };
    const resources: object[] = [
      { urn, type: "etcd-pki:index:EtcdPki" },
      stash("etcd-trust", sides),
      stash("etcd-issued", { certificates: issuedRecord(rowsOf(declared)) }),
    ];
    for (const [side, { generations, distrusted = [], crossSignedBy = {} }] of Object.entries(sides)) {
      for (const generation of [...generations, ...distrusted].filter((each) => !each.startsWith("client:"))) {
        const name = authorityName(side, generation);
        const authority = await authorityOf(side, generation);
        resources.push(stash(name, authority.certPem), privateKey(name, authority.privateKeyPem));
        const by = crossSignedBy[generation];
        if (by === undefined) continue;
        const crossing = await authorityOf(side, by);
        const cross = logicalName.cross("etcd", side as Side, generation, by);
        resources.push(stash(cross, await crossCertificates(cross, () => crossing.crossSign(authority))));
      }
    }
    for (const row of rowsOf(declared)) {
      const side = row.kind === "peer" ? "peer" : "client";
      const authority = await authorityOf(side, sides[side].signing);
      const renewal = declared.renewed?.[row.logicalName] ?? "";
      const pair = await leaves([row.logicalName, sides[side].signing, renewal].join(), () => issue(authority, row));
      resources.push(certificate(row.logicalName, pair.certPem), privateKey(row.logicalName, pair.privateKeyPem));
    }
    return JSON.stringify({ version: 3, deployment: { resources } });
  };
}

const shared = ({ generations, signing }: Generations): Generations => ({
  generations: generations.map((generation) => `client:${generation}`),
  signing: `client:${signing}`,
});

const authorityName = (side: string, generation: string) =>
  generation.startsWith("client:")
    ? logicalName.generation("etcd", "client", generation.slice(7))
    : logicalName.generation("etcd", side as Side, generation);

function rowsOf({ peer, members = {}, proxies = {}, components = [], gateway }: Declared): Row[] {
  const row = (kind: CertificateKind, name: string, path: string, commonName: string, hosts: string[]) => ({
    ...{ kind, logicalName: `etcd-${kind}-${name}`, path, commonName, hosts },
  });
  return [
    ...Object.entries(members).flatMap(([name, hosts]) => {
      const path = `members[${JSON.stringify(name)}]`;
      return [
        row("member", name, path, name, hosts),
        ...(peer === undefined ? [] : [row("peer", name, `${path}.peer`, name, hosts)]),
        ...(gateway ? [row("gateway", name, `${path}.gateway`, "", [])] : []),
      ];
    }),
    ...Object.entries(proxies).flatMap(([name, hosts]) => {
      const path = `proxies[${JSON.stringify(name)}]`;
      return [row("proxy", name, path, name, hosts), row("upstream", name, `${path}.upstream`, "", [])];
    }),
    ...components.map((name) => row("component", name, `components[${JSON.stringify(name)}]`, name, [])),
  ];
}

const issuedRecord = (rows: Row[]) =>
  Object.fromEntries(
    rows.map(({ logicalName, path, kind, hosts }) => [
      logicalName,
      { path, kind, ...(hosts.length > 0 && { hosts: [...hosts].sort().join(", ") }) },
    ]),
  );

const usages: Record<string, ("server" | "client")[]> = {
  member: ["server", "client"],
  peer: ["server", "client"],
  proxy: ["server"],
};

const issue = (authority: TestAuthority, { kind, commonName, hosts }: Row) =>
  authority.issue({ commonName, hosts, usages: usages[kind] ?? ["client"] });

const urn = "urn:pulumi:test::project::etcd-pki:index:EtcdPki::etcd";
const child = (type: string, name: string) => ({
  ...{ urn: `urn:pulumi:test::project::etcd-pki:index:EtcdPki$${type}::${name}`, type, parent: urn },
});
// As the engine writes a secret that it was asked to show.
const secret = (value: string) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

const stash = (name: string, value: unknown) => ({
  ...child("pulumi:index:Stash", name),
  inputs: { input: value },
  outputs: { input: value, output: value },
});
const certificate = (name: string, certPem: string) => ({
  ...child("tls:index/locallySignedCert:LocallySignedCert", name),
  outputs: { certPem },
});
const privateKey = (name: string, pem: string) => ({
  ...child("tls:index/privateKey:PrivateKey", name),
  outputs: { privateKeyPem: secret(pem), privateKeyPemPkcs8: secret(pem) },
});

function memo<Value>() {
  const made = new Map<string, Promise<Value>>();
  return (key: string, make: () => Promise<Value>): Promise<Value> => {
    const value = made.get(key) ?? make();
    made.set(key, value);
    return value;
  };
}
