import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";

const programs = resolve(__dirname, "../../.build/programs");
const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true };

/**
 * Writes a Pulumi program of one file, JavaScript or TypeScript, from where Node finds this project's packages. Gives its
 * folder. It is compiled here and once: that saves the engine's compiler two seconds a run.
 */
export function writeProgram(name: string, source: string, { compile = true } = {}): string {
  const directory = join(programs, name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const write = (file: string, content: string) => writeFileSync(join(directory, file), content);
  write("Pulumi.yaml", `name: ${name}\nruntime: { name: nodejs, options: { typescript: ${!compile} } }\n`);
  // Without a package of its own, Pulumi would run the `main` of this project's.
  write("package.json", JSON.stringify({ name, private: true }));
  if (compile) rewriteProgram(directory, source);
  else write("index.ts", source);
  return directory;
}

/** Changes the program, as its author would between two updates. */
export const rewriteProgram = (directory: string, source: string) =>
  writeFileSync(join(directory, "index.js"), transpileModule(source, { compilerOptions }).outputText);
