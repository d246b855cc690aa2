import { writeFileSync } from "node:fs";
import { reporters, type Runner, type Test } from "mocha";
import { skipReason } from "./skip";

// Whoever reads the output may leave, as `head` does. Mocha would go on and then end without letting go of its servers.
process.stdout.on("error", () => process.exit(1));

/** Prints like mocha's own reporter, and leaves the totals in the file that `scripts/test.mjs` names. */
class CountingReporter extends reporters.Spec {
  constructor(runner: Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const skipped: { title: string; reason: string }[] = [];
    runner.on("pending", (test: Test) => skipped.push({ title: test.fullTitle(), reason: skipReason(test) }));
    runner.once("end", () => {
      const { passes: passed, failures: failed } = this.stats;
      const file = process.env["TEST_TOTALS_FILE"];
      if (file) writeFileSync(file, JSON.stringify({ passed, failed, skipped }));
    });
  }
}

export = CountingReporter;
