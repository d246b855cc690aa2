/** Prints a line of the demo. */
export const say = (line: string) => console.log(line);

let steps = 0;

/** A step of the demo: its title and usual duration first, so that nobody waits in the dark, and its real one after. */
export async function step<T>(title: string, usualSeconds: number, work: () => Promise<T>): Promise<T> {
  const begin = Date.now();
  say(`\n${++steps}. ${title} (usually ${usualSeconds} s)`);
  const result = await work();
  say(`   done in ${((Date.now() - begin) / 1000).toFixed(1)} s`);
  return result;
}

/** Something that was to be seen, and was; ends the demo where it was not. */
export function seen(expectation: string, isSo: boolean, found: string): void {
  if (!isSo) throw new Error(`Not as it should be: ${expectation}\n   Found: ${found}`);
  say(`   ${expectation}: ${found}`);
}

/** Rows as columns, the first row as the heading. */
export function table(rows: string[][]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(width(column)))
      .join("  ")
      .trimEnd(),
  );
}
