import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, it } from "mocha";
import { clusterOf } from "../../../../src/cli/files/identities";
import { pkisIn } from "../../../../src/cli/files/stack";
import { type Declared, type Generations, stackOf } from "../../../support/stack-export";

const commonNames = (pem: string) =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [])
    .map((each) => new X509Certificate(each))
    .map(({ subject, issuer }) => [subject, issuer].map((name) => name.replace("CN=", "")))
    .map(([subject, issuer]) => (subject === issuer ? subject : `${subject} by ${issuer}`));

const identities = { members: { "etcd-1": ["10.0.0.1", "localhost"] }, components: ["my-app"] };

const read = async (declared: Omit<Declared, "members" | "components">) => {
  const [pki] = pkisIn(await stackOf()({ ...identities, ...declared }));
  const cluster = clusterOf(pki!);
  const [member, component] = cluster.identities;
  return { cluster, member: member!.certificates, component: component!.certificates };
};

const peer: Generations = { generations: ["1"], signing: "1" };
const crossSigned = { crossSignedBy: { "2": "1" } };

// Stage, generations, then: the members' bundle, the clients' bundle, what a leaf file has.
const stages: [string, Generations, string[], string[], string[]][] = [
  ["at the start", { generations: ["1"], signing: "1" }, ["1"], ["1"], ["by 1"]],
  ["in the staged way, trusted", { generations: ["1", "2"], signing: "1" }, ["1", "2"], ["1", "2"], ["by 1"]],
  ["in the staged way, signing", { generations: ["1", "2"], signing: "2" }, ["1", "2"], ["1", "2"], ["by 2"]],
  ["in the staged way, distrusted", { generations: ["2"], signing: "2" }, ["2"], ["2"], ["by 2"]],
  [
    "cross-signed, signing",
    { generations: ["1", "2"], signing: "2", ...crossSigned },
    ["1"],
    ["1", "2"],
    ["by 2", "2 by 1"],
  ],
  [
    "cross-signed, distrusted",
    { generations: ["2"], signing: "2", distrusted: ["1"], ...crossSigned },
    ["2"],
    ["2"],
    ["by 2", "2 by 1"],
  ],
  ["cross-signed, retired", { generations: ["2"], signing: "2" }, ["2"], ["2"], ["by 2"]],
];

describe("What machines get from a stack", () => {
  for (const [stage, client, members, clients, leaf] of stages) {
    const ca = (generation: string) => `etcd-ca-${generation}`;
    const chain = (name: string) =>
      leaf.map((each) => (each.startsWith("by") ? `${name} by ${ca(each.slice(3))}` : "etcd-ca-2 by etcd-ca-1"));

    it(`has both bundles and the right leaf files ${stage}`, async () => {
      const { member, component } = await read({ client, peer });
      assert.deepEqual(commonNames(member.member!.caBundlePem), members.map(ca));
      assert.deepEqual(commonNames(component.component!.caBundlePem), clients.map(ca));
      assert.deepEqual(commonNames(member.member!.certPem), chain("etcd-1"));
      assert.deepEqual(commonNames(component.component!.certPem), chain("my-app"));
      assert.deepEqual(commonNames(member.peer!.caBundlePem), ["etcd-peers-ca-1"]);
      assert.deepEqual(commonNames(member.peer!.certPem), ["etcd-1 by etcd-peers-ca-1"]);
    });
  }

  it("has the member's own pair for its peers where both have one authority", async () => {
    const { cluster, member } = await read({ client: peer });
    assert.equal(cluster.sharedAuthority, true);
    assert.deepEqual(member.peer, member.member);
  });

  it("counts as one authority as long as peers trust the clients' one", async () => {
    const moving = { generations: ["client:1", "1"], signing: "1" };
    const { cluster, member } = await read({ client: peer, peer: moving });
    assert.equal(cluster.sharedAuthority, true);
    assert.deepEqual(commonNames(member.peer!.caBundlePem), ["etcd-peers-ca-1", "etcd-ca-1"]);
    assert.deepEqual(commonNames(member.peer!.certPem), ["etcd-1 by etcd-peers-ca-1"]);
  });

  it("has keys, the same in PKCS#8, and certificate and key in one", async () => {
    const { component } = await read({ client: peer, peer });
    const { certPem, privateKeyPem, privateKeyPkcs8Pem, combinedPem } = component.component!;
    assert.equal(new X509Certificate(certPem).subject, "CN=my-app");
    assert.match(privateKeyPkcs8Pem!, /BEGIN PRIVATE KEY/);
    assert.equal(combinedPem, `${certPem}${privateKeyPem}`);
  });

  it("has no key of an identity that brought its request", async () => {
    const exported = JSON.parse(await stackOf()({ ...identities, client: peer, peer }));
    const resources = exported.deployment.resources.filter(
      ({ urn }: { urn: string }) => !urn.endsWith("PrivateKey::etcd-component-my-app"),
    );
    const [pki] = pkisIn(JSON.stringify({ deployment: { resources } }));
    const { component } = clusterOf(pki!).identities[1]!.certificates;
    assert.equal(component!.privateKeyPem, undefined);
    assert.equal(component!.combinedPem, undefined);
  });

  it("refuses a stack whose secrets are encrypted, and says how to export it", async () => {
    const encrypted = (await stackOf()({ ...identities, client: peer, peer })).replaceAll(
      '"plaintext"',
      '"ciphertext"',
    );
    assert.throws(() => pkisIn(encrypted), /encrypted.*pulumi stack export --show-secrets/);
  });

  it("leaves out what waits for its deletion", async () => {
    const exported = JSON.parse(await stackOf()({ ...identities, client: peer, peer }));
    for (const resource of exported.deployment.resources) resource.delete = true;
    assert.deepEqual(pkisIn(JSON.stringify(exported)), []);
  });
});
