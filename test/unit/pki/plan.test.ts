import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { KeyAlgorithm } from "../../../src/args";
import { ProxyUpstream, type EtcdPkiArgs } from "../../../src/pki/args";
import { keyUsages, privateKeyArgs } from "../../../src/pki/keys";
import { planCertificates } from "../../../src/pki/plan";
import { profiles } from "../../../src/pki/profiles";

const args: EtcdPkiArgs = {
  members: { "etcd-1": { hosts: ["10.0.0.1"] }, "etcd-2": { hosts: ["10.0.0.2"], loopback: false } },
  proxies: { "proxy-1": { hosts: ["10.0.0.9"] }, "proxy-2": { hosts: ["10.0.0.10"] } },
  components: { root: {}, "my-app": { keyAlgorithm: KeyAlgorithm.Rsa2048, hosts: ["localhost"] } },
};

const column = (key: "logicalName" | "commonName" | "kind", planned = planCertificates("etcd", args)) =>
  planned.map((row) => row[key]);

describe("the plan", () => {
  it("has one row a member and component, and two a proxy", () => {
    assert.deepEqual(column("logicalName"), [
      "etcd-member-etcd-1",
      "etcd-member-etcd-2",
      "etcd-proxy-proxy-1",
      "etcd-proxy-proxy-2",
      "etcd-upstream-proxy-1",
      "etcd-upstream-proxy-2",
      "etcd-component-root",
      "etcd-component-my-app",
    ]);
  });

  it("names each certificate after its identity, and no upstream one", () => {
    assert.deepEqual(column("commonName"), ["etcd-1", "etcd-2", "proxy-1", "proxy-2", "", "", "root", "my-app"]);
  });

  it("has one upstream row for all proxies that share it, and none without a proxy", () => {
    const shared = { ...args, proxyUpstream: ProxyUpstream.Shared };
    const upstreams = (from: EtcdPkiArgs) => planCertificates("etcd", from).filter(({ kind }) => kind === "upstream");
    assert.deepEqual(column("logicalName", upstreams(shared)), ["etcd-upstream"]);
    assert.deepEqual(upstreams({ ...shared, proxies: {} }), []);
  });

  it("adds loopback hosts to servers only, and not where they are switched off", () => {
    const loopback = planCertificates("etcd", args).filter(({ extraHosts }) => extraHosts.includes("127.0.0.1"));
    assert.deepEqual(column("commonName", loopback), ["etcd-1", "proxy-1", "proxy-2"]);
  });

  it("names an upstream certificate by organization, since a subject must not be empty", () => {
    const upstream = planCertificates("etcd", args).find(({ kind }) => kind === "upstream");
    assert.deepEqual(upstream?.subject, { organization: "etcd", organizationalUnit: "proxy-1" });
    assert.deepEqual(upstream?.hosts, []);
  });

  it("prefers an identity's own arguments to the defaults, and the defaults to ours", () => {
    const [first, second] = planCertificates("etcd", {
      defaults: { validityPeriodHours: 100, keyAlgorithm: KeyAlgorithm.Ed25519 },
      members: { a: { hosts: ["a"], validityPeriodHours: 50 }, b: { hosts: ["b"], keyAlgorithm: undefined } },
    });
    assert.deepEqual([first?.validityPeriodHours, second?.validityPeriodHours], [50, 100]);
    assert.equal(second?.keyAlgorithm, "ED25519");
  });

  it("leaves every other row as it is when an identity comes or goes", () => {
    const more = { ...args, members: { "etcd-0": { hosts: ["10.0.0.3"] }, ...args.members } };
    const others = planCertificates("etcd", more).filter(({ identity }) => identity !== "etcd-0");
    assert.deepEqual(others, planCertificates("etcd", args));
  });
});

describe("the profiles", () => {
  const usages = Object.fromEntries(Object.entries(profiles).map(([kind, profile]) => [kind, profile.extendedUsages]));

  it("let members serve and connect, proxies serve, all others connect only", () => {
    assert.deepEqual(usages, {
      member: ["server_auth", "client_auth"],
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
