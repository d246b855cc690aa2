// Logical names are a contract with every user's state: a changed name replaces the key behind it.

/** Everything that gets a certificate. A member has two or three, a proxy two. */
export type CertificateKind = "member" | "peer" | "gateway" | "proxy" | "upstream" | "component";

/** Which port of a member an authority is for. */
export type Side = "client" | "peer";

// Not "peer-ca": a member named "ca-1" has a peer certificate.
const authority: Record<Side, string> = { client: "ca", peer: "peers-ca" };

/** The logical names of one `EtcdPki`, and of one `EtcdSecrets`. */
export const logicalName = {
  trust: (cluster: string) => `${cluster}-trust`,
  issued: (cluster: string) => `${cluster}-issued`,
  generation: (cluster: string, side: Side, generation: string) => `${cluster}-${authority[side]}-${generation}`,
  cross: (cluster: string, side: Side, generation: string, by: string) =>
    `${cluster}-${authority[side]}-${generation}-by-${by.replace(":", "-")}`,
  certificate: (cluster: string, kind: CertificateKind, identity: string) => `${cluster}-${kind}-${identity}`,
  sharedUpstream: (cluster: string) => `${cluster}-upstream`,
  /** Of the `EtcdSecrets`, which is the parent. */
  secret: (component: string, secret: string) => `${component}-secret-${secret}`,
  published: (component: string) => `${component}-published`,
};

/** The common name of a generation's certificate. One for each generation, so that a chain names its authority. */
export const authorityCommonName = (cluster: string, side: Side, generation: string) =>
  `${cluster}-${authority[side]}-${generation}`;

/** In the peer authority, the name of a generation of the client authority. */
export const ofClientAuthority = (generation: string) => `client:${generation}`;

/** The generation of the client authority that a name in the peer authority means, if it means one. */
export const clientGeneration = (name: string) => (name.startsWith("client:") ? name.slice(7) : undefined);

/** How the host name ends that only members' peer certificates have. */
export const peerDomain = ".etcd-peer";

/**
 * A host name that only members' peer certificates have. With an authority for both ports, etcd before 3.5.15 can tell
 * members from components by it (`--peer-cert-allowed-hostname` takes one name).
 */
export const peerHostName = (cluster: string) => `${dnsLabel(cluster)}${peerDomain}`;

/** A name as one label of a DNS name (RFC 1123, 2.1). */
export const dnsLabel = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replace(/^-+|-+$/g, "") || "etcd";
