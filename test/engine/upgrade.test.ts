import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { engines } from "../support/engine/engine";
import { skip } from "../support/skip";
import { upgradeProgram } from "../upgrade/program";

const states = join(__dirname, "../upgrade/states");

describe("an upgrade of this package replaces nothing", () => {
  for (const version of readdirSync(states)) {
    for (const kind of ["stand-in", "pulumi"] as const) {
      it(`of what ${version} left behind, on ${kind}`, async function () {
        const engine = (await engines()).find((candidate) => candidate.kind === kind);
        const recorded = join(states, version, kind);
        if (engine === undefined) return skip(this, `no ${kind} on this machine`);
        assert.ok(existsSync(recorded), `${recorded} is missing; see CONTRIBUTING.md`);
        const stateDirectory = mkdtempSync(join(tmpdir(), "upgrade-"));
        cpSync(recorded, stateDirectory, { recursive: true });
        const project = await engine.open(upgradeProgram(), { stateDirectory });
        try {
          const { steps } = await project.preview();
          assert.ok(steps.length > 20);
          assert.deepEqual(
            steps.filter(({ op }) => op === "replace" || op === "delete" || op === "create").map(({ urn }) => urn),
            [],
          );
        } finally {
          await project.dispose();
          rmSync(stateDirectory, { recursive: true, force: true });
        }
      });
    }
  }
});
