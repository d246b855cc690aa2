import type { Input } from "@pulumi/pulumi";
import type { CertificateArgs, KeyAlgorithm, SubjectArgs } from "../args";
import { Login } from "../args";
import type { CertificateKind, Side } from "../naming";
import { clientGeneration, logicalName, peerHostName } from "../naming";
import type { EtcdPkiArgs } from "./args";
import { ProxyUpstream } from "./args";
import type { AuthorityPlan } from "./authority/plan";
import { planAuthorities } from "./authority/plan";
import { loopbackHosts } from "./hosts";
import { defaultKeyAlgorithm, keyUsages } from "./keys";
import { abilitiesOf } from "./machine/etcd-version";
import type { CertificateProfile } from "./profiles";
import { profiles } from "./profiles";

/** All that one `EtcdPki` is to make, worked out once from its arguments. */
export interface PkiPlan {
  /** The name of the `EtcdPki`. */
  cluster: string;
  authorities: Record<Side, AuthorityPlan>;
  /** The peer port trusts more than an authority made for it alone: then only the members' names keep others out. */
  isPeerPortOpen: boolean;
  /** Those names are a list (`--peer-cert-allowed-cn`), which every running member must have before a new one starts. */
  hasListOfMembers: boolean;
  certificates: CertificatePlan[];
}

/** One certificate to be made: everything but the authority that signs it. */
export interface CertificatePlan {
  kind: CertificateKind;
  side: Side;
  /** The name of the `EtcdPki`, for messages. */
  cluster: string;
  /** The identity's name. */
  identity: string;
  /** What it is called in messages, such as `members["etcd-1"].peer`. */
  path: string;
  /** Where the identity stands in the arguments, such as `members["etcd-1"]`. */
  argumentsPath: string;
  logicalName: string;
  /** Empty where the kind has none. */
  commonName: string;
  subject: SubjectArgs & { serialNumber?: string };
  hosts: Input<Input<string>[]>;
  /** Hosts that are added to `hosts`. */
  extraHosts: readonly string[];
  /** Hosts that are added where the name constraints of whoever signs allow them. */
  optionalHosts: readonly string[];
  /** A request that the identity brings: then its key is not made here. */
  certRequestPem?: Input<string>;
  usages: string[];
  /** Whether it serves, and so needs hosts. */
  serves: boolean;
  keyAlgorithm: KeyAlgorithm;
  /** As asked for; the authority's end may cut it. */
  validityPeriodHours?: number;
  earlyRenewalHours?: number;
  /** A change issues a new certificate. */
  renewNow: string;
  /** A change makes a new key. */
  rotateKey: string;
}

/** The whole PKI as rows: the authorities, then members, proxies with their upstream certificates, components. */
export function planPki(cluster: string, args: EtcdPkiArgs): PkiPlan {
  const isShared = args.sharedAuthority ?? false;
  const authorities = planAuthorities(cluster, args);
  const { state, generations } = authorities.peer;
  const isPeerPortOpen =
    state.generations.some(clientGeneration) || generations.some(({ existing, isTrusted }) => existing && isTrusted);
  const hasListOfMembers = isPeerPortOpen && abilitiesOf(args.etcdVersion).lists;
  const certificates = planCertificates(cluster, args, isShared);
  return { cluster, isPeerPortOpen, hasListOfMembers, authorities, certificates };
}

/** An identity's own arguments, whatever its kind. */
interface IdentityArgs extends CertificateArgs {
  hosts?: Input<Input<string>[]>;
  loopback?: boolean;
  certRequestPem?: Input<string>;
  login?: string;
}

/** The identity that a shared upstream certificate stands for. */
export const sharedUpstream = "proxies";

function planCertificates(cluster: string, args: EtcdPkiArgs, isShared: boolean): CertificatePlan[] {
  const row = (kind: CertificateKind, identity: string, path: string, own: IdentityArgs) =>
    planCertificate(cluster, kind, identity, path, withDefaults(args.defaults, own), args);
  return [
    ...each(args.members, (name, own) => {
      const path = identityPath("members", name);
      return [
        row("member", name, path, own),
        ...(isShared ? [] : [row("peer", name, `${path}.peer`, own)]),
        ...(args.gatewayCertificate ? [row("gateway", name, `${path}.gateway`, { ...own, hosts: [] })] : []),
      ];
    }),
    ...each(args.proxies, (name, own) => [row("proxy", name, identityPath("proxies", name), own)]),
    ...upstreams(args).map(({ identity, path, own }) => row("upstream", identity, path, { ...own, hosts: [] })),
    ...each(args.components, (name, own) => [row("component", name, identityPath("components", name), own)]),
  ];
}

/** The name of an identity as it is written in the arguments, such as `members["etcd-1"]`. */
export const identityPath = (kind: string, name: string) => `${kind}[${JSON.stringify(name)}]`;

/** The identity whose upstream certificate a proxy uses. */
export const upstreamIdentity = (args: EtcdPkiArgs, proxy: string) =>
  args.proxyUpstream === ProxyUpstream.Shared ? sharedUpstream : proxy;

function planCertificate(
  cluster: string,
  kind: CertificateKind,
  identity: string,
  path: string,
  own: IdentityArgs,
  args: EtcdPkiArgs,
): CertificatePlan {
  const profile = profileOf(kind, args);
  const hasCommonName = profile.hasCommonName && own.login !== Login.Password;
  const keyAlgorithm = own.keyAlgorithm ?? defaultKeyAlgorithm;
  const { lists } = abilitiesOf(args.etcdVersion);
  const peerNames = peerHosts(cluster, kind, args);
  const isSharedUpstream = kind === "upstream" && args.proxyUpstream === ProxyUpstream.Shared;
  return {
    kind,
    side: profile.side,
    cluster,
    identity,
    path,
    argumentsPath: path.replace(/\.(peer|gateway|upstream)$/, ""),
    logicalName: isSharedUpstream
      ? logicalName.sharedUpstream(cluster)
      : logicalName.certificate(cluster, kind, identity),
    commonName: hasCommonName ? identity : "",
    subject: hasCommonName ? definedOnly(own.subject ?? {}) : namelessSubject(cluster, identity, own.subject),
    hosts: own.hosts ?? [],
    extraHosts: [...(profile.loopback && (own.loopback ?? true) ? loopbackHosts : []), ...(lists ? [] : peerNames)],
    optionalHosts: lists ? peerNames : [],
    certRequestPem: own.certRequestPem,
    usages: [...keyUsages(keyAlgorithm, profile.extendedUsages), ...profile.extendedUsages],
    serves: profile.extendedUsages.includes("server_auth"),
    keyAlgorithm,
    validityPeriodHours: own.validityPeriodHours,
    earlyRenewalHours: own.earlyRenewalHours,
    renewNow: own.renewNow ?? "",
    rotateKey: own.rotateKey ?? "",
  };
}

// A member's server certificate need not connect once its gateway has a certificate for that.
const profileOf = (kind: CertificateKind, args: EtcdPkiArgs): CertificateProfile =>
  kind === "member" && args.gatewayCertificate && !args.keepClientUsage
    ? { ...profiles.member, extendedUsages: ["server_auth"] }
    : profiles[kind];

// RFC 5280, 4.1.2.6: without a common name and hosts, something else must name the subject. A serial number, since what the
// user gives as subject must not take away what tells two such certificates apart.
const namelessSubject = (cluster: string, identity: string, subject?: SubjectArgs) => ({
  organization: cluster,
  ...definedOnly(subject ?? {}),
  serialNumber: identity,
});

// Members that know lists tell each other by their names. The host name stays for those that still run with the older flag.
const peerHosts = (cluster: string, kind: CertificateKind, { sharedAuthority }: EtcdPkiArgs) =>
  kind === "peer" || (kind === "member" && sharedAuthority) ? [peerHostName(cluster)] : [];

function upstreams(args: EtcdPkiArgs): { identity: string; path: string; own: IdentityArgs }[] {
  const proxies = Object.entries(args.proxies ?? {});
  if (args.proxyUpstream !== ProxyUpstream.Shared)
    return proxies.map(([identity, own]) => ({ identity, path: `${identityPath("proxies", identity)}.upstream`, own }));
  return proxies.length === 0 ? [] : [{ identity: sharedUpstream, path: "proxies.upstream", own: {} }];
}

const each = <Own, Row>(identities: Record<string, Own> | undefined, rows: (name: string, own: Own) => Row[]): Row[] =>
  Object.entries(identities ?? {}).flatMap(([name, own]) => rows(name, own));

function withDefaults(defaults: CertificateArgs | undefined, own: IdentityArgs): IdentityArgs {
  // Both count: a text of its own keeps no identity out of a rotation of all.
  const both = (of: "renewNow" | "rotateKey") => [defaults?.[of], own[of]].filter(Boolean).join(" ");
  return { ...defaults, ...definedOnly(own), renewNow: both("renewNow"), rotateKey: both("rotateKey") };
}

// An identity that passes on an unset argument of its caller's still gets the default; an empty text counts as not given.
const definedOnly = <Args extends object>(own: Args): Args =>
  Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined && value !== "")) as Args;
