import { printable } from "../print";
import type { Review } from "./facts";
import type { Section } from "./sections";
import { alarms, details } from "./sections";

/** The first line of every comment: by it a pipeline finds the one to update. */
export const marker = "<!-- etcd-pki review -->";

/** GitHub and GitLab take more than this, pulumi/actions cuts here. */
const largestLength = 64_000;

/** How many lines of a part are shown, from all of them down to what always fits. */
const limits = [Infinity, 300, 100, 30, 10, 3];

/** A review for a pull request. Equal input gives equal bytes. Empty if nothing of etcd changes. */
export function markdown(review: Review): string {
  if (review.verdict === "") return "";
  const written = limits.map((limit) => () => write(review, limit));
  for (const attempt of written) {
    const text = attempt();
    if (text.length < largestLength) return text;
  }
  throw new Error(`no review below ${largestLength} characters could be written; use --json`);
}

const write = (review: Review, limit: number) =>
  [
    marker,
    ...alarms(review).map((section) => alarm(section, limit)),
    `### ${prose(review.verdict)}`,
    ...details(review).map((section) => detail(section, limit)),
  ].join("\n\n");

// Messages have lines and columns of their own, and may say anything: they are quoted as they are.
const alarm = ({ title, lines = [] }: Section, limit: number) =>
  [`**${title}**`, ...shortened(lines, limit).map((line) => fenced(cut(line)))].join("\n\n");

function detail({ title, lines = [], table, commands = [], isFolded }: Section, limit: number): string {
  const content = [
    ...(lines.length > 0
      ? [
          shortened(lines, limit)
            .map((line) => (/^\d+\. /.test(line) ? prose(line) : `- ${prose(line)}`))
            .join("\n"),
        ]
      : []),
    ...(table ? [tableText(table.header, table.rows, limit)] : []),
    ...commands.map(fenced),
  ].join("\n\n");
  const isLong = (table?.rows.length ?? 0) > foldedRows;
  return isFolded || isLong
    ? `<details><summary>${prose(title)}${isFolded ? "" : ` (${table?.rows.length})`}</summary>\n\n${content}\n\n</details>`
    : `**${prose(title)}**\n\n${content}`;
}

/** A longer table is folded. */
const foldedRows = 25;

function tableText(header: string[], rows: string[][], limit: number): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const shown = rows.slice(0, limit).map((row) => line(row.map(cell)));
  const more =
    rows.length > limit ? [`\n${rows.length - limit} more are not shown; see \`etcd-pki review\` as text.`] : [];
  return [line(header), line(header.map(() => "---")), ...shown, ...more].join("\n");
}

const shortened = (lines: string[], limit: number) =>
  lines.length <= limit ? lines : [...lines.slice(0, limit), `${lines.length - limit} more are not shown`];

const longestMessage = 4_000;
const cut = (message: string) =>
  message.length <= longestMessage ? message : `${message.slice(0, longestMessage)}\n[cut here]`;

// Everything that has a meaning in Markdown, in HTML or to the forge (a name of an account or an issue) loses it.
const prose = (text: string) =>
  printable(text)
    .replace(/[\\`*_<>|~&@#!$%]/g, entity)
    .replace(/\](?=[([])/g, entity)
    .replace(/:\/\//g, "&#58;//");

const entity = (character: string) => `&#${character.charCodeAt(0)};`;

// What needs no more than that is easier to read as code, in the source, too.
function cell(text: string): string {
  if (text === "") return "-";
  return /^[\w .,;:"'()/+-]*$/.test(text) || /[`|]/.test(text) ? prose(text) : `\`${printable(text)}\``;
}

/** A block that no run of backticks within can end. */
function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  return [fence + "text", ...text.split("\n").map(printable), fence].join("\n");
}
