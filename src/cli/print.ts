// The one way of printing: every subcommand's tables, JSON, problems and help look the same, and none can show a key.

/** The exit code of every subcommand that was called in a wrong way or could not do its work. */
export const failed = 3;

/** One column of a table: its title, and the cell of a row. */
export type Column<Row> = [title: string, cell: (row: Row) => string];

/** Rows as a table for people, a line each, without spaces at a line's end. An empty cell is a dash. */
export function table<Row>(columns: Column<Row>[], rows: Row[]): string {
  const lines = [
    columns.map(([title]) => title),
    ...rows.map((row) => columns.map(([, cell]) => printable(cell(row)) || "-")),
  ];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const padded = lines.map((line) => line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  "));
  return padded.map((line) => line.trimEnd()).join("\n");
}

/** A value for programs. */
export const json = (value: unknown) => JSON.stringify(value, undefined, 2);

/** Writes a text to the standard output. */
export const print = (text: string) => write(process.stdout, text);

/** Writes a text to the standard error: what is not the result itself. */
export const printNote = (text: string) => write(process.stderr, text);

/** Says on the standard error what went wrong. */
export const printProblem = (problem: string) => printNote(`etcd-pki: ${problem}`);

function write(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${withoutKeys(text)}\n`);
}

/** The text with every private key in it taken out, whatever wrote it there. */
export const withoutKeys = (text: string) =>
  text.replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, "[private key]");

/** A text from elsewhere on one line: control characters, which could move a terminal's cursor, are written as `\x1b`. */
export const printable = (text: string) =>
  text.replace(/\p{C}/gu, (character) => `\\x${character.codePointAt(0)?.toString(16).padStart(2, "0")}`);

/** The end of a subcommand's `--help`: what each exit code means, and calls that work. */
export function helpText(exitCodes: Record<number, string>, examples: string[]): string {
  const codes = { ...exitCodes, [failed]: exitCodes[failed] ?? "called in a wrong way, or the work could not be done" };
  const lines = Object.entries(codes).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return ["", "Exit codes:", ...lines, "", "Examples:", ...examples.map((example) => `  ${example}`)].join("\n");
}
