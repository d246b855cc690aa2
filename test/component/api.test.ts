import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, it } from "mocha";
import * as ts from "typescript";

const root = resolve(__dirname, "../..");
const golden = join(root, "test/golden/api.d.ts.txt");

/** Every exported name, and the files that declare them, without comments: what a user's program is written against. */
function publicApi(): string {
  const index = join(root, "src/index.ts");
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram([index], { ...options, removeComments: true, emitDeclarationOnly: true });
  const emitted = new Map<string, string>();
  program.emit(undefined, (file, text) => emitted.set(file.replace(/\.d\.ts$/, ""), text), undefined, true);
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(index)!)!;
  const exported = checker.getExportsOfModule(module);
  const declared = exported.map((symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
  );
  const files = declared.flatMap(({ declarations = [] }) => declarations.map((each) => each.getSourceFile().fileName));
  const texts = [...new Set(files)].map((file) => relative(join(root, "src"), file).replace(/\.ts$/, "")).sort();
  return [
    ...exported.map(({ name }) => `export ${name}`).sort(),
    ...texts.map((name) => `// ${name}\n${emitted.get(join(root, "dist", name)) ?? assert.fail(name)}`),
  ].join("\n");
}

describe("The names and types that programs are written against", function () {
  this.timeout(120_000);

  it("are the ones that were agreed on; UPDATE_GOLDEN=1 agrees on the new ones", () => {
    const api = publicApi();
    if (process.env["UPDATE_GOLDEN"]) writeFileSync(golden, api);
    assert.match(api, /^export EtcdPki$/m);
    assert.equal(api, readFileSync(golden, "utf8"));
  });
});
