import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "mocha";
import { closedGates, gates } from "../../../../src/cli/review/gates";
import { markdown } from "../../../../src/cli/review/markdown";
import { readPreview } from "../../../../src/cli/review/preview";
import { reviewOf } from "../../../../src/cli/review/review";

const directory = resolve(__dirname, "../../../golden/review");
const names = readdirSync(directory).flatMap((file) => (file.endsWith(".json") ? [file.replace(".json", "")] : []));
const reviewed = (name: string) => reviewOf(readPreview(readFileSync(join(directory, `${name}.json`), "utf8")));

/** What a pipeline would stop at. */
const closed: Record<string, string[]> = {
  "component-removed": ["removal", "permission"],
  "cross-signed-distrust": ["authority", "restart"],
  "cross-signed-retire": ["authority"],
  "cross-signed-sign": ["authority", "restart"],
  "first-update": [],
  "host-change": [],
  "login-changed": ["permission"],
  "new-key": ["key"],
  "new-member": [],
  nothing: [],
  "password-changed": ["permission"],
  "permission-narrowed": ["permission"],
  refusal: ["authority", "key", "restart", "refusal"],
  renewal: [],
  "rotation-distrust": ["authority", "restart"],
  "rotation-retire": ["authority"],
  "rotation-sign": ["authority"],
  "rotation-trust": ["authority", "restart"],
  "secret-published": [],
  "secret-renewed": [],
  "users-and-roles": ["permission"],
};

describe("a preview that the real engine printed", () => {
  for (const name of names)
    it(`${name} reads as recorded`, () => {
      assert.equal(`${markdown(reviewed(name))}\n`, readFileSync(join(directory, `${name}.md`), "utf8"));
    });
  it("closes the gates that its case is about", () => {
    const all = Object.keys(gates);
    assert.deepEqual(Object.fromEntries(names.map((name) => [name, closedGates(reviewed(name), all)])), closed);
  });
});
