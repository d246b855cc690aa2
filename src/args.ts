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

/** How a component logs in to etcd. */
export const Login = {
  /** By its certificate: etcd takes the common name for the user (`--client-cert-auth`). */
  CommonName: "common-name",
  /**
   * By name and password. Who speaks to etcd's HTTP/JSON gateway has no other way: etcd ignores common names there, and
   * refuses a certificate that has one (etcd, "Why gRPC gateway", and `CommonName of client sending a request against
   * gateway will be ignored`). So the certificate of such a component has no common name.
   */
  Password: "password",
} as const;
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
 * A client of etcd. Its name (the key in `components`) is its etcd user name, and its certificate's common name unless it
 * logs in by password (etcd, "Role-based access control", using TLS common name).
 */
export interface ComponentArgs extends CertificateArgs {
  /** Host names in the certificate. Default: none; etcd does not look at them on the client port. */
  hosts?: Input<Input<string>[]>;
  /** What this component may do. `EtcdPki` ignores it; `EtcdRbac` makes a role of the component's name from it. */
  permissions?: PermissionArgs[];
  /** Further roles of this component's user: names in `EtcdRbac`'s `roles`, or `root`. `EtcdPki` ignores it. */
  roles?: string[];
  /** What documented programs may do, by name. It is added to `permissions` and `roles`. `EtcdPki` ignores it. */
  presets?: PresetArgs[];
  /**
   * A certificate request (PKCS #10, PEM) that the component brings. The certificate is made for its key, which then
   * never enters Pulumi. Default: none, a key is made. `EtcdRbac` ignores it.
   */
  certRequestPem?: Input<string>;
  /** How the component logs in. Default: `Login.CommonName`. */
  login?: Login;
  /**
   * The password of a component that logs in by one; a secret in the stack's state. etcd holds one password a user, so a
   * new one ends the old one in the same update. Default: none, which is only taken for a user that etcd held before: its
   * password stays. `EtcdPki` ignores it.
   */
  password?: Input<string>;
}

/**
 * The permissions of a program as data, for every language. The TypeScript functions of the same names (`calico.node()`
 * is `calico-node`) return the same.
 */
export interface PresetArgs {
  /** The program, such as `calico-node`. */
  name: string;
  /** The program's version, such as `3.32`, where its permissions depend on it. Default: none, the documented table. */
  version?: string;
  /** Where the program keeps its keys, such as kube-apiserver's `--etcd-prefix`. Default: the program's own. */
  prefix?: string;
}

/**
 * A permission on one key (`key`), on all keys that begin with a text (`prefix`), or on the keys from `from` up to but
 * not including `to`. Exactly one of the three.
 */
export interface PermissionArgs {
  /** One key, exactly. */
  key?: string;
  /**
   * All keys that begin with this text. With a delimiter at its end (`/app/`) it does not cover `/apple`. etcd refuses a
   * request that is not covered whole: for a program that lists the bare `/app`, give `/app` and `allowPartialPrefix`.
   */
  prefix?: string;
  /** The first key of a range. Needs `to`. */
  from?: string;
  /** The end of the range, itself not in it. Needs `from`. */
  to?: string;
  /** Default: none, it must be said. */
  access: Access;
  /** Says that a `prefix` without a delimiter at its end is meant. Default: false. */
  allowPartialPrefix?: boolean;
  /** Says that a `*` at the end is a character of the key: etcd has no wildcards. Default: false. */
  allowLiteralAsterisk?: boolean;
}
