import type { Input } from "@pulumi/pulumi";

// What more than one component takes: one object names a component for its certificate and for its rights.

/**
 * The kinds of private key. The value names algorithm and size.
 *
 * Weak keys (RSA below 2048 bits, P-224) are not offered: NIST SP 800-57 part 1, table 2.
 */
export const KeyAlgorithm = {
  EcdsaP256: "ECDSA-P256",
  EcdsaP384: "ECDSA-P384",
  EcdsaP521: "ECDSA-P521",
  Rsa2048: "RSA-2048",
  Rsa3072: "RSA-3072",
  Rsa4096: "RSA-4096",
  Ed25519: "ED25519",
} as const;
export type KeyAlgorithm = (typeof KeyAlgorithm)[keyof typeof KeyAlgorithm];

/** What a permission lets a role do with its keys; the words are etcd's own (`etcdctl role grant-permission`). */
export const Access = { Read: "read", Write: "write", ReadWrite: "readwrite" } as const;
export type Access = (typeof Access)[keyof typeof Access];

/**
 * How a client tells etcd who it is. By the common name of its certificate, or by a user name and password: what talks to
 * etcd's HTTP gateway must do that, since the gateway ignores common names (etcd, "Role-based access control").
 */
export const Login = { CommonName: "common-name", Password: "password" } as const;
export type Login = (typeof Login)[keyof typeof Login];

/** The distinguished name of a certificate without its common name, which is the identity's name (RFC 5280, 4.1.2.6). */
export interface SubjectArgs {
  /** `O`. */
  organization?: string;
  /** `OU`. */
  organizationalUnit?: string;
  /** `C`, two letters. */
  country?: string;
  /** `ST`. */
  province?: string;
  /** `L`. */
  locality?: string;
}

/** What can be chosen for every certificate, and again for one identity. */
export interface CertificateArgs {
  /**
   * The kind of private key. Default: `ECDSA-P256`, the cheapest in a handshake that every etcd client accepts.
   * A change replaces the key and its certificate.
   */
  keyAlgorithm?: KeyAlgorithm;
  /**
   * How long the certificate is valid, in hours. Default: 8760 (a year), at most the certificate authority's. Towards
   * the authority's end it is halved as often as needed, so that no certificate outlives it.
   */
  validityPeriodHours?: number;
  /**
   * The renewal window, in hours before the end: the first `pulumi up` inside it issues a new certificate for the same
   * key. Default: 720 (30 days), or a third of the life if that is shorter; up to half again as much by the identity's
   * name, so that not all renew in one update. What is given here is kept to the hour. A change replaces nothing.
   */
  earlyRenewalHours?: number;
  /** The rest of the subject. Default: nothing but the common name. */
  subject?: SubjectArgs;
  /**
   * Issues a new certificate for the same key in the update in which this text changes, such as today's date. Leave it
   * in place afterwards: its removal is a change, too. Default: none.
   */
  renewNow?: string;
  /**
   * Makes a new key, and so a new certificate, in the update in which this text changes, such as today's date: renewal
   * alone keeps the key. Leave it in place afterwards. In `defaults` it rotates the keys of all identities. Default: none.
   */
  rotateKey?: string;
}

/**
 * A client of etcd. Its name (the key in `components`) is its certificate's common name and so its etcd user name
 * (etcd, "Role-based access control", using TLS common name).
 */
export interface ComponentArgs extends CertificateArgs {
  /** Host names in the certificate. Default: none; etcd does not look at them on the client port. */
  hosts?: Input<Input<string>[]>;
  /**
   * A certificate signing request of the component's own, PEM: its key then never enters Pulumi or its state. The
   * request's common name must be the component's name, and its hosts are the certificate's. Default: none.
   */
  certRequestPem?: Input<string>;
  /** How it logs in. Default: `common-name`. With `password` its certificate has no common name. */
  login?: Login;
  /** What this component may do. `EtcdPki` ignores it; `EtcdRbac` makes a role of the component's name from it. */
  permissions?: PermissionArgs[];
  /** Further roles of this component's user: names in `EtcdRbac`'s `roles`, or `root`. `EtcdPki` ignores it. */
  roles?: string[];
}

/**
 * A permission on one key (`key`), on all keys that begin with a text (`prefix`), or on the keys from `from` up to but
 * not including `to`. Exactly one of the three.
 */
export interface PermissionArgs {
  /** One key, exactly. */
  key?: string;
  /** All keys that begin with this text. End it with a delimiter: `/app` covers `/apple`, too; `/app/` does not. */
  prefix?: string;
  /** The first key of a range. Needs `to`. */
  from?: string;
  /** The end of the range, itself not in it. Needs `from`. */
  to?: string;
  /** Default: none, it must be said. */
  access: Access;
  /** Says that a `prefix` without a delimiter at its end is meant. Default: false. */
  allowPartialPrefix?: boolean;
}
