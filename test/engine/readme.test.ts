import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "mocha";
import { engines } from "../support/engine/engine";
import { writeProgram } from "../support/program";
import { run } from "../support/run";

const root = resolve(__dirname, "../..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const programs = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, program]) => program as string);

describe("the programs in the README", () => {
  it("are typed as they should be", async () => {
    const directory = join(root, ".build/readme");
    mkdirSync(directory, { recursive: true });
    const files = programs.map((_, i) => join(directory, `program-${i}.ts`));
    files.forEach((file, i) => writeFileSync(file, programs[i] ?? ""));
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--types", "node", "--module", "commonjs"];
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = await run(process.execPath, [tsc, ...options, "--moduleResolution", "node10", ...files]);
    assert.equal(stdout, "");
  });

  programs.forEach((program, i) => {
    it(`preview without a problem or a warning: program ${i + 1}`, async () => {
      const [engine] = await engines();
      const project = await engine!.open(writeProgram(`readme-${i}`, program));
      const { steps, log } = await project.preview();
      await project.dispose();
      assert.ok(steps.some(({ type }) => type === "etcd-pki:index:EtcdPki"));
      assert.doesNotMatch(log, /error|warning/i);
    });
  });

  it("begin with one of fifteen lines", () => {
    assert.ok((programs[0] ?? "").trim().split("\n").length <= 15);
  });
});
