import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import type { PermissionArgs, PresetArgs } from "../../../src/args";
import { permissionsOf, programs } from "../../../src/presets";
import type { EtcdRbacArgs } from "../../../src/rbac/args";
import { problemsIn, warningsIn } from "../../../src/rbac/checks";

const golden = join(__dirname, "../../golden/presets.txt");

const line = ({ key, prefix, access, allowPartialPrefix }: PermissionArgs) =>
  `  ${access} ${key === undefined ? `prefix ${prefix}${allowPartialPrefix ? " (partial)" : ""}` : `key ${key}`}`;

const declare = (components: EtcdRbacArgs["components"]): EtcdRbacArgs => ({
  endpoints: ["https://etcd-1.example:2379"],
  caBundlePem: "",
  administrator: { certPem: "", privateKeyPem: "" },
  components: { root: {}, ...components },
});

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
  for (const preset of cases())
    it(`has one that gives no warning and needs no other word: ${[preset.name, preset.version].join(" ")}`, () => {
      const args = declare({ [preset.name]: { presets: [preset] } });
      assert.deepEqual([...problemsIn(args), ...warningsIn(args)], []);
    });

  it("has presets that one component may combine without a warning", () => {
    const args = declare({ all: { presets: [...cases()] } });
    assert.deepEqual([...problemsIn(args), ...warningsIn(args)], []);
  });

  it("is the one in test/golden/presets.txt; UPDATE_GOLDEN=1 writes it anew", () => {
    const text = [...cases()]
      .map((preset) => [[preset.name, preset.version].join(" ").trim(), ...permissionsOf(preset).map(line)].join("\n"))
      .join("\n\n");
    if (process.env["UPDATE_GOLDEN"]) writeFileSync(golden, `${text}\n`);
    assert.equal(`${text}\n`, readFileSync(golden, "utf8"));
  });
});
