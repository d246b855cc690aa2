import type { X509Certificate } from "node:crypto";
import { basename } from "node:path";
import { KeyAlgorithm } from "../../args";
import type { Cluster } from "./cluster";
import { names } from "./cluster";
import type { Inventory, Item } from "./inventory";
import type { Role } from "./layouts";
import type { Rights } from "./rights";

/** Something that only the program knows: a secret of the stack, a file beside the program, an output of a resource. */
export class Reference {
  constructor(
    readonly kind: "secret" | "file" | "output",
    readonly name: string,
  ) {}
}

/** Plain data of a declaration. */
export type Value = string | number | boolean | Reference | Value[] | { [name: string]: Value };

/** A private key that must go into the stack's secrets. */
export interface SecretKey {
  /** Its name in the stack's configuration. */
  name: string;
  path: string;
  isEncrypted: boolean;
}

/** What was found, as arguments of `EtcdPki` and `EtcdRbac`. */
export interface Declaration {
  pki: Record<string, Value>;
  /** Users of etcd, and further identities that have a certificate only. */
  components: { users: Record<string, Value>; others: Record<string, Value> };
  rbac?: Record<string, Value>;
  /** Certificates that lie beside the program, by file name. */
  files: Record<string, string>;
  secrets: SecretKey[];
}

/** Declares what was found; nothing without an authority. */
export function declarationOf(inventory: Inventory, cluster?: Cluster, rights?: Rights): Declaration | undefined {
  const { authority, peerAuthority, items } = inventory;
  if (authority === undefined || peerAuthority === undefined) return undefined;
  const leaves = items.filter(({ role }) => role !== "authority");
  const own = leaves.filter(({ signer }) => signer === authority || signer === peerAuthority);
  const defaultAlgorithm = mostCommon(own.flatMap((item) => algorithmOf(item) ?? []));
  const rows = new Rows(defaultAlgorithm);
  const members = membersOf(own, cluster, rows);
  const proxies = Object.fromEntries(
    own.filter(({ role }) => role === "proxy").map((item) => [nameOf(item, own), rows.server(item, [])]),
  );
  const { users, others } = componentsOf(own, rows, cluster, rights);
  const [client, peer] = [
    existing(authority, "etcd-ca.pem", "etcdCaKey"),
    existing(peerAuthority, "etcd-peer-ca.pem", "etcdPeerCaKey"),
  ];
  const isShared = authority === peerAuthority;
  const used = isShared ? [client] : [client, peer];
  return {
    pki: {
      members,
      ...(Object.keys(proxies).length > 0 && { proxies }),
      certificateAuthority: client.args,
      ...(isShared ? { sharedAuthority: true } : { peerCertificateAuthority: peer.args }),
      ...(defaultAlgorithm !== KeyAlgorithm.EcdsaP256 && { defaults: { keyAlgorithm: defaultAlgorithm } }),
    },
    components: { users, others },
    ...(cluster?.held && users["root"] && { rbac: rbacOf(cluster, cluster.held.authentication, rights) }),
    files: Object.assign({}, ...used.map(({ files }) => files)),
    secrets: used.flatMap(({ secret }) => secret ?? []),
  };
}

function rbacOf({ endpoints }: Cluster, authentication: boolean, rights?: Rights): Record<string, Value> {
  const roles = plain(rights?.roles ?? {});
  return {
    endpoints: endpoints.map((endpoint) => (endpoint.startsWith("https://") ? endpoint : `https://${endpoint}`)),
    caBundlePem: new Reference("output", "caBundlePem"),
    administrator: {
      certPem: new Reference("output", 'components["root"].certPem'),
      privateKeyPem: new Reference("output", 'components["root"].privateKeyPem'),
    },
    ...(Object.keys(roles).length > 0 && { roles }),
    adoptExisting: true,
    ...(!authentication && { enableAuthentication: false }),
  };
}

// Arguments have optional fields, which an index signature does not take.
const plain = (args: object) => args as Record<string, Value>;

interface Existing {
  args: Record<string, Value>;
  files: Record<string, string>;
  secret?: SecretKey;
}

// A key that is not here cannot sign: a new generation will, once everybody trusts it. Until then nothing is signed.
function existing(item: Item, file: string, secretName: string): Existing {
  const hasKey = item.key === "fits" || item.key === "encrypted";
  const old = {
    certPem: new Reference("file", file),
    ...(hasKey && { privateKeyPem: new Reference("secret", secretName) }),
  };
  return {
    args: { generations: hasKey ? ["old"] : ["old", "1"], existing: { old } },
    files: { [file]: chainOf(item).map(pemOf).join("") },
    ...(hasKey && { secret: { name: secretName, path: item.keyPath, isEncrypted: item.key === "encrypted" } }),
  };
}

const pemOf = (certificate: X509Certificate) => `${certificate.toString().trimEnd()}\n`;

// An authority and those above it, which every certificate file carries: who trusts only the topmost accepts it.
function chainOf(item: Item): X509Certificate[] {
  const chain = [item];
  for (let above = item.signer; above && !chain.includes(above); above = above.signer) chain.push(above);
  return chain.map(({ certificate }) => certificate);
}

const loopback = ["localhost", "127.0.0.1", "::1"];

/** Rows of identities; what the defaults say already is left out. */
class Rows {
  constructor(private readonly defaultAlgorithm: string) {}

  server(item: Item, more: string[]): Record<string, Value> {
    const hosts = [...new Set([...item.hosts, ...more])].filter((host) => !loopback.includes(host));
    return { hosts, ...this.algorithm(item) };
  }

  component(item: Item): Record<string, Value> {
    return { ...(item.hosts.length > 0 && { hosts: item.hosts }), ...this.algorithm(item) };
  }

  private algorithm(item: Item): Record<string, Value> {
    const keyAlgorithm = algorithmOf(item);
    return keyAlgorithm === undefined || keyAlgorithm === this.defaultAlgorithm ? {} : { keyAlgorithm };
  }
}

function membersOf(own: Item[], cluster: Cluster | undefined, rows: Rows): Record<string, Value> {
  const servers = own.filter(({ role }) => role === "member");
  const peers = own.filter(({ role }) => role === "peer");
  // A folder of peers' certificates alone still names the members.
  const members = servers.length > 0 ? servers : peers;
  return Object.fromEntries(
    members.map((item) => {
      const own = peers.filter((peer) => isSameMember(item, peer, members));
      const missing = (cluster?.shown ?? [])
        .filter(({ certificate }) => certificate.fingerprint256 === item.certificate.fingerprint256)
        .filter(({ certificate, host }) => !names(certificate, host))
        .map(({ host }) => host);
      return [nameOf(item, members), rows.server(item, [...own.flatMap(({ hosts }) => hosts), ...missing])];
    }),
  );
}

const stem = (path: string) => basename(path).replace(/\.(pem|crt|cer)$/, "");

const isSameMember = (member: Item, peer: Item, members: Item[]) =>
  stem(peer.path) === `peer-${stem(member.path)}` ||
  members.length === 1 ||
  (peer.commonName === member.commonName && members.filter((each) => each.commonName === peer.commonName).length === 1);

// A peer's certificate is its member's, too; all others must differ from a member's.
const alike: Record<string, Role[]> = { member: ["member"], peer: ["peer"], proxy: ["proxy", "member"] };

/** The name of an identity: its common name, or its file's where several share one. */
export function nameOf(item: Item, all: Item[]): string {
  const others = all.filter(({ role }) => alike[item.role]?.includes(role));
  const same = others.filter(({ commonName }) => commonName === item.commonName);
  return item.commonName === "" || same.length > 1 || (same.length === 1 && same[0] !== item)
    ? stem(item.path)
    : item.commonName;
}

function componentsOf(own: Item[], rows: Rows, cluster?: Cluster, rights?: Rights): Declaration["components"] {
  // Without a common name it is a grpc-proxy's, which `proxies` makes.
  const clients = own.filter(({ role, commonName }) => role === "component" && commonName !== "");
  const byName = new Map(clients.map((item) => [item.commonName, rows.component(item)]));
  const users = Object.entries(rights?.components ?? {}).map(([name, held]) => {
    // Who has a password and no certificate here logs in by the password.
    const login = !byName.has(name) && cluster?.held?.withPassword.includes(name) && name !== "root";
    return [name, { ...byName.get(name), ...plain(held), ...(login && { login: "password" }) }] as const;
  });
  const others = [...byName].filter(([name]) => rights?.components[name] === undefined);
  return { users: Object.fromEntries(users), others: Object.fromEntries(others) };
}

const curves: Record<string, KeyAlgorithm> = {
  prime256v1: KeyAlgorithm.EcdsaP256,
  secp384r1: KeyAlgorithm.EcdsaP384,
  secp521r1: KeyAlgorithm.EcdsaP521,
};

/** The key's kind, as the arguments name it; nothing if it is none that is offered. */
function algorithmOf({ certificate: { publicKey } }: Item): KeyAlgorithm | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (type === "ed25519") return KeyAlgorithm.Ed25519;
  if (type === "ec") return curves[details?.namedCurve ?? ""];
  return Object.values(KeyAlgorithm).find((each) => type === "rsa" && each === `RSA-${details?.modulusLength}`);
}

function mostCommon(algorithms: KeyAlgorithm[]): KeyAlgorithm {
  const count = (algorithm: KeyAlgorithm) => algorithms.filter((each) => each === algorithm).length;
  return [...new Set(algorithms)].sort((a, b) => count(b) - count(a))[0] ?? KeyAlgorithm.EcdsaP256;
}
