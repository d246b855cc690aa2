import type { Input } from "@pulumi/pulumi";
import type { CertificateArgs, ComponentArgs, KeyAlgorithm, SubjectArgs } from "../args";

/** How many client certificates the grpc-proxies get for their connections to the members. */
export const ProxyUpstream = { PerProxy: "per-proxy", Shared: "shared" } as const;
export type ProxyUpstream = (typeof ProxyUpstream)[keyof typeof ProxyUpstream];

/** An etcd server. Its name (the key in `members`) is its certificate's common name. */
export interface MemberArgs extends CertificateArgs {
  /**
   * Every DNS name and IP address by which clients and peers reach this member. The first one is advertised in `config`.
   * Peers are checked by the address they connect from, or by a DNS name that leads to it (etcd, "Transport security
   * model", notes for TLS authentication). Order does not matter to the certificate.
   */
  hosts: Input<Input<string>[]>;
  /** Adds `localhost`, `127.0.0.1` and `::1`, which etcd's own gateway and local `etcdctl` dial. Default: true. */
  loopback?: boolean;
}

/** An etcd grpc-proxy. Its name (the key in `proxies`) is its listening certificate's common name. */
export interface ProxyArgs extends CertificateArgs {
  /** Every DNS name and IP address by which clients reach this proxy. */
  hosts: Input<Input<string>[]>;
  /** Adds `localhost`, `127.0.0.1` and `::1`. Default: true. */
  loopback?: boolean;
}

/**
 * An authority that exists already: made by cfssl, kubeadm, openssl or a company's root. With its private key it signs as any
 * other generation. Without, it is trusted only.
 */
export interface ExistingAuthorityArgs {
  /**
   * The authority's certificate, PEM. If it is an intermediate, its issuers may follow it: every certificate file then
   * carries them. The file's first certificate is what etcd and its clients trust, unless `anchorPem` says otherwise.
   */
  certPem: Input<string>;
  /** Its private key, PEM: SEC1, PKCS#1 or PKCS#8, not encrypted. It is a secret in the stack's state. Default: none. */
  privateKeyPem?: Input<string>;
  /**
   * What is trusted in its place, PEM: the root above an intermediate. Needs `trustsEveryoneBelowAnchor`. Default: none, the
   * intermediate itself is trusted, so that only what it signed gets in.
   */
  anchorPem?: Input<string>;
  /**
   * Says that whoever holds any certificate below `anchorPem` may connect to etcd as a client. With a company's root that
   * is everybody who has a certificate of the company. Default: false.
   */
  trustsEveryoneBelowAnchor?: boolean;
}

/**
 * A certificate authority of one cluster. It has generations: each is a key and a certificate of its own, under a name. A
 * generation stays what it was made as; what changes here is for the generations that come after.
 */
export interface CertificateAuthorityArgs {
  /**
   * The names of the trusted generations. Default: `["1"]`. In `peerCertificateAuthority`, `client:1` means generation `1`
   * of `certificateAuthority`. A generation leaves in two updates: first from here to `distrusted`, then from there.
   */
  generations?: string[];
  /**
   * The generation that signs. Default: the only one; with several it must be named. Left out beside an existing
   * authority without its key, nothing is signed yet and only the bundles are published.
   */
  signing?: string;
  /** Generations that are trusted no longer and whose keys are kept, as the way back. Default: none. */
  distrusted?: string[];
  /**
   * Generations whose key and name another one signs as well, by name: `{ "2": "1" }` makes a cross certificate of `2` by
   * `1`, which every certificate file of `2` then carries. Whoever trusts only `1` accepts it (RFC 4158, 1.5.2). It makes a
   * rotation that needs one restart. Default: none.
   */
  crossSignedBy?: Record<string, string>;
  /** Which of the generations exist already, by name. Default: none, all are made here. */
  existing?: Record<string, ExistingAuthorityArgs>;
  /**
   * Takes a new certificate for a generation's same key when the text changes, by name, such as `{ "1": "2035-01" }`: for
   * an authority that grows old. All certificates of the old and the new one verify with either. Leave the text in place
   * afterwards. Default: none. An authority never renews by itself.
   */
  reissue?: Record<string, string>;
  /** The kind of private key of new generations. Default: `ECDSA-P256`. */
  keyAlgorithm?: KeyAlgorithm;
  /** How long a new generation is valid, in hours. Default: 87600 (ten years). */
  validityPeriodHours?: number;
  /** The rest of the subject. Default: the common name `<name>-ca-<generation>`, and a serial number made from the key. */
  subject?: SubjectArgs;
}

/** The identities of one etcd cluster. Names are plain data, so that a preview shows every resource. */
export interface EtcdPkiArgs {
  /** The etcd servers, by name. */
  members?: Record<string, MemberArgs>;
  /** The grpc-proxies, by name. `etcd gateway` forwards connections as they are and needs no certificate. */
  proxies?: Record<string, ProxyArgs>;
  /** The clients of etcd, by user name. `root` is etcd's superuser: it exists only if you name it. */
  components?: Record<string, ComponentArgs>;
  /** The authority of the client port: members' server certificates, proxies and components. Default: one generation. */
  certificateAuthority?: CertificateAuthorityArgs;
  /**
   * The authority of the peer port. Default: one of its own, with one generation, so that no component's certificate opens
   * the peer port, where etcd asks for no permission (etcd, THREAT_MODEL.md). Beside an existing `certificateAuthority` it
   * must be given, or `sharedAuthority`: running members would refuse each other with pairs of an authority that nobody
   * trusts.
   */
  peerCertificateAuthority?: CertificateAuthorityArgs;
  /**
   * Members use one pair on both ports, from `certificateAuthority`, as in the tutorial. Then only `--peer-cert-allowed-cn`
   * (in `config`) keeps components off the peer port. Default: false.
   */
  sharedAuthority?: boolean;
  /**
   * Gives each member a client certificate of its own for `--client-cert-file`, with which etcd's HTTP gateway dials the
   * member (etcd 3.5 and later). The server certificate is then for serving only. Members that run already need
   * `keepClientUsage` beside it first. Default: false.
   */
  gatewayCertificate?: boolean;
  /**
   * Beside `gatewayCertificate`, server certificates may connect, too, as without it. Running members dial themselves with
   * them until they have restarted with `--client-cert-file`: set it in the update that gives them a gateway certificate,
   * restart them, then leave it out. Default: false.
   */
  keepClientUsage?: boolean;
  /** Used where an identity says nothing of its own. */
  defaults?: CertificateArgs;
  /** The proxies' client certificate towards the members: one for each proxy (default) or one that all of them share. */
  proxyUpstream?: ProxyUpstream;
  /**
   * The release of etcd that runs, such as `3.5.15`: `config` has only the flags that it knows. Default: none, and `config`
   * has only what every release since 3.4 knows.
   */
  etcdVersion?: string;
  /** Where members listen for clients, in `config`. Default: 2379. */
  clientPort?: number;
  /** Where members listen for each other, in `config`. Default: 2380. */
  peerPort?: number;
  /** Where a member's files are, in `files` and `config`. Default: `/etc/etcd/pki`. */
  directory?: string;
  /**
   * etcd's `--initial-cluster-token`, in `config`: two clusters must not share one, or their members can be taken for each
   * other's. Default: the resource's name, its project's and its stack's.
   */
  clusterToken?: string;
}
