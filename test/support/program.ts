import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Writes a Pulumi program in JavaScript, a whole project of its own, and says where it is. */
export function writeProgram(name: string, source: string): string {
  const directory = resolve(__dirname, "../../.build/programs", name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  rewriteProgram(directory, source);
  // Without a package.json of its own it would be taken for a part of this one.
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name, main: "index.js" }));
  writeFileSync(
    join(directory, "Pulumi.yaml"),
    `name: ${name}\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n`,
  );
  return directory;
}

/** Changes the program, as its author would between two updates. */
export const rewriteProgram = (directory: string, source: string) => writeFileSync(join(directory, "index.js"), source);
