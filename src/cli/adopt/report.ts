import type { Column } from "../print";
import { printable, table } from "../print";
import type { Inventory } from "./inventory";
import { signerText } from "./inventory";
import type { Finding } from "./lint";

/** One certificate in the report. */
export interface Row {
  file: string;
  role: string;
  commonName: string;
  hosts: string[];
  usages: string[];
  daysLeft: number;
  signedBy: string;
  key: string;
}

/** Everything that the command prints. */
export interface Adoption {
  folders: { path: string; layout: string }[];
  certificates: Row[];
  findings: Finding[];
  unreadable: string[];
  /** The files that a program needs. */
  files: string[];
  /** Those that this run has written or changed. */
  written: string[];
  /** What to run next. */
  commands: string[];
}

/** A row for each certificate, authorities first. */
export const rowsOf = ({ items }: Inventory): Row[] =>
  [...items]
    .sort((a, b) => Number(b.role === "authority") - Number(a.role === "authority"))
    .map((item) => ({
      file: item.path,
      role: item.role,
      commonName: item.commonName,
      hosts: item.hosts,
      usages: item.role === "authority" && item.usages.join() === "any" ? [] : item.usages,
      daysLeft: item.daysLeft,
      signedBy: item.signer === item ? "itself" : signerText(item),
      key: item.key,
    }));

const columns: Column<Row>[] = [
  ["FILE", ({ file }) => file],
  ["ROLE", ({ role }) => role],
  ["COMMON NAME", ({ commonName }) => commonName],
  ["USAGES", ({ usages }) => usages.join("+")],
  ["DAYS LEFT", ({ daysLeft }) => String(daysLeft)],
  ["SIGNED BY", ({ signedBy }) => signedBy],
  ["KEY", ({ key }) => key],
  ["HOSTS", ({ hosts }) => hosts.join(",")],
];

/** For people: what is there, what is wrong, what to do next. */
export function summary(adoption: Adoption, folder: string | undefined): string {
  const { folders, certificates, findings, unreadable, files, written, commands } = adoption;
  const isRefused = files.length === 0;
  return [
    ...folders.map(({ path, layout }) => `${printable(path)}: the layout is ${layout}`),
    ...(certificates.length > 0 ? ["", table(columns, certificates)] : []),
    ...unreadable.map((sentence) => `\n! ${printable(sentence)}`),
    ...[...findings].sort(refusedFirst).map(findingText),
    "",
    ...(isRefused
      ? ["Refused: no program is written until the findings above marked so are gone."]
      : [outcome(files, written, folder), "", "Next:", ...commands.map((command) => `  ${command}`)]),
  ].join("\n");
}

const refusedFirst = (a: Finding, b: Finding) => Number(b.severity === "refused") - Number(a.severity === "refused");

const findingText = ({ severity, subject, reason, remedy }: Finding) =>
  printable(`${severity}: ${subject}: ${reason}.`) + `\n    ${printable(`${remedy}.`)}`;

function outcome(files: string[], written: string[], folder: string | undefined): string {
  if (folder === undefined) return `A dry run. --write DIR would write ${files.join(", ")}.`;
  return written.length === 0
    ? `${folder} holds all of this already.`
    : `Wrote ${written.join(", ")} into ${folder}. No key is among them.`;
}
