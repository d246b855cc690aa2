import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { inLane, LANES, nodeFolder, openLane } from "../support/lanes";

/** What depends on a release of Pulumi or Node.js, of programs on the stand-in, too. */
const GROUPS = {
  "the group unit": ["test/unit/**/*.test.ts"],
  "the group component": ["test/component/**/*.test.ts"],
  "the group package": ["test/package/**/*.test.ts"],
  "whole programs on the stand-in": ["bad-input", "changes", "dead-ends", "renewal", "rotation", "upgrade"].map(
    (file) => `test/engine/${file}.test.ts`,
  ),
};

for (const [name, { packages, nodes }] of Object.entries(LANES)) {
  describe(`With the ${name} packages (${Object.entries(packages).map((each) => each.join(" "))})`, function () {
    this.timeout(30 * 60_000);
    let folder: string;

    before(async () => {
      folder = await openLane(name);
    });

    for (const major of nodes) {
      describe(`on Node.js ${major}`, () => {
        let node: string;
        const passes = async (command: string, ...args: string[]) => {
          const { code, stdout, stderr } = await inLane(folder, node, command, args);
          assert.equal(code, 0, stdout + stderr);
          return stdout;
        };

        before(async () => {
          node = await nodeFolder(major);
          assert.match(await passes("node", "--version"), new RegExp(`^v${major}\\.`));
        });

        it("compiles, and other languages get a schema", async () => {
          await passes("node", "scripts/link.mjs");
          await passes("npm", "run", "--silent", "build");
        });

        for (const [group, files] of Object.entries(GROUPS)) {
          it(`passes the tests of ${group}`, async () => {
            const mocha = ["node_modules/mocha/bin/mocha.js", "--exit", "--forbid-only", "--reporter=dot"];
            assert.match(await passes("node", ...mocha, ...files), /passing/);
          });
        }
      });
    }
  });
}
