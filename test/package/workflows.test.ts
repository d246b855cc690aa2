import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "mocha";

const root = resolve(__dirname, "../..");
const folder = join(root, ".github/workflows");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** What the workflows call of npm: the script, and the groups of tests that they name. */
const calls = readdirSync(folder)
  .filter((file) => file.endsWith(".yaml"))
  .flatMap((file) =>
    [
      ...readFileSync(join(folder, file), "utf8").matchAll(/npm (?:run )?(test(?=\s)|(?<=run )\S+)(?: -- (.*))?$/gm),
    ].map(([, script = "", groups]) => ({ file, script, groups: groups?.split(" ") ?? [] })),
  );

describe("the workflows", () => {
  it("run scripts that there are", () => {
    assert.ok(calls.length > 5);
    assert.deepEqual(
      calls.filter(({ script }) => !(script in scripts)),
      [],
    );
  });

  it("name groups of tests that there are", () => {
    const named = calls.flatMap(({ groups }) => groups);
    assert.ok(named.length > 0);
    assert.deepEqual(
      named.filter((group) => !existsSync(join(root, "test", group))),
      [],
    );
  });

  it("run each script that stands for a group of its own", () => {
    const ran = new Set(calls.flatMap(({ script, groups }) => [script, ...groups.map((group) => `test:${group}`)]));
    const own = Object.keys(scripts).filter((script) => /^test(:|$)/.test(script));
    assert.deepEqual(
      own.filter((script) => !ran.has(script)),
      [],
    );
  });
});
