import type { Column } from "../print";
import { json as jsonOf, table as tableOf } from "../print";
import type { Report, Row } from "./report";

/** A report as text, by the name of its form. */
export type Format = (report: Report) => string;

const columns: Column<Row>[] = [
  ["IDENTITY", ({ identity }) => identity],
  ["KIND", ({ kind }) => kind],
  ["STATUS", ({ status }) => status],
  ["DAYS LEFT", ({ daysLeft }) => String(daysLeft)],
  ["NOT AFTER", ({ notAfter }) => notAfter],
  ["RENEW FROM", ({ renewFrom }) => renewFrom],
  ["GENERATION", ({ generation }) => generation],
  ["SERIAL", ({ serialNumber }) => serialNumber],
  ["SOURCE", ({ source }) => source],
  ["HOSTS", ({ hosts }) => hosts.join(",")],
];

/** For people. */
export const table: Format = ({ certificates, disagreements, unreadable }) =>
  [tableOf(columns, certificates), ...[...disagreements, ...unreadable].map((sentence) => `! ${sentence}`)].join("\n");

/** For programs. */
export const json: Format = (report) => jsonOf(report);

const metric = (name: string, help: string, samples: string[]) =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...samples.map((sample) => `${name}${sample}`)].join("\n");

const labels = ({ cluster, kind, identity, generation, source }: Row) =>
  Object.entries({ cluster, kind, identity, generation, source })
    .map(([name, value]) => `${name}="${value.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n")}"`)
    .join(",");

const times = (rows: Row[], time: (row: Row) => string) =>
  [...new Set(rows.map((row) => `{${labels(row)}} ${Date.parse(time(row)) / 1000}`))].sort();

/** For node_exporter's textfile collector. */
export const prometheus: Format = ({ certificates, disagreements, unreadable }) =>
  [
    metric(
      "etcd_pki_certificate_not_after_seconds",
      "When the certificate ends, in seconds since 1970.",
      times(certificates, ({ notAfter }) => notAfter),
    ),
    metric(
      "etcd_pki_certificate_renew_from_seconds",
      "When its renewal window opens, in seconds since 1970.",
      times(certificates, ({ renewFrom }) => renewFrom),
    ),
    metric("etcd_pki_certificate_disagreements", "Identities whose certificate is not the same everywhere.", [
      ` ${disagreements.length}`,
    ]),
    metric("etcd_pki_unreadable_sources", "Sources that could not be read.", [` ${unreadable.length}`]),
  ].join("\n");

const alert = (name: string, expression: string, severity: string, summary: string) => `      - alert: ${name}
        expr: ${expression}
        for: 1h
        labels: { severity: ${severity} }
        annotations:
          summary: ${summary}`;

const about = "'{{ $labels.kind }} {{ $labels.identity }} of {{ $labels.cluster }} ({{ $labels.source }})";

/** Prometheus alerts on the metrics above. */
export const prometheusRules = [
  "groups:",
  "  - name: etcd-pki",
  "    rules:",
  alert(
    "EtcdCertificateDue",
    "etcd_pki_certificate_renew_from_seconds < time()",
    "warning",
    `${about} is in its renewal window: run pulumi up'`,
  ),
  alert(
    "EtcdCertificateEndsSoon",
    "etcd_pki_certificate_not_after_seconds - time() < 7 * 86400",
    "critical",
    `${about} ends within a week'`,
  ),
  alert(
    "EtcdCertificateDisagrees",
    "etcd_pki_certificate_disagreements > 0 or etcd_pki_unreadable_sources > 0",
    "warning",
    "'stack, files and live members do not show the same certificates, or one of them cannot be read'",
  ),
].join("\n");
