import type { CertificateKind, Side } from "../naming";

type ExtendedUsage = "server_auth" | "client_auth";

/** What all certificates of one kind have in common. */
export interface CertificateProfile {
  /** The authority that signs them. */
  side: Side;
  /** Extended key usages, in the tls provider's words. */
  extendedUsages: readonly ExtendedUsage[];
  /** Whether the identity's name is the common name. */
  hasCommonName: boolean;
  /** Whether this machine's own names belong among the hosts. */
  loopback: boolean;
}

/** The whole policy of the PKI, one row a kind. */
export const profiles: Record<CertificateKind, CertificateProfile> = {
  // An etcd server, to its clients.
  member: {
    side: "client",
    // Client usage, too: etcd's gateway dials the member itself with the server certificate (etcd-io/etcd#9785), unless
    // it has one of its own.
    extendedUsages: ["server_auth", "client_auth"],
    hasCommonName: true,
    loopback: true,
  },
  // An etcd server, to its peers: each of them serves and dials.
  peer: {
    side: "peer",
    extendedUsages: ["server_auth", "client_auth"],
    hasCommonName: true,
    loopback: true,
  },
  // What etcd's HTTP gateway dials its own member with (--client-cert-file).
  gateway: {
    side: "client",
    // No common name: the gateway's requests must have no user of their own.
    extendedUsages: ["client_auth"],
    hasCommonName: false,
    loopback: false,
  },
  // A grpc-proxy, to its clients.
  proxy: {
    side: "client",
    extendedUsages: ["server_auth"],
    hasCommonName: true,
    loopback: true,
  },
  // A grpc-proxy, to the members.
  upstream: {
    side: "client",
    // No common name: grpc-proxy exits with "cert has non empty Common Name" on any other (etcd-io/etcd#11970).
    extendedUsages: ["client_auth"],
    hasCommonName: false,
    loopback: false,
  },
  // A client of etcd, which takes its user name from the common name.
  component: {
    side: "client",
    // Never server usage: a component could pose as a member.
    extendedUsages: ["client_auth"],
    hasCommonName: true,
    loopback: false,
  },
};
