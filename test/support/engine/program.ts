import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";

const PROGRAMS = join(__dirname, "../../../.build/engine-tests");

const COMPILER_OPTIONS = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true };

/**
 * Writes a Pulumi program of one TypeScript file, from where Node finds this project's packages. Gives its folder.
 * It is compiled here and once: that saves the engine's compiler two seconds a run.
 */
export function writeProgram(name: string, source: string, { compile = true } = {}): string {
  const directory = join(PROGRAMS, name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const write = (file: string, content: string) => writeFileSync(join(directory, file), content);
  write("Pulumi.yaml", `name: ${name}\nruntime: { name: nodejs, options: { typescript: ${!compile} } }\n`);
  // Without a package of its own, Pulumi would run the `main` of this project's.
  write("package.json", '{ "private": true }\n');
  if (!compile) write("index.ts", source);
  else write("index.js", transpileModule(source, { compilerOptions: COMPILER_OPTIONS }).outputText);
  return directory;
}
