import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { describe, it } from "mocha";
import { run } from "../../../support/run";

const main = resolve(__dirname, "../../../../src/cli/main.ts");
const preview = (name: string) => join(resolve(__dirname, "../../../golden/review"), `${name}.json`);

describe("etcd-pki review", function () {
  this.timeout(60_000);
  const review = (...args: string[]) => run(process.execPath, ["--require", "tsx/cjs", main, "review", ...args]);

  it("ends with 1 for what --fail-on names, with 0 for what it does not, and prints the same", async () => {
    const closed = await review(preview("rotation-trust"), "--fail-on", "key,restart");
    const open = await review(preview("rotation-trust"), "--fail-on", "key,removal");
    assert.deepEqual([closed.code, open.code], [1, 0]);
    assert.equal(closed.stdout, open.stdout);
    assert.match(open.stdout, /^After the update, restart members\["etcd-1"\]/m);
  });

  it("ends with 3 for a gate that there is not, and for what is no preview", async () => {
    const [gate, input] = [await review(preview("nothing"), "--fail-on", "keys"), await review(main)];
    assert.deepEqual([gate.code, input.code], [3, 3]);
    assert.match(gate.stderr, /--fail-on names "keys"; allowed are authority, /);
    assert.match(input.stderr, /this is not JSON/);
  });

  it("says in words that nothing changes, and nothing at all in Markdown", async () => {
    assert.equal((await review(preview("nothing"))).stdout, "Nothing of etcd changes.\n");
    assert.equal((await review(preview("nothing"), "--markdown")).stdout, "");
  });
});
