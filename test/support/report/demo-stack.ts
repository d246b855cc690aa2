import { logicalName, type CertificateKind } from "../../../src/naming";
import { testAuthority, type TestAuthority } from "../issue-certificates";

/** A certificate of a demonstration: how old it is, and how long it lives in all. */
export interface DemoIdentity {
  kind: CertificateKind;
  name: string;
  hosts?: string[];
  ageDays: number;
  /** Default: 365. */
  lifeDays?: number;
}

/** What a demonstration shows. */
export interface Demo {
  identities: DemoIdentity[];
  /** By role, its permissions as the state has them. */
  roles: Record<string, Record<string, string>>;
  /** By user, its roles. */
  users: Record<string, string[]>;
  passwords?: string[];
  /** Names of components of which there is a Secret. */
  secrets?: string[];
  /** Those of them that hold an old certificate. */
  oldSecrets?: string[];
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * What `pulumi stack export` prints for an `EtcdPki`, an `EtcdRbac` and an `EtcdSecrets`, with real certificates and without
 * any private key: its client authority is between two generations.
 */
export async function demoStack(demo: Demo, now = new Date()): Promise<string> {
  const at = (days: number) => new Date(now.getTime() + days * dayMs);
  const authorities: Record<string, TestAuthority> = {
    "client 1": await testAuthority("etcd-ca-1", at(420), at(-3230)),
    "client 2": await testAuthority("etcd-ca-2", at(3640), at(-10)),
    "peer 1": await testAuthority("etcd-peers-ca-1", at(3200), at(-450)),
  };
  const trust = {
    client: { generations: ["1", "2"], signing: "2", crossSignedBy: { "2": "1" } },
    peer: { generations: ["1"], signing: "1" },
  };
  const pem = (name: string) => (authorities[name] as TestAuthority).certPem;
  const leaves = await Promise.all(
    demo.identities.map(async ({ kind, name, hosts = [], ageDays, lifeDays = 365 }) => {
      const authority = authorities[kind === "peer" ? "peer 1" : "client 2"] as TestAuthority;
      const { certPem } = await authority.issue({
        commonName: name,
        hosts,
        usages: kind === "component" ? ["client"] : ["server", "client"],
        notBefore: at(-ageDays),
        notAfter: at(lifeDays - ageDays),
      });
      return child("tls:index/locallySignedCert:LocallySignedCert", logicalName.certificate("etcd", kind, name), {
        inputs: { earlyRenewalHours: lifeDays === 365 ? 30 * 24 : lifeDays * 8 },
        outputs: { certPem },
      });
    }),
  );
  const bundle = pem("client 1") + pem("client 2");
  const resources = [
    { urn: pki, type: pkiType, outputs: { caBundlePem: bundle, peerCaBundlePem: pem("peer 1") } },
    stash(logicalName.trust("etcd"), trust),
    stash(logicalName.generation("etcd", "client", "1"), pem("client 1")),
    stash(logicalName.generation("etcd", "client", "2"), pem("client 2")),
    stash(logicalName.generation("etcd", "peer", "1"), pem("peer 1")),
    ...leaves,
    usersAndRoles(demo),
    ...(demo.secrets ?? []).map((name) => secretOf(name, demo, at)),
  ];
  return JSON.stringify({ version: 3, deployment: { resources } });
}

const root = "urn:pulumi:prod::infra::";
const pkiType = "etcd-pki:index:EtcdPki";
const pki = `${root}${pkiType}::etcd`;
const child = (type: string, name: string, rest: object, parent = pki) => ({
  ...{ urn: `${parent.slice(0, parent.lastIndexOf("::"))}$${type}::${name}`, type, parent, ...rest },
});
const stash = (name: string, value: unknown) =>
  child("pulumi:index:Stash", name, { inputs: { input: value }, outputs: { input: value, output: value } });

function usersAndRoles({ roles, users, passwords = [] }: Demo) {
  const held = Object.entries(users).map(([user, names]) => [
    user,
    Object.fromEntries(names.map((n) => [n, "granted"])),
  ]);
  const inputs = {
    ...{ users: Object.fromEntries(held), roles, enableAuthentication: true },
    logins: Object.fromEntries(passwords.map((user) => [user, "password"])),
  };
  return child(
    "etcd-pki:index:UsersAndRoles",
    "etcd-users-and-roles",
    { inputs },
    `${root}etcd-pki:index:EtcdRbac::etcd`,
  );
}

function secretOf(name: string, { identities, oldSecrets = [] }: Demo, at: (days: number) => Date) {
  const { ageDays, lifeDays = 365 } = identities.find((each) => each.name === name) as DemoIdentity;
  const end = at(lifeDays - ageDays - (oldSecrets.includes(name) ? 300 : 0));
  const notAfter = end.toISOString().replace(/\.\d+Z$/, "Z");
  const annotations = { "etcd-pki/common-name": name, "etcd-pki/not-after": notAfter };
  const inputs = { metadata: { name: `${name}-etcd`, namespace: "kube-system", annotations } };
  const parent = `${root}etcd-pki:index:EtcdSecrets::etcd`;
  return child("kubernetes:core/v1:Secret", `etcd-secret-${name}`, { inputs }, parent);
}
