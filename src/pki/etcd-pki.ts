import * as pulumi from "@pulumi/pulumi";
import type { CertificateKind } from "../naming";
import { unlessLeftOut } from "../pulumi";
import { pkiSubject, refuse, warn } from "../refuse";
import { checksum } from "../x509";
import type { EtcdPkiArgs } from "./args";
import type { Authorities } from "./authority/authority";
import { makeAuthority } from "./authority/authority";
import { announceEnds } from "./authority/end";
import { issueCertificate } from "./certificate/issue";
import type { Issued } from "./certificate/issue";
import type { MemberCertificates } from "./certificate/members";
import type { ComponentCertificates } from "./certificate/components";
import { componentOutputs } from "./certificate/components";
import { memberOutputs } from "./certificate/members";
import type { IssuedCertificate, PublicCertificate } from "./certificate/outputs";
import { certificateOutputs, publicPart } from "./certificate/outputs";
import type { ProxyCertificates } from "./certificate/proxies";
import { proxyOutputs } from "./certificate/proxies";
import { problemsIn, shapeProblems, warningsIn } from "./checks";
import { proxyWarnings } from "./proxies";
import type { PkiPlan } from "./plan";
import { planPki, upstreamIdentity } from "./plan";
import { recordIssued, recordTrust, refuseLostRecord } from "./records";

/**
 * The certificate authorities, private keys and certificates of one etcd cluster: for each member a pair for its clients and
 * one for its peers, two for each proxy, and one for each component that uses etcd, whose common name is its etcd user name.
 *
 * Refuses bad arguments, all at once and in words, before any resource exists.
 */
export class EtcdPki extends pulumi.ComponentResource {
  /** What clients of etcd trust, PEM: etcdctl's `--cacert`. */
  public readonly caBundlePem: pulumi.Output<string>;
  /** What members trust on the client port, PEM: etcd's `--trusted-ca-file`. During a rotation it differs from the clients'. */
  public readonly memberCaBundlePem: pulumi.Output<string>;
  /** What members trust on the peer port, PEM: etcd's `--peer-trusted-ca-file`. */
  public readonly peerCaBundlePem: pulumi.Output<string>;
  /** By member name. */
  public readonly members: Record<string, MemberCertificates>;
  /** By proxy name. */
  public readonly proxies: Record<string, ProxyCertificates>;
  /** By component name: what each client of etcd logs in with. */
  public readonly components: Record<string, ComponentCertificates>;
  /** All certificates without their keys, by where they stand in the arguments, such as `members["etcd-1"].peer`. */
  public readonly withoutKeys: Record<string, PublicCertificate>;
  /** SHA-256 of `caBundlePem`, hexadecimal: whatever reads it must restart when it changes, and only then. */
  public readonly bundleChecksum: pulumi.Output<string>;
  /** SHA-256 of all bundles and certificates, hexadecimal: changes when anything does. */
  public readonly checksum: pulumi.Output<string>;

  constructor(name: string, args: EtcdPkiArgs, opts?: pulumi.ComponentResourceOptions) {
    const subject = pkiSubject(name);
    refuse(subject, shapeProblems(args));
    const plan = planPki(name, args);
    refuse(subject, problemsIn(args, plan));
    // No inputs: the engine would record them, and what a caller passes may be a secret.
    super("etcd-pki:index:EtcdPki", name, {}, opts);
    warn(subject, [...warningsIn(plan), ...proxyWarnings(args)], this);

    const { authorities, issued } = makePki(plan, this);
    const { client, peer } = authorities;
    const certificates = issued.map((row) => ({ ...row, outputs: certificateOutputs(row, authorities) }));

    this.caBundlePem = client.clientBundle.pem;
    this.memberCaBundlePem = client.memberBundle.pem;
    this.peerCaBundlePem = peer.memberBundle.pem;
    this.bundleChecksum = client.clientBundle.checksum;
    this.members = memberCertificates(args, plan, certificates);
    this.proxies = proxyCertificates(args, certificates);
    this.components = Object.fromEntries(
      Object.entries(byIdentity(certificates, "component")).map(([name, own]) => [
        name,
        componentOutputs(name, own, args),
      ]),
    );
    this.withoutKeys = Object.fromEntries(certificates.map(({ plan, outputs }) => [plan.path, publicPart(outputs)]));
    this.checksum = checksumOf(authorities, issued);
    this.registerOutputs();
  }
}

function makePki(plan: PkiPlan, owner: EtcdPki): { authorities: Authorities; issued: Issued[] } {
  const { cluster } = plan;
  const now = new Date();
  const trust = recordTrust(plan, owner);
  const make = { owner, after: unlessLeftOut(trust.resource), now };
  const client = makeAuthority(cluster, plan.authorities.client, make);
  const peer = makeAuthority(cluster, plan.authorities.peer, make, client);
  const authorities = { client, peer };
  refuseLostRecord(cluster, trust, authorities);
  announceEnds(cluster, plan, authorities, owner);
  const issued = plan.certificates.flatMap((row) => issueCertificate(row, authorities[row.side], make) ?? []);
  recordIssued(plan, authorities, issued, { began: now, trust }, owner);
  return { authorities, issued };
}

type Certificate = Issued & { outputs: IssuedCertificate };

const byIdentity = (issued: Certificate[], kind: CertificateKind): Record<string, IssuedCertificate> =>
  Object.fromEntries(
    issued.filter(({ plan }) => plan.kind === kind).map(({ plan, outputs }) => [plan.identity, outputs]),
  );

function memberCertificates(
  args: EtcdPkiArgs,
  plan: PkiPlan,
  issued: Certificate[],
): Record<string, MemberCertificates> {
  const peers = byIdentity(issued, "peer");
  const gateways = byIdentity(issued, "gateway");
  return Object.fromEntries(
    Object.entries(byIdentity(issued, "member")).map(([name, own]) => [
      name,
      memberOutputs(name, { own, peer: peers[name] ?? own, gateway: gateways[name] }, args, plan),
    ]),
  );
}

function proxyCertificates(args: EtcdPkiArgs, issued: Certificate[]): Record<string, ProxyCertificates> {
  const upstreams = byIdentity(issued, "upstream");
  return Object.fromEntries(
    Object.entries(byIdentity(issued, "proxy")).map(([name, own]) => [
      name,
      proxyOutputs(name, { own, upstream: upstreams[upstreamIdentity(args, name)] as IssuedCertificate }, args),
    ]),
  );
}

// In an order of its own: that of the arguments moves nothing.
function checksumOf({ client, peer }: Authorities, issued: Issued[]): pulumi.Output<string> {
  const sorted = [...issued].sort((a, b) => (a.plan.logicalName < b.plan.logicalName ? -1 : 1));
  const bundles = [client.clientBundle, client.memberBundle, peer.memberBundle].map(({ pem }) => pem);
  return pulumi.all([...bundles, ...sorted.map(({ certPem }) => certPem)]).apply((pems) => checksum(pems.join("")));
}
