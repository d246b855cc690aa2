import type { Input } from "@pulumi/pulumi";
import type { CertificateArgs, ComponentArgs, KeyAlgorithm, SubjectArgs } from "../args";

/** How many client certificates the grpc-proxies get for their connections to the members. */
export const ProxyUpstream = { PerProxy: "per-proxy", Shared: "shared" } as const;
export type ProxyUpstream = (typeof ProxyUpstream)[keyof typeof ProxyUpstream];

/** An etcd server. Its name (the key in `members`) is its certificate's common name. */
export interface MemberArgs extends CertificateArgs {
  /**
   * Every DNS name and IP address by which clients and peers reach this member. Peers are checked by address, so
   * name the IP addresses, too (etcd, "Transport security model", notes for TLS authentication). Order does not matter.
   */
  hosts: Input<Input<string>[]>;
  /** Adds `localhost`, `127.0.0.1` and `::1`, which etcd's own gateway and local `etcdctl` dial. Default: true. */
  loopback?: boolean;
}

/** An etcd grpc-proxy or gateway. Its name (the key in `proxies`) is its listening certificate's common name. */
export interface ProxyArgs extends CertificateArgs {
  /** Every DNS name and IP address by which clients reach this proxy. */
  hosts: Input<Input<string>[]>;
  /** Adds `localhost`, `127.0.0.1` and `::1`. Default: true. */
  loopback?: boolean;
}

/**
 * The self-signed certificate authority of one cluster. A generation stays what it was made as: what changes here is for
 * the generations that come after.
 */
export interface CertificateAuthorityArgs {
  /**
   * The names of the trusted generations, the newest last. Default: `["1"]`. Each has a key and certificate of its own,
   * and a name is never used twice (one that left before a newer one came is not remembered, and not refused). Replace
   * one in three updates: add the new one, sign with it, drop the old one.
   */
  generations?: string[];
  /** The generation that signs. Default: the only one; with several it must be named. */
  signing?: string;
  /**
   * Generations that are out of the CA bundle and whose keys are kept, so that they can be trusted again. Default: none,
   * the key of a dropped generation is deleted.
   */
  distrusted?: string[];
  /** Default: `ECDSA-P256`. */
  keyAlgorithm?: KeyAlgorithm;
  /**
   * How long a generation is valid, in hours. Default: 87600 (ten years). It never renews by itself: a new authority
   * breaks all trust unless it is rolled out beside the old one.
   */
  validityPeriodHours?: Input<number>;
  /** The rest of the subject. Default: nothing but the common name, `<name>-ca-<generation>`. */
  subject?: SubjectArgs;
}

/** The identities of one etcd cluster. Names are plain data, so that a preview shows every resource. */
export interface EtcdPkiArgs {
  /** The etcd servers, by name. */
  members?: Record<string, MemberArgs>;
  /** The grpc-proxies and gateways, by name. */
  proxies?: Record<string, ProxyArgs>;
  /** The clients of etcd, by user name. `root` is etcd's superuser: it exists only if you name it. */
  components?: Record<string, ComponentArgs>;
  /** The certificate authority. Default: one generation, ECDSA P-256, ten years. */
  certificateAuthority?: CertificateAuthorityArgs;
  /** Used where an identity says nothing of its own. */
  defaults?: CertificateArgs;
  /** The proxies' client certificate towards the members: one for each proxy (default) or one that all of them share. */
  proxyUpstream?: ProxyUpstream;
}
