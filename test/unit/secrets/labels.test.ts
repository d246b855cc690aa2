import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { bundleAnnotations, keyOfGeneration, labels, leafAnnotations } from "../../../src/secrets/labels";
import { trustedKeys } from "../../../src/secrets/certificates";
import { type Generation, makeGeneration } from "../../support/secrets/authority";

const said = (rows: typeof labels, ...pems: [string, string]) =>
  Object.fromEntries(Object.entries(rows).map(([name, describe]) => [name, describe(...pems)]));

describe("The labels of a Secret", () => {
  let authority: Generation;
  before(async () => void (authority = await makeGeneration("etcd-ca-2")));
  const labelsOf = async (subject: Record<string, string>, uses?: string[]) =>
    said(labels, (await authority.issue(subject, { uses })).certPem, "");

  it("say who signed, by what the certificate says", async () => {
    assert.deepEqual(await labelsOf({ commonName: "my-app" }), {
      identity: "my-app",
      usage: "client",
      issuer: "etcd-ca-2",
      cluster: "etcd",
      "ca-generation": "2",
    });
  });

  it("take the proxy's name from an upstream certificate, which has no common name", async () => {
    const { identity } = await labelsOf({ organization: "etcd", organizationalUnit: "proxy-1" });
    assert.equal(identity, "proxy-1");
  });

  it("fit where the name does not", async () => {
    const { identity } = await labelsOf({ commonName: "system:kube-apiserver" });
    assert.match(identity ?? "", /^system-kube-apiserver-[0-9a-f]{8}$/);
  });

  it("tell a member's certificate from a proxy's", async () => {
    assert.equal((await labelsOf({ commonName: "a" }, ["server_auth", "client_auth"])).usage, "server-client");
    assert.equal((await labelsOf({ commonName: "a" }, ["server_auth"])).usage, "server");
  });

  const issuers: [commonName: string, cluster: string | undefined, generation: string | undefined][] = [
    ["prod-peer-ca-1", "prod", "1"],
    ["a-ca-b-ca-2026", "a", "b-ca-2026"],
    ["etcd-ca", undefined, undefined],
    ["Example Company Issuing CA", undefined, undefined],
  ];
  for (const [commonName, cluster, generation] of issuers) {
    it(`${cluster ? "name" : "do not name"} cluster and generation of an authority called ${commonName}`, async () => {
      const { certPem } = await (await makeGeneration(commonName)).issue({ commonName: "my-app" });
      const { cluster: found, "ca-generation": of } = said(labels, certPem, "");
      assert.deepEqual([found, of], [cluster, generation]);
    });
  }

  it("are none where a program's own unit tests have no certificate", () => {
    assert.ok(Object.values(said(labels, "certPem:my-app", "")).every((label) => !label));
  });
});

describe("The annotations of a Secret", () => {
  it("say what is in the certificate", async () => {
    const { certPem } = await (
      await makeGeneration("etcd-ca-1")
    ).issue({ commonName: "system:app" }, { hosts: ["a.example.com", "b.example.com"] });
    const { "not-before": from, "not-after": until, ...rest } = said(leafAnnotations, certPem, "");
    assert.match(from ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.ok(new Date(until ?? "").getTime() > Date.now(), until);
    assert.deepEqual(
      [rest["common-name"], rest.hosts, rest["issuer-name"]],
      ["system:app", "a.example.com,b.example.com", "CN=etcd-ca-1"],
    );
  });

  it("have one checksum for the certificate and one for the CA bundle", () => {
    const leaf = (pem: string) => said(leafAnnotations, pem, "")["leaf-checksum"];
    const bundle = (pem: string) => said(bundleAnnotations, pem, "")["bundle-checksum"];
    assert.notEqual(leaf("a"), leaf("b"));
    assert.notEqual(bundle("a"), bundle("b"));
  });
});

describe("The key of a generation that is declared to sign", () => {
  it("is found in the bundle by the name that EtcdPki gave it, and nowhere else", async () => {
    const [one, two] = [await makeGeneration("etcd-ca-1"), await makeGeneration("etcd-ca-2")];
    const bundle = one.certPem + two.certPem;
    assert.deepEqual([keyOfGeneration("2", bundle)], trustedKeys(two.certPem));
    assert.equal(keyOfGeneration("3", bundle), undefined);
    assert.equal(keyOfGeneration(undefined, (await makeGeneration("etcd-ca")).certPem), undefined);
  });
});
