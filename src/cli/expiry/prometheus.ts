import type { Format } from "./formats";
import type { Row } from "./report";

interface Metric {
  name: string;
  help: string;
  samples: string[];
}

const textOf = ({ name, help, samples }: Metric) =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...samples.map((sample) => `${name}${sample}`)].join("\n");

const escaped = (value: string) => value.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n");

// The serial number, since one source may hold two certificates of one identity: node_exporter drops a whole file in which
// a sample stands twice.
const labels = ({ cluster, kind, identity, signedBy, serialNumber }: Row, source: string) =>
  Object.entries({ cluster, kind, identity, signed_by: signedBy, serial_number: serialNumber, source })
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");

const seconds = (time: string) => Date.parse(time) / 1000;

const times = (rows: Row[], time: (row: Row) => string | undefined) =>
  [
    ...new Set(
      rows.flatMap((row) => {
        const at = time(row);
        return at === undefined ? [] : row.sources.map((source) => `{${labels(row, source)}} ${seconds(at)}`);
      }),
    ),
  ].sort();

/** For node_exporter's textfile collector. */
export const prometheus: Format = ({ at, certificates, disagreements, unreadable }) =>
  [
    {
      name: "etcd_pki_certificate_not_before_seconds",
      help: "When the certificate begins to be valid, in seconds since 1970.",
      samples: times(certificates, ({ notBefore }) => notBefore),
    },
    {
      name: "etcd_pki_certificate_not_after_seconds",
      help: "When the certificate ends, in seconds since 1970.",
      samples: times(certificates, ({ notAfter }) => notAfter),
    },
    {
      name: "etcd_pki_certificate_renew_from_seconds",
      help: "When its renewal window opens, in seconds since 1970; only of certificates that a stack holds.",
      samples: times(certificates, ({ renewFrom }) => renewFrom),
    },
    {
      name: "etcd_pki_certificate_disagreements",
      help: "Identities whose certificate is not the same everywhere.",
      samples: [` ${disagreements.length}`],
    },
    {
      name: "etcd_pki_unreadable_sources",
      help: "Sources, or parts of one, that could not be read.",
      samples: [` ${unreadable.length}`],
    },
    {
      name: "etcd_pki_report_seconds",
      help: "When this was written, in seconds since 1970.",
      samples: [` ${seconds(at)}`],
    },
  ]
    .map(textOf)
    .join("\n");

interface Alert {
  name: string;
  expression: string;
  severity: "warning" | "critical";
  summary: string;
}

const subject = "{{ $labels.kind }} {{ $labels.identity }} ({{ $labels.source }})";
const [notBefore, notAfter] = ["etcd_pki_certificate_not_before_seconds", "etcd_pki_certificate_not_after_seconds"];

const alerts: Alert[] = [
  {
    name: "EtcdCertificateDue",
    expression: 'etcd_pki_certificate_renew_from_seconds{kind!="authority"} < time()',
    severity: "warning",
    summary: `${subject} is in its renewal window: run pulumi up`,
  },
  {
    name: "EtcdCertificateEndsSoon",
    // A week, or the last twentieth of a shorter life.
    expression: `${notAfter}{kind!="authority"} - time() < clamp_max((${notAfter} - ${notBefore}) / 20, 7 * 86400)`,
    severity: "critical",
    summary: `${subject} ends soon or has ended`,
  },
  {
    name: "EtcdCertificateNotYetValid",
    expression: `${notBefore} > time()`,
    severity: "critical",
    summary: `${subject} is not valid yet: is a clock wrong?`,
  },
  {
    name: "EtcdAuthorityEndsSoon",
    expression: `${notAfter}{kind="authority"} - time() < (${notAfter} - ${notBefore}) / 10`,
    severity: "warning",
    summary: `${subject} is in the last tenth of its life and never renews by itself: begin a new generation`,
  },
  {
    name: "EtcdCertificatesDisagree",
    expression: "etcd_pki_certificate_disagreements > 0",
    severity: "warning",
    summary: "stack, files and live members do not show the same certificates",
  },
  {
    name: "EtcdCertificatesUnreadable",
    expression: "etcd_pki_unreadable_sources > 0",
    severity: "warning",
    summary: "a source of certificates cannot be read",
  },
  {
    name: "EtcdCertificatesNotReported",
    expression: "absent(etcd_pki_report_seconds) or time() - etcd_pki_report_seconds > 2 * 86400",
    severity: "warning",
    summary: "etcd-pki expiry has not written its report for two days: nobody watches the certificates",
  },
];

const ruleOf = ({ name, expression, severity, summary }: Alert) => `      - alert: ${name}
        expr: ${expression}
        for: 1h
        labels: { severity: ${severity} }
        annotations:
          summary: '${summary}'`;

/** Prometheus alerts on the metrics above. */
export const prometheusRules = ["groups:", "  - name: etcd-pki", "    rules:", ...alerts.map(ruleOf)].join("\n");
