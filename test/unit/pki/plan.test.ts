import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { KeyAlgorithm } from "../../../src/args";
import { ProxyUpstream, type EtcdPkiArgs } from "../../../src/pki/args";
import { keyUsages, privateKeyArgs } from "../../../src/pki/keys";
import { planPki } from "../../../src/pki/plan";
import { profiles } from "../../../src/pki/profiles";

const args: EtcdPkiArgs = {
  members: { "etcd-1": { hosts: ["10.0.0.1"] }, "etcd-2": { hosts: ["10.0.0.2"], loopback: false } },
  proxies: { "proxy-1": { hosts: ["10.0.0.9"] }, "proxy-2": { hosts: ["10.0.0.10"] } },
  components: { root: {}, "my-app": { keyAlgorithm: KeyAlgorithm.Rsa2048, hosts: ["localhost"] } },
};

const certificates = (from: EtcdPkiArgs) => planPki("etcd", from).certificates;
const column = (key: "logicalName" | "commonName" | "kind", planned = certificates(args)) =>
  planned.map((row) => row[key]);

describe("the plan", () => {
  it("has two rows a member and a proxy, and one a component", () => {
    assert.deepEqual(column("logicalName"), [
      "etcd-member-etcd-1",
      "etcd-peer-etcd-1",
      "etcd-member-etcd-2",
      "etcd-peer-etcd-2",
      "etcd-proxy-proxy-1",
      "etcd-proxy-proxy-2",
      "etcd-upstream-proxy-1",
      "etcd-upstream-proxy-2",
      "etcd-component-root",
      "etcd-component-my-app",
    ]);
  });

  it("names each certificate after its identity, and no upstream one", () => {
    assert.deepEqual(column("commonName"), [
      ...["etcd-1", "etcd-1", "etcd-2", "etcd-2", "proxy-1", "proxy-2", "", "", "root", "my-app"],
    ]);
  });

  it("has one upstream row for all proxies that share it, and none without a proxy", () => {
    const shared = { ...args, proxyUpstream: ProxyUpstream.Shared };
    const upstreams = (from: EtcdPkiArgs) => certificates(from).filter(({ kind }) => kind === "upstream");
    assert.deepEqual(column("logicalName", upstreams(shared)), ["etcd-upstream"]);
    assert.deepEqual(upstreams({ ...shared, proxies: {} }), []);
  });

  it("adds loopback hosts to servers only, and not where they are switched off", () => {
    const loopback = certificates(args).filter(({ extraHosts }) => extraHosts.includes("127.0.0.1"));
    assert.deepEqual(column("commonName", loopback), ["etcd-1", "etcd-1", "proxy-1", "proxy-2"]);
  });

  it("names an upstream certificate by a serial number that no given subject takes away", () => {
    const upstream = certificates(args).find(({ kind }) => kind === "upstream");
    assert.deepEqual(upstream?.subject, { organization: "etcd", serialNumber: "proxy-1" });
    const own = certificates({ ...args, defaults: { subject: { organization: "Acme" } } });
    const subjects = own.filter(({ kind }) => kind === "upstream").map(({ subject }) => subject);
    assert.deepEqual(subjects, [
      { organization: "Acme", serialNumber: "proxy-1" },
      { organization: "Acme", serialNumber: "proxy-2" },
    ]);
    assert.deepEqual(upstream?.hosts, []);
  });

  it("prefers an identity's own arguments to the defaults, and the defaults to ours", () => {
    const [first, , second] = certificates({
      defaults: { validityPeriodHours: 100, keyAlgorithm: KeyAlgorithm.Ed25519 },
      members: { a: { hosts: ["a"], validityPeriodHours: 50 }, b: { hosts: ["b"], keyAlgorithm: undefined } },
    });
    assert.deepEqual([first?.validityPeriodHours, second?.validityPeriodHours], [50, 100]);
    assert.equal(second?.keyAlgorithm, "ED25519");
  });

  it("leaves every other row as it is when an identity comes or goes", () => {
    const more = { ...args, members: { "etcd-0": { hosts: ["10.0.0.3"] }, ...args.members } };
    const others = certificates(more).filter(({ identity }) => identity !== "etcd-0");
    assert.deepEqual(others, certificates(args));
  });
});

describe("the plan of the authorities", () => {
  const kinds = (more: Partial<EtcdPkiArgs>) => column("kind", certificates({ members: args.members, ...more }));

  it("gives the peers one of their own, whose certificates alone have the peers' host name", () => {
    assert.deepEqual(kinds({}), ["member", "peer", "member", "peer"]);
    const named = certificates(args).filter(({ extraHosts }) => extraHosts.includes("etcd.etcd-peer"));
    assert.deepEqual(column("kind", named), ["peer", "peer"]);
    assert.equal(planPki("etcd", args).isPeerPortOpen, false);
  });

  it("needs that host name only where the release of etcd has no lists", () => {
    const row = (etcdVersion?: string) => certificates({ ...args, etcdVersion }).find(({ kind }) => kind === "peer");
    for (const [etcdVersion, extra, optional] of [
      [undefined, ["etcd.etcd-peer"], []],
      ["3.5.14", ["etcd.etcd-peer"], []],
      ["3.5.15", [], ["etcd.etcd-peer"]],
    ] as const) {
      const { extraHosts, optionalHosts } = row(etcdVersion)!;
      assert.deepEqual(extraHosts, ["localhost", "127.0.0.1", "::1", ...extra]);
      assert.deepEqual(optionalHosts, optional);
    }
  });

  it("shares one where it is asked to, and then members' only certificates have that name", () => {
    const shared = { ...args, sharedAuthority: true };
    assert.deepEqual(kinds({ sharedAuthority: true }), ["member", "member"]);
    const named = certificates(shared).filter(({ extraHosts }) => extraHosts.includes("etcd.etcd-peer"));
    assert.deepEqual(column("kind", named), ["member", "member"]);
    assert.equal(planPki("etcd", shared).isPeerPortOpen, true);
    assert.deepEqual(planPki("etcd", shared).authorities.peer.state, {
      generations: ["client:1"],
      signing: "client:1",
    });
  });

  it("keeps the peer port guarded while it trusts anything that was not made for it alone", () => {
    const leaving = { generations: ["client:1", "1"], signing: "1", crossSignedBy: { "1": "client:1" } };
    const foreign = { generations: ["old"], existing: { old: { certPem: "x", privateKeyPem: "x" } } };
    for (const peerCertificateAuthority of [leaving, foreign])
      assert.equal(planPki("etcd", { ...args, peerCertificateAuthority }).isPeerPortOpen, true);
  });

  it("gives a member's gateway a certificate without a name, and its server certificate no client usage", () => {
    const rows = certificates({ members: args.members, gatewayCertificate: true, etcdVersion: "3.6.1" });
    assert.deepEqual(column("kind", rows).slice(0, 3), ["member", "peer", "gateway"]);
    assert.equal(rows[0]?.usages.includes("client_auth"), false);
    assert.equal(rows[2]?.commonName, "");
  });

  it("gives a component that logs in by password a certificate without a common name", () => {
    const [row] = certificates({ components: { patroni: { login: "password" } } });
    assert.deepEqual([row?.commonName, row?.subject], ["", { organization: "etcd", serialNumber: "patroni" }]);
  });
});

describe("the profiles", () => {
  const usages = Object.fromEntries(Object.entries(profiles).map(([kind, profile]) => [kind, profile.extendedUsages]));

  it("let members serve and connect on both ports, proxies serve, all others connect only", () => {
    assert.deepEqual(usages, {
      member: ["server_auth", "client_auth"],
      peer: ["server_auth", "client_auth"],
      gateway: ["client_auth"],
      proxy: ["server_auth"],
      upstream: ["client_auth"],
      component: ["client_auth"],
    });
  });

  for (const algorithm of Object.values(KeyAlgorithm)) {
    it(`let an ${algorithm} key encipher keys only if it is RSA, and for a server`, () => {
      assert.equal(keyUsages(algorithm, ["server_auth"]).includes("key_encipherment"), algorithm.startsWith("RSA"));
      assert.deepEqual(keyUsages(algorithm, ["client_auth"]), ["digital_signature"]);
      assert.notEqual(privateKeyArgs[algorithm].ecdsaCurve, "P224");
    });
  }
});
