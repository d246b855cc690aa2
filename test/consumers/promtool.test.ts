import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { prometheus, prometheusRules } from "../../src/cli/expiry/prometheus";
import { reportOn } from "../../src/cli/expiry/report";
import { inStack } from "../../src/cli/expiry/stack";
import { join as joinFound } from "../../src/cli/expiry/facts";
import { demoStack } from "../support/report/demo-stack";
import { small } from "../support/report/demos";
import { skip } from "../support/skip";

const day = 86_400;
const certificate = {
  kind: "component",
  identity: "my-app",
  source: "the stack",
  cluster: "etcd",
  signed_by: "etcd-ca-1",
  serial_number: "0A",
};
const authority = { ...certificate, kind: "authority", identity: "etcd-ca-1" };
type Labels = Record<string, string>;
const seriesOf = (name: string, labels: Labels) =>
  `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(",")}}`;

/** Samples by metric, in days since 1970; the rules are judged on the tenth day. */
interface Case {
  title: string;
  alert: string;
  labels: Labels;
  days: Record<string, number>;
  /** The severity with which it fires; nothing if it must not. */
  severity?: "warning" | "critical";
}

const life = (notBefore: number, notAfter: number) => ({
  etcd_pki_certificate_not_before_seconds: notBefore,
  etcd_pki_certificate_not_after_seconds: notAfter,
});
const window = (renewFrom: number) => ({ etcd_pki_certificate_renew_from_seconds: renewFrom });

const cases: Case[] = [
  { title: "in its window", alert: "EtcdCertificateDue", labels: certificate, days: window(9), severity: "warning" },
  { title: "before its window", alert: "EtcdCertificateDue", labels: certificate, days: window(11) },
  { title: "an authority, which does not renew", alert: "EtcdCertificateDue", labels: authority, days: window(9) },
  ...[
    { title: "in its last week", days: life(-300, 16), severity: "critical" as const },
    { title: "before its last week", days: life(-300, 18) },
    { title: "in the last twentieth of a short life", days: life(0, 10.4), severity: "critical" as const },
    { title: "before the last twentieth of a short life", days: life(0, 11) },
    { title: "after its end", days: life(-300, 9), severity: "critical" as const },
  ].map((each) => ({ alert: "EtcdCertificateEndsSoon", labels: certificate, ...each })),
  {
    title: "before its life",
    alert: "EtcdCertificateNotYetValid",
    labels: certificate,
    days: life(11, 300),
    severity: "critical",
  },
  { title: "in its life", alert: "EtcdCertificateNotYetValid", labels: certificate, days: life(9, 300) },
  {
    title: "in the last tenth of its life",
    alert: "EtcdAuthorityEndsSoon",
    labels: authority,
    days: life(-90, 20),
    severity: "warning",
  },
  { title: "before the last tenth", alert: "EtcdAuthorityEndsSoon", labels: authority, days: life(-90, 30) },
  { title: "no authority", alert: "EtcdAuthorityEndsSoon", labels: certificate, days: life(-90, 20) },
  ...(
    [
      ["EtcdCertificatesDisagree", "etcd_pki_certificate_disagreements"],
      ["EtcdCertificatesUnreadable", "etcd_pki_unreadable_sources"],
    ] as const
  ).flatMap(([alert, metric]): Case[] => [
    { title: "one", alert, labels: {}, days: { [metric]: 1 / day }, severity: "warning" },
    { title: "none", alert, labels: {}, days: { [metric]: 0 } },
  ]),
  ...(
    [
      ["a report of three days ago", { etcd_pki_report_seconds: 7 }, "warning"],
      ["a report of yesterday", { etcd_pki_report_seconds: 9 }, undefined],
      ["no report at all", {}, "warning"],
    ] as const
  ).map(([title, days, severity]): Case => {
    const fires = severity && { severity };
    return { title, alert: "EtcdCertificatesNotReported", labels: {}, days: { ...days }, ...fires };
  }),
];

// Promtool's own form (prometheus.io/docs, "Unit testing for rules"); JSON is YAML.
const testOf = ({ title, alert, labels, days, severity }: Case) => ({
  name: `${alert}: ${title}`,
  interval: "1h",
  input_series: Object.entries(days).map(([metric, at]) => ({
    series: seriesOf(metric, labels),
    values: `${Math.round(at * day)}+0x240`,
  })),
  alert_rule_test: [
    {
      eval_time: "10d",
      alertname: alert,
      exp_alerts: severity
        ? [{ exp_labels: { ...labels, severity }, exp_annotations: { summary: summaryOf(alert, labels) } }]
        : [],
    },
  ],
});

// What the rule says, with the labels that Prometheus puts in.
function summaryOf(alert: string, labels: Labels): string {
  const [, summary = ""] = new RegExp(`alert: ${alert}\\n[^]*?summary: '(.*)'`).exec(prometheusRules) ?? [];
  return summary.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? "");
}

describe("the rules and metrics of etcd-pki expiry, by promtool", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), "promtool-"));
  before(function () {
    if (spawnSync("promtool", ["--version"]).status !== 0) skip(this, "there is no promtool; it comes with Prometheus");
    writeFileSync(join(directory, "rules.yaml"), prometheusRules);
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const promtool = (args: string[], input = "") => {
    const { status, stdout, stderr } = spawnSync("promtool", args, { cwd: directory, input, encoding: "utf8" });
    return { status, said: stdout + stderr };
  };

  it("reads all rules", () => {
    const { status, said } = promtool(["check", "rules", "rules.yaml"]);
    assert.equal(status, 0, said);
    assert.match(said, /SUCCESS: 7 rules found/);
  });

  it("has nothing to say against the metrics", async () => {
    const { joined } = joinFound(inStack("the stack", await demoStack(small)).found, false);
    const { status, said } = promtool(["check", "metrics"], `${prometheus(reportOn(joined, [], 0, new Date()))}\n`);
    assert.deepEqual([status, said], [0, ""]);
  });

  it("has a case in which each rule fires, and one in which it does not", () => {
    const names = [...prometheusRules.matchAll(/alert: (\w+)/g)].map(([, name]) => name);
    for (const name of names)
      for (const fires of [true, false])
        assert.ok(
          cases.some(({ alert, severity }) => alert === name && (severity !== undefined) === fires),
          `${name} ${fires}`,
        );
  });

  for (const one of cases)
    it(`${one.alert} ${one.severity ? "fires" : "does not fire"}: ${one.title}`, () => {
      const tests = { rule_files: ["rules.yaml"], evaluation_interval: "1h", tests: [testOf(one)] };
      writeFileSync(join(directory, "tests.yaml"), JSON.stringify(tests));
      const { status, said } = promtool(["test", "rules", "tests.yaml"]);
      assert.equal(status, 0, said);
      assert.match(said, /SUCCESS/);
    });
});
