import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, it } from "mocha";
import { standIn } from "../support/engine/stand-in/stand-in";
import { writeProgram } from "../support/program";
import { type Change, Operator, changes } from "../support/years/operator";
import { type Issued, problemsAfter } from "../support/years/verify";

const program = `
const { EtcdPki } = require("etcd-pki");
const pki = new EtcdPki("etcd", JSON.parse(process.env.DECLARED));
exports.issued = {
  clients: pki.caBundlePem, members: pki.memberCaBundlePem, peers: pki.peerCaBundlePem, certificates: pki.withoutKeys,
};
`;
const hoursADay = 24;
const hoursAYear = 365 * hoursADay;

// A seed for each run: the same one makes the same changes.
const runs = [
  {
    what: "ten years with an update a month",
    updates: 125,
    hoursBetween: 30 * hoursADay,
    defaults: {},
    authority: {},
    seed: 2026,
    ends: false,
  },
  {
    what: "a year with an update a week, and authorities that live half a year",
    updates: 56,
    hoursBetween: 7 * hoursADay,
    defaults: { validityPeriodHours: 30 * hoursADay },
    authority: { validityPeriodHours: hoursAYear / 2 },
    seed: 38,
    ends: true,
  },
];

describe("A stack", () => {
  for (const { what, updates, hoursBetween, defaults, authority, seed, ends } of runs) {
    it(`lives through ${what}, whatever changes in between`, async function () {
      this.timeout(3_600_000);
      const project = await standIn.open(writeProgram("ten-years", program));
      const operator = new Operator(defaults, authority);
      const drawn = fc.sample(fc.constantFrom<Change[]>(...changes), { seed, numRuns: updates });
      const begin = Date.now();
      let last: Issued | undefined;
      try {
        for (const [i, change] of drawn.entries()) {
          const now = new Date(begin + i * hoursBetween * 3_600_000);
          const taken = i === 0 ? "the first update" : operator.change(change, `update ${i}`);
          const env = { DECLARED: JSON.stringify(operator.declared) };
          const when = `update ${i}, ${now.toISOString()}, ${taken}: ${env.DECLARED}`;
          const started = Date.now();
          const run = await project.up({ env, now }).catch((error: Error) => assert.fail(`${when}\n${error.message}`));
          const issued = run.outputs["issued"]?.value as Issued;
          // The clock went on meanwhile.
          const done = new Date(now.getTime() + Date.now() - started);
          assert.deepEqual(problemsAfter(run, last, issued, done), [], `${when}\n${run.log}`);
          operator.read(run.log);
          last = issued;
        }
        console.log(
          `        ${updates} updates, ${operator.rotations} rotations, ${operator.announcements} ends announced`,
        );
        assert.ok(operator.rotations > 2, "rotations");
        assert.equal(operator.announcements > 0, ends, "an authority near its end");
      } finally {
        await project.dispose();
      }
    });
  }
});
