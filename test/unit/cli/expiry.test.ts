import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, it } from "mocha";
import { json, prometheus, prometheusRules, table } from "../../../src/cli/expiry/formats";
import { exitCode, reportOn } from "../../../src/cli/expiry/report";
import { type Found, inFile, inSecrets, inStack } from "../../../src/cli/expiry/sources";
import { type LeafOptions, testAuthority } from "../../support/issue-certificates";

// The YAML reader that Pulumi's SDK brings.
const { load } = createRequire(require.resolve("@pulumi/pulumi"))("js-yaml") as { load(text: string): unknown };

const certificateOf = async (leaf: LeafOptions) =>
  (await (await testAuthority("my-ca-etcd-ca-2027")).issue(leaf)).certPem;
const app: LeafOptions = { commonName: "app", hosts: [], usages: ["client"] };

const now = new Date("2027-06-01T00:00:00Z");
const found = (identity: string, notAfter: string, renewFrom: string, more: Partial<Found> = {}): Found => ({
  source: "the stack",
  cluster: "etcd",
  kind: "component",
  identity,
  serialNumber: "01",
  generation: "1",
  hosts: [],
  notAfter,
  renewFrom,
  ...more,
});
const fine = found("fine", "2028-01-01T00:00:00Z", "2027-12-01T00:00:00Z");
const due = found("due", "2027-06-20T00:00:00Z", "2027-06-01T00:00:00Z");
const expired = found("expired", "2027-06-01T00:00:00Z", "2027-05-01T00:00:00Z");
const elsewhere = { ...fine, source: "https://10.0.0.1:2379", serialNumber: "02" };

describe("the expiry report", () => {
  const codes: [string, Found[], string[], number][] = [
    ["all is well", [fine, { ...fine, source: "a.pem" }], [], 0],
    ["a certificate is in its renewal window", [fine, due], [], 1],
    ["a certificate is not the same everywhere", [fine, elsewhere], [], 1],
    ["a certificate has expired", [fine, due, expired], [], 2],
    ["a source could not be read", [fine, expired], ["a.pem could not be read"], 3],
  ];
  for (const [name, rows, unreadable, code] of codes) {
    it(`ends with ${code} where ${name}`, () => assert.equal(exitCode(reportOn(rows, unreadable, now)), code));
  }

  it("shows first what ends first, in a line each with the days left", () => {
    const lines = table(reportOn([fine, expired, due], ["b.pem could not be read"], now)).split("\n");
    assert.match(lines[0] ?? "", /^IDENTITY +KIND +STATUS +DAYS LEFT +NOT AFTER/);
    assert.match(lines[1] ?? "", /^expired +component +expired +0 /);
    assert.match(
      lines[2] ?? "",
      /^due +component +due +19 +2027-06-20T00:00:00Z +2027-06-01T00:00:00Z +1 +01 +the stack/,
    );
    assert.match(lines[3] ?? "", /^fine +component +ok +214 /);
    assert.equal(lines[4], "! b.pem could not be read");
  });

  it("says where stack and live member disagree, and only about one identity of one cluster", () => {
    const others = [
      { ...elsewhere, cluster: "events" },
      { ...elsewhere, kind: "upstream" as const },
    ];
    assert.deepEqual(reportOn([fine, ...others], [], now).disagreements, []);
    assert.deepEqual(reportOn([fine, elsewhere], [], now).disagreements, [
      'component "fine" is not the same everywhere: the stack has 01 (until 2028-01-01T00:00:00Z), ' +
        "https://10.0.0.1:2379 has 02 (until 2028-01-01T00:00:00Z)",
    ]);
  });

  it("is the same as JSON", () => {
    const report = reportOn([fine, elsewhere], ["x"], now);
    assert.deepEqual(JSON.parse(json(report)), report);
  });

  it("is a textfile for Prometheus, with quotes and backslashes escaped", () => {
    const lines = prometheus(reportOn([{ ...due, source: 'a "b"\\c' }], ["x"], now)).split("\n");
    const labels = String.raw`{cluster="etcd",kind="component",identity="due",generation="1",source="a \"b\"\\c"}`;
    assert.ok(lines.includes(`etcd_pki_certificate_not_after_seconds${labels} 1813449600`), lines.join("\n"));
    assert.ok(lines.includes(`etcd_pki_certificate_renew_from_seconds${labels} 1811808000`));
    assert.ok(lines.includes("etcd_pki_certificate_disagreements 0"));
    assert.ok(lines.includes("etcd_pki_unreadable_sources 1"));
  });

  it("has alert rules on metrics that the textfile has", () => {
    const metrics = prometheus(reportOn([due], [], now));
    const { groups } = load(prometheusRules) as { groups: { rules: { alert: string; expr: string }[] }[] };
    const expressions = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
    assert.equal(expressions.length, 3);
    for (const name of expressions.flatMap((expression) => expression.match(/etcd_pki_\w+/g) ?? []))
      assert.match(metrics, new RegExp(`^# TYPE ${name} gauge$`, "m"));
  });
});

describe("a certificate in the report", () => {
  it("says itself what it is, whatever holds it", async () => {
    const leaves: LeafOptions[] = [
      { commonName: "etcd-1", hosts: ["10.0.0.1"], usages: ["server", "client"] },
      { commonName: "proxy-1", hosts: ["p"], usages: ["server"] },
      { commonName: "", hosts: [], usages: ["client"] },
      app,
    ];
    const pems = await Promise.all(leaves.map(certificateOf));
    const rows = inFile("bundle.pem", pems.join("and a key, which is passed over\n"));
    assert.deepEqual(
      rows.map(({ kind, identity, cluster, generation, hosts }) => [kind, identity, cluster, generation, hosts]),
      [
        ["member", "etcd-1", "my-ca-etcd", "2027", ["10.0.0.1"]],
        ["proxy", "proxy-1", "my-ca-etcd", "2027", ["p"]],
        ["upstream", "", "my-ca-etcd", "2027", []],
        ["component", "app", "my-ca-etcd", "2027", []],
      ],
    );
  });

  it("is found in a Secret's data, and among the resources of a stack that belong to an EtcdPki", async () => {
    const certPem = await certificateOf(app);
    const secret = {
      metadata: { namespace: "calico", name: "etcd" },
      data: { "tls.crt": Buffer.from(certPem).toString("base64"), other: "aGk=" },
    };
    for (const answer of [secret, { items: [secret] }])
      assert.deepEqual(
        inSecrets(JSON.stringify(answer)).map(({ source, identity }) => [source, identity]),
        [["secret calico/etcd tls.crt", "app"]],
      );
    const parent = "urn:pulumi:dev::p::my:Cluster$etcd-pki:index:EtcdPki::etcd";
    const resource = {
      type: "tls:index/locallySignedCert:LocallySignedCert",
      parent,
      inputs: { earlyRenewalHours: 5 },
      outputs: { certPem },
    };
    const resources = [
      resource,
      { ...resource, parent: "urn:pulumi:dev::p::pulumi:pulumi:Stack::p" },
      { ...resource, delete: true },
      { type: "pulumi:pulumi:Stack" },
    ];
    const [row, ...more] = inStack("the stack", JSON.stringify({ version: 3, deployment: { resources } }));
    assert.deepEqual(more, []);
    const named = { resources: [{ ...resource, parent: parent.replace(/etcd$/, "my") }] };
    const [own] = inStack("the stack", JSON.stringify({ deployment: named }));
    assert.deepEqual([row?.cluster, row?.generation], ["my-ca-etcd", "2027"], "by the certificate alone");
    assert.deepEqual([own?.cluster, own?.generation], ["my", "etcd-ca-2027"], "by the name of its EtcdPki");
    assert.equal(Date.parse(row?.notAfter ?? "") - Date.parse(row?.renewFrom ?? ""), 5 * 3600 * 1000);
  });
});
