import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, describe, it } from "mocha";
import { run } from "../../support/run";

const root = resolve(__dirname, "../../..");

const SUITE = `
const { skip } = require(${JSON.stringify(join(root, "test/support/skip"))});
it("passes", () => {});
it("fails", () => { throw new Error("as it should"); });
it("is left out", function () { skip(this, "no moon"); });
it("is left out in silence", function () { this.skip(); });
describe("a suite", () => {
  before(function () { skip(this, "no tide"); });
  it("is left out, too", () => {});
  describe("inside", () => { it("and this", () => {}); });
});`;

describe("The reporter of the tests", () => {
  const directory = mkdtempSync(join(tmpdir(), "reporter-"));
  after(() => rmSync(directory, { recursive: true }));

  it("counts what passed and failed, and tells why each other test was left out", async () => {
    const [suite, totals] = [join(directory, "suite.test.ts"), join(directory, "totals.json")];
    writeFileSync(suite, SUITE);
    const mocha = ["node_modules/mocha/bin/mocha.js", "--reporter=test/support/reporter.ts", suite];
    const { code } = await run("node", mocha, { cwd: root, env: { TEST_TOTALS_FILE: totals } });
    assert.equal(code, 1);
    assert.deepEqual(JSON.parse(readFileSync(totals, "utf8")), {
      passed: 1,
      failed: 1,
      skipped: [
        { title: "is left out", reason: "no moon" },
        { title: "is left out in silence", reason: "no reason given" },
        { title: "a suite is left out, too", reason: "no tide" },
        { title: "a suite inside and this", reason: "no tide" },
      ],
    });
  });
});
