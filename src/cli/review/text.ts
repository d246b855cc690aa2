import { printable, table } from "../print";
import type { Review } from "./facts";
import type { Section } from "./sections";
import { alarms, details } from "./sections";

/** A review for a terminal. */
export function text(review: Review): string {
  if (review.verdict === "") return "Nothing of etcd changes.";
  return [...alarms(review).map(sectionText), review.verdict, ...details(review).map(sectionText)].join("\n\n");
}

const sectionText = ({ title, lines = [], table: rows, commands = [] }: Section): string =>
  [
    title,
    ...lines.map((line) => indented(line.split("\n").map(printable))),
    ...(rows
      ? [
          indented(
            table(
              rows.header.map((name, i) => [name.toUpperCase(), (row: string[]) => row[i] ?? ""]),
              rows.rows,
            ).split("\n"),
          ),
        ]
      : []),
    ...commands.map((command) => indented([command])),
  ].join("\n");

const indented = (lines: string[]) => lines.map((line) => `  ${line}`).join("\n");
