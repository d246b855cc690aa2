import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { EtcdPkiArgs } from "./args";
import type { ComponentCertificates } from "./certificate/components";
import type { MemberCertificates } from "./certificate/members";
import type { ProxyCertificates } from "./certificate/proxies";
import { EtcdPki as Class } from "./etcd-pki";

// TypeScript's view of the component: its outputs have the very names that its arguments have. The class itself stays plain,
// since the schema of Pulumi's other languages is read from it.

type Named<Identities, Certificates> = { [Name in keyof Identities]: Certificates };

/** An `EtcdPki` whose outputs are known by name. */
export type EtcdPki<Args extends EtcdPkiArgs = EtcdPkiArgs> = Omit<Class, "members" | "proxies" | "components"> & {
  /** By member name. */
  readonly members: Named<NonNullable<Args["members"]>, MemberCertificates>;
  /** By proxy name. */
  readonly proxies: Named<NonNullable<Args["proxies"]>, ProxyCertificates>;
  /** By component name: what each client of etcd logs in with. */
  readonly components: Named<NonNullable<Args["components"]>, ComponentCertificates>;
};

/** Makes an `EtcdPki`. */
export interface EtcdPkiConstructor {
  new <Args extends EtcdPkiArgs>(name: string, args: Args, opts?: ComponentResourceOptions): EtcdPki<Args>;
  readonly prototype: Class;
  isInstance(value: unknown): value is Class;
}

/**
 * The certificate authorities, private keys and certificates of one etcd cluster: for each member a pair for its clients and
 * one for its peers, two for each proxy, and one for each component that uses etcd, whose common name is its etcd user name.
 *
 * Refuses bad arguments, all at once and in words, before any resource exists.
 */
export const EtcdPki = Class as unknown as EtcdPkiConstructor;
