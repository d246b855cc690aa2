import * as pulumi from "@pulumi/pulumi";
import type { EtcdPkiArgs } from "./args";
import { problemsIn, warningsIn } from "./arguments";
import type { CertificateKind } from "../naming";
import { signingGeneration } from "./certificate-authority";
import type { MadeLater } from "./make";
import { makePki } from "./make";
import type { IssuedCertificate } from "./outputs";
import { certificateOutputs, eventually } from "./outputs";
import type { CertificatePlan } from "./plan";
import { planCertificates, upstreamIdentity } from "./plan";
import { checksum } from "../x509";
import { pkiSubject, refuse, warn } from "../refuse";

/** A grpc-proxy's two certificates: the one it listens with, and the one for its connections to the members. */
export interface ProxyCertificates extends IssuedCertificate {
  /** For `etcd grpc-proxy start --cert --key`: no common name, since grpc-proxy refuses any other. */
  upstream: IssuedCertificate;
}

/**
 * The certificate authority, private keys and certificates of one etcd cluster: a certificate for each member, two for
 * each proxy, and one for each component that uses etcd, whose common name is its etcd user name.
 *
 * Refuses bad arguments, all at once and in words, before any resource exists.
 */
export class EtcdPki extends pulumi.ComponentResource {
  /** The certificates of all trusted generations of the authority's, PEM: etcd's `--trusted-ca-file`. */
  public readonly caBundlePem: pulumi.Output<string>;
  /** By member name: for `--cert-file --key-file` and `--peer-cert-file --peer-key-file`. */
  public readonly members: Record<string, IssuedCertificate>;
  /** By proxy name. */
  public readonly proxies: Record<string, ProxyCertificates>;
  /** By component name: what each client of etcd logs in with. */
  public readonly components: Record<string, IssuedCertificate>;
  /** SHA-256 of `caBundlePem`, hexadecimal: whatever reads the CA bundle must restart when it changes, and only then. */
  public readonly bundleChecksum: pulumi.Output<string>;
  /** SHA-256 of the CA bundle and all certificates, hexadecimal: changes when anything does. */
  public readonly checksum: pulumi.Output<string>;

  constructor(name: string, args: EtcdPkiArgs, opts?: pulumi.ComponentResourceOptions) {
    const subject = pkiSubject(name);
    refuse(subject, problemsIn(name, args));
    // No inputs: the engine would record them, and what a caller passes may be a secret.
    super("etcd-pki:index:EtcdPki", name, {}, opts);
    warn(subject, warningsIn(args), this);

    const made = makePki(name, args, planCertificates(name, args), this);
    children.set(this, made.done);

    this.caBundlePem = eventually(made.authority, ({ bundlePem }) => bundlePem);
    this.bundleChecksum = eventually(made.authority, ({ bundleChecksum }) => bundleChecksum);
    const issued = issuedCertificates(args, made, this);
    this.members = byIdentity(issued, "member");
    this.proxies = proxyCertificates(args, issued);
    this.components = byIdentity(issued, "component");
    this.checksum = checksumOf(made);
  }

  /** The children come after the constructor: whoever depends on this waits for them. */
  protected override async initialize(): Promise<void> {
    // `super` calls this, before the constructor goes on.
    await Promise.resolve();
    await children.get(this);
  }
}

// No property, since each is an output in Pulumi's other languages.
const children = new WeakMap<EtcdPki, Promise<void>>();

/** A row of the plan, and its outputs. */
interface Issued {
  plan: CertificatePlan;
  certificate: IssuedCertificate;
}

function issuedCertificates(
  args: EtcdPkiArgs,
  { issued }: MadeLater,
  bundle: Pick<EtcdPki, "caBundlePem" | "bundleChecksum">,
): Issued[] {
  const generation = signingGeneration(args.certificateAuthority ?? {});
  return issued.map(({ plan, issue }) => ({
    plan,
    certificate: certificateOutputs(plan, issue, generation, bundle),
  }));
}

// In an order of its own: that of the arguments moves nothing. One output, not one more for each certificate.
function checksumOf({ authority, issued }: MadeLater) {
  const sorted = [...issued].sort((a, b) => (a.plan.logicalName < b.plan.logicalName ? -1 : 1));
  const all = Promise.all([authority, ...sorted.map(({ issue }) => issue)]);
  const texts = eventually(all, ([{ bundlePem }, ...issues]) =>
    pulumi.all([bundlePem, ...issues.map(({ certPem }) => certPem)]),
  );
  return texts.apply((pems) => checksum(pems.join("")));
}

const byIdentity = (issued: Issued[], kind: CertificateKind): Record<string, IssuedCertificate> =>
  Object.fromEntries(
    issued.filter(({ plan }) => plan.kind === kind).map(({ plan, certificate }) => [plan.identity, certificate]),
  );

function proxyCertificates(args: EtcdPkiArgs, issued: Issued[]): Record<string, ProxyCertificates> {
  const upstreams = byIdentity(issued, "upstream");
  return Object.fromEntries(
    Object.entries(byIdentity(issued, "proxy")).map(([name, certificate]) => [
      name,
      { ...certificate, upstream: upstreams[upstreamIdentity(args, name)] as IssuedCertificate },
    ]),
  );
}
