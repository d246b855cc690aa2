import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import type { PermissionArgs, PresetArgs } from "../../../src/args";
import { permissionsOf, programs } from "../../../src/presets";

const golden = join(__dirname, "../../golden/presets.txt");

const line = ({ key, prefix, access, allowPartialPrefix }: PermissionArgs) =>
  `  ${access} ${key === undefined ? `prefix ${prefix}${allowPartialPrefix ? " (partial)" : ""}` : `key ${key}`}`;

/** A program in each of its versions that differs from the one before. */
function* cases(): Generator<PresetArgs> {
  for (const name of Object.keys(programs)) {
    yield { name };
    const { versions } = programs[name]!;
    if (!versions) continue;
    let before = "";
    for (let minor = versions.oldestMinor; minor < 50; minor++) {
      const preset = { name, version: `3.${minor}` };
      const now = JSON.stringify(permissionsOf(preset));
      if (now !== before) yield preset;
      before = now;
    }
  }
}

describe("The table of all presets", () => {
  it("is the one in test/golden/presets.txt; UPDATE_GOLDEN=1 writes it anew", () => {
    const text = [...cases()]
      .map((preset) => [[preset.name, preset.version].join(" ").trim(), ...permissionsOf(preset).map(line)].join("\n"))
      .join("\n\n");
    if (process.env["UPDATE_GOLDEN"]) writeFileSync(golden, `${text}\n`);
    assert.equal(`${text}\n`, readFileSync(golden, "utf8"));
  });
});
