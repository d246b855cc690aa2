import type { CertificateKind } from "../naming";

/** What all certificates of one kind have in common. */
export interface CertificateProfile {
  /** Extended key usages, in the tls provider's words. */
  extendedUsages: readonly ("server_auth" | "client_auth")[];
  /** Whether the identity's name is the common name. */
  hasCommonName: boolean;
  /** Whether this machine's own names belong among the hosts. */
  loopback: boolean;
}

/** The whole policy of the PKI, one row a kind. */
export const profiles: Record<CertificateKind, CertificateProfile> = {
  // An etcd server, to its clients and to its peers.
  member: {
    // Client usage, too: a member dials its peers, and etcd's gateway dials the member itself, with the server
    // certificate (etcd-io/etcd#9785).
    extendedUsages: ["server_auth", "client_auth"],
    hasCommonName: true,
    loopback: true,
  },
  // A grpc-proxy, to its clients.
  proxy: {
    extendedUsages: ["server_auth"],
    hasCommonName: true,
    loopback: true,
  },
  // A grpc-proxy, to the members.
  upstream: {
    // No common name: grpc-proxy exits with "cert has non empty Common Name" on any other (etcd-io/etcd#11970).
    extendedUsages: ["client_auth"],
    hasCommonName: false,
    loopback: false,
  },
  // A client of etcd, which takes its user name from the common name.
  component: {
    // Never server usage: with one authority, a component could pose as a member.
    extendedUsages: ["client_auth"],
    hasCommonName: true,
    loopback: false,
  },
};

const hoursADay = 24;

/** A year: long enough for one `pulumi up` a month, short enough that a lost key ages out. */
export const leafValidityPeriodHours = 365 * hoursADay;

/** Ten years, as kubeadm does: replacing an authority restarts every member. */
export const authorityValidityPeriodHours = 10 * 365 * hoursADay;

/** A leaf valid for longer than this is worth a warning: two years. */
export const longValidityPeriodHours = 2 * 365 * hoursADay;

/** 30 days before the end, or the last tenth of a shorter life. */
export const defaultEarlyRenewalHours = (validityPeriodHours: number) =>
  Math.min(30 * hoursADay, Math.floor(validityPeriodHours / 10));
