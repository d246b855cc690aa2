import type { Input } from "@pulumi/pulumi";
import type { CertificateArgs, SubjectArgs } from "../args";
import type { EtcdPkiArgs } from "./args";
import type { KeyAlgorithm } from "../args";
import { ProxyUpstream } from "./args";
import type { CertificateKind } from "../naming";
import { logicalName } from "../naming";
import { loopbackHosts } from "./hosts";
import { defaultKeyAlgorithm, keyUsages } from "./keys";
import { leafValidityPeriodHours, profiles } from "./profiles";

/** One certificate to be made: everything but the authority that signs it. */
export interface CertificatePlan {
  kind: CertificateKind;
  /** The name of the `EtcdPki`, for messages. */
  cluster: string;
  /** The identity's name. */
  identity: string;
  /** Where the identity stands in the arguments, for messages. */
  path: string;
  logicalName: string;
  /** Empty for an upstream certificate. */
  commonName: string;
  subject: SubjectArgs;
  hosts: Input<Input<string>[]>;
  /** Hosts that are added to `hosts`. */
  extraHosts: readonly string[];
  usages: string[];
  keyAlgorithm: KeyAlgorithm;
  validityPeriodHours: Input<number>;
  /** Default: by the validity and the name. */
  earlyRenewalHours?: Input<number>;
  /** A change issues a new certificate. */
  renewNow: string;
  /** A change makes a new key. */
  rotateKey: string;
}

/** An identity's own arguments, whatever its kind. */
interface IdentityArgs extends CertificateArgs {
  hosts?: Input<Input<string>[]>;
  loopback?: boolean;
}

/** The identity that a shared upstream certificate stands for. */
export const sharedUpstream = "proxies";

/** The whole PKI but its authority, as rows: members, proxies with their upstream certificates, components. */
export function planCertificates(cluster: string, args: EtcdPkiArgs): CertificatePlan[] {
  const row = (kind: CertificateKind, identity: string, name: string, path: string, own: IdentityArgs) =>
    planCertificate(cluster, { kind, identity, logicalName: name, path }, withDefaults(args.defaults, own));
  return [
    ...each(args.members, (name, own) =>
      row("member", name, logicalName.member(cluster, name), identityPath("members", name), own),
    ),
    ...each(args.proxies, (name, own) =>
      row("proxy", name, logicalName.proxy(cluster, name), identityPath("proxies", name), own),
    ),
    ...upstreamIdentities(args).map(({ identity, own }) =>
      row("upstream", identity, upstreamLogicalName(cluster, args, identity), identityPath("proxies", identity), {
        ...own,
        hosts: [],
      }),
    ),
    ...each(args.components, (name, own) =>
      row("component", name, logicalName.component(cluster, name), identityPath("components", name), own),
    ),
  ];
}

/** The name of an identity as it is written in the arguments, such as `members["etcd-1"]`. */
export const identityPath = (kind: string, name: string) => `${kind}[${JSON.stringify(name)}]`;

/** The identity whose upstream certificate a proxy uses. */
export const upstreamIdentity = (args: EtcdPkiArgs, proxy: string) =>
  args.proxyUpstream === ProxyUpstream.Shared ? sharedUpstream : proxy;

function planCertificate(
  cluster: string,
  row: Pick<CertificatePlan, "kind" | "identity" | "logicalName" | "path">,
  own: IdentityArgs,
): CertificatePlan {
  const profile = profiles[row.kind];
  const keyAlgorithm = own.keyAlgorithm ?? defaultKeyAlgorithm;
  return {
    ...row,
    cluster,
    commonName: profile.hasCommonName ? row.identity : "",
    // RFC 5280, 4.1.2.6: without a common name and hosts, something else must name the subject.
    subject: own.subject ?? (profile.hasCommonName ? {} : { organization: cluster, organizationalUnit: row.identity }),
    hosts: own.hosts ?? [],
    extraHosts: profile.loopback && (own.loopback ?? true) ? loopbackHosts : [],
    usages: [...keyUsages(keyAlgorithm, profile.extendedUsages), ...profile.extendedUsages],
    keyAlgorithm,
    validityPeriodHours: own.validityPeriodHours ?? leafValidityPeriodHours,
    earlyRenewalHours: own.earlyRenewalHours,
    renewNow: own.renewNow ?? "",
    rotateKey: own.rotateKey ?? "",
  };
}

function upstreamIdentities(args: EtcdPkiArgs): { identity: string; own: IdentityArgs }[] {
  const proxies = Object.entries(args.proxies ?? {});
  if (args.proxyUpstream !== ProxyUpstream.Shared) return proxies.map(([identity, own]) => ({ identity, own }));
  return proxies.length === 0 ? [] : [{ identity: sharedUpstream, own: {} }];
}

const upstreamLogicalName = (cluster: string, args: EtcdPkiArgs, identity: string) =>
  args.proxyUpstream === ProxyUpstream.Shared
    ? logicalName.sharedUpstream(cluster)
    : logicalName.upstream(cluster, identity);

const each = <Own, Row>(identities: Record<string, Own> | undefined, row: (name: string, own: Own) => Row): Row[] =>
  Object.entries(identities ?? {}).map(([name, own]) => row(name, own));

function withDefaults(defaults: CertificateArgs | undefined, own: IdentityArgs): IdentityArgs {
  // Both count: a text of its own keeps no identity out of a rotation of all.
  const both = (of: "renewNow" | "rotateKey") => [defaults?.[of], own[of]].filter(Boolean).join(" ");
  return { ...defaults, ...definedOnly(own), renewNow: both("renewNow"), rotateKey: both("rotateKey") };
}

// An identity that passes on an unset argument of its caller's still gets the default.
const definedOnly = (own: IdentityArgs): IdentityArgs =>
  Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
