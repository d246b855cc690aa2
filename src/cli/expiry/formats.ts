import type { Column } from "../print";
import { json as jsonOf, printable, table as tableOf } from "../print";
import type { Report, Row } from "./report";

/** A report as text, by the name of its form. */
export type Format = (report: Report) => string;

const columns: Column<Row>[] = [
  ["IDENTITY", ({ identity }) => identity],
  ["KIND", ({ kind }) => kind],
  ["STATUS", ({ status }) => status],
  ["DAYS LEFT", ({ daysLeft }) => String(daysLeft)],
  ["NOT AFTER", ({ notAfter }) => notAfter],
  ["RENEW FROM", ({ kind, renewFrom }) => (kind === "authority" ? "never" : (renewFrom ?? "unknown"))],
  ["SIGNED BY", ({ signedBy }) => signedBy],
  ["SERIAL", ({ serialNumber }) => serialNumber],
  ["FOUND IN", ({ sources }) => sourcesOf(sources)],
  ["HOSTS", ({ hosts }) => hosts.join(",")],
];

const sourcesShown = 3;

// A CA bundle is in every Secret.
function sourcesOf(sources: string[]): string {
  const more = sources.length - sourcesShown;
  return more > 1 ? `${sources.slice(0, sourcesShown).join(", ")} and ${more} more` : sources.join(", ");
}

/** For people. */
export const table: Format = ({ certificates, disagreements, unreadable, strangers }) =>
  [
    ...(certificates.length > 0 ? [tableOf(columns, certificates)] : []),
    ...[...disagreements, ...unreadable].map((sentence) => `! ${printable(sentence)}`),
    ...(strangers > 0 ? [strangersLeftOut(strangers)] : []),
  ].join("\n");

const strangersLeftOut = (count: number) =>
  `Left out: ${count} certificate${count === 1 ? "" : "s"} in Secrets without the label etcd-pki/cluster, signed by no ` +
  "authority that is known here (--ca-file names one, --all shows them).";

/** For programs. */
export const json: Format = (report) => jsonOf(report);
