import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, it } from "mocha";
import { prometheus, prometheusRules } from "../../../../src/cli/expiry/prometheus";
import type { Report, Row } from "../../../../src/cli/expiry/report";

// The YAML reader that Pulumi's SDK brings.
const { load } = createRequire(require.resolve("@pulumi/pulumi"))("js-yaml") as { load(text: string): unknown };

const row: Row = {
  cluster: "etcd",
  kind: "component",
  identity: "app",
  commonName: "app",
  serialNumber: "0A",
  fingerprint: "AA:BB",
  signedBy: "etcd-ca-1",
  hosts: [],
  notBefore: "2026-06-20T00:00:00Z",
  notAfter: "2027-06-20T00:00:00Z",
  renewFrom: "2027-06-01T00:00:00Z",
  sources: ['a "b"\\c'],
  daysLeft: 365,
  status: "ok",
};
const report = (certificates: Row[]): Report => ({
  at: "2026-07-01T00:00:00Z",
  certificates,
  disagreements: [],
  unreadable: ["x"],
  strangers: 0,
});
const linesOf = (...rows: Row[]) => prometheus(report(rows)).split("\n");

describe("the textfile for Prometheus", () => {
  it("has a sample for each place, with quotes and backslashes escaped", () => {
    const lines = linesOf(row);
    const labels = String.raw`{cluster="etcd",kind="component",identity="app",signed_by="etcd-ca-1",serial_number="0A",source="a \"b\"\\c"}`;
    assert.ok(lines.includes(`etcd_pki_certificate_not_after_seconds${labels} 1813449600`), lines.join("\n"));
    assert.ok(lines.includes(`etcd_pki_certificate_not_before_seconds${labels} 1781913600`));
    assert.ok(lines.includes(`etcd_pki_certificate_renew_from_seconds${labels} 1811808000`));
    assert.ok(lines.includes("etcd_pki_certificate_disagreements 0"));
    assert.ok(lines.includes("etcd_pki_unreadable_sources 1"));
    assert.ok(lines.includes("etcd_pki_report_seconds 1782864000"));
  });

  it("never has a sample twice, for which node_exporter would drop the file", () => {
    // Old and new certificate of one identity in one file.
    const samples = linesOf(row, { ...row, serialNumber: "0B" }).map((line) => line.replace(/ \d+$/, ""));
    assert.equal(new Set(samples).size, samples.length);
  });

  it("leaves out a window that nobody tells", () => {
    const { renewFrom, ...unknown } = row;
    assert.ok(renewFrom);
    assert.deepEqual(
      linesOf(unknown).filter((line) => /^etcd_pki_certificate_renew_from_seconds/.test(line)),
      [],
    );
  });
});

describe("the alert rules", () => {
  const { groups } = load(prometheusRules) as { groups: { rules: { alert: string; expr: string }[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  const rule = (name: string) => rules.find(({ alert }) => alert === name)?.expr ?? "";

  it("are about metrics that the textfile has", () => {
    const metrics = prometheus(report([row]));
    const names = rules.flatMap(({ expr }) => expr.match(/etcd_pki_\w+/g) ?? []);
    assert.ok(names.length >= rules.length);
    for (const name of names) assert.match(metrics, new RegExp(`^# TYPE ${name} gauge$`, "m"));
  });

  it("tell to run an update for what an update renews, and have one of their own for authorities", () => {
    assert.match(rule("EtcdCertificateDue"), /kind!="authority"/);
    assert.match(rule("EtcdAuthorityEndsSoon"), /kind="authority"/);
  });

  it("notice that the report is not written any more", () => {
    assert.match(rule("EtcdCertificatesNotReported"), /^absent\(etcd_pki_report_seconds\) or /);
  });
});
