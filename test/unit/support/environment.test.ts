import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { HOSTILE, testFromHostileShell } from "../../support/hostile-shell";

const support = resolve(__dirname, "../../support");

/** Keeps what it hears itself, and what each kind of child hears. */
const suite = (file: string) => `
const { run } = require(${JSON.stringify(join(support, "run"))});
const { downloadEnvironment } = require(${JSON.stringify(join(support, "environment"))});
const heard = async (options) => JSON.parse((await run(process.execPath, ["-p", "JSON.stringify(process.env)"], options)).stdout);
it("listens", async () => {
  const all = {
    itself: process.env,
    child: await heard({ env: { OWN: "yes" } }),
    download: await heard({ env: downloadEnvironment() }),
  };
  require("node:fs").writeFileSync(${JSON.stringify(file)}, JSON.stringify(all));
});`;

describe("What the tests hear of the shell that starts them", () => {
  const directory = mkdtempSync(join(tmpdir(), "shell-"));
  let heard: Record<"itself" | "child" | "download", NodeJS.ProcessEnv>;
  after(() => rmSync(directory, { recursive: true }));

  before(async () => {
    const [file, test] = [join(directory, "heard.json"), join(directory, "heard.test.ts")];
    writeFileSync(test, suite(file));
    const { code, stdout, stderr } = await testFromHostileShell(test);
    assert.equal(code, 0, stdout + stderr);
    heard = JSON.parse(readFileSync(file, "utf8"));
  });

  const hostile = (environment: NodeJS.ProcessEnv) => Object.keys(HOSTILE).filter((name) => name in environment);

  it("is where programs are, and nothing that changes how they work", () => {
    assert.deepEqual([heard.itself["PATH"], hostile(heard.itself)], [process.env["PATH"], []]);
  });

  it("reaches a child together with what the test sets", () => {
    assert.deepEqual([heard.child["PATH"], heard.child["OWN"]], [process.env["PATH"], "yes"]);
    assert.deepEqual(hostile(heard.child), []);
  });

  it("has the proxies for a download only", () => {
    assert.deepEqual(hostile(heard.download), ["https_proxy", "HTTPS_PROXY"]);
  });
});
