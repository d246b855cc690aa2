import assert from "node:assert/strict";
import * as fc from "fast-check";
import { before, describe, it } from "mocha";
import { type Engine, engines } from "../support/engine/engine";
import { outputsOf } from "../support/engine/pulumi";
import { writeProgram } from "../support/program";
import { skip } from "../support/skip";
import { type Change, Operator, changes } from "../support/years/operator";
import { Time } from "../support/years/time";
import { type Issued, changedByTime, problemsAfter } from "../support/years/verify";

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

for (const kind of ["stand-in", "pulumi"] as const) {
  describe(`A stack, on ${kind},`, function () {
    this.timeout(4 * 3_600_000);
    let engine: Engine | undefined;
    before(async function () {
      engine = (await engines()).find((candidate) => candidate.kind === kind);
      if (engine === undefined) skip(this, `no ${kind} on this machine`);
    });

    for (const { what, updates, hoursBetween, defaults, authority, seed, ends } of runs) {
      it(`lives through ${what}, whatever changes in between`, async () => {
        const project = await engine!.open(writeProgram(`ten-years-${kind}`, program));
        const time = new Time(engine!, project);
        const operator = new Operator(defaults, authority);
        const options = () => ({ env: { DECLARED: JSON.stringify(operator.declared) }, ...time.options });
        const drawn = fc.sample(fc.constantFrom<Change[]>(...changes), { seed, numRuns: updates });
        let last: Issued | undefined;
        try {
          for (const [i, change] of drawn.entries()) {
            const begin = time.now;
            const taken = i === 0 ? "the first update" : operator.change(change, `update ${i}`);
            const when = `update ${i}, ${begin.toISOString()}, ${taken}: ${JSON.stringify(operator.declared)}`;
            const run = await project.up(options()).catch((error: Error) => assert.fail(`${when}\n${error.message}`));
            const issued = run.outputs["issued"]?.value as Issued;
            assert.deepEqual(problemsAfter(run, last, issued, time.now), [], `${when}\n${run.log}`);
            operator.read(run.log);
            const state = await time.pass(hoursBetween);
            last = outputsOf(state)["issued"]?.value as Issued;
            const preview = await project.preview(options());
            assert.deepEqual(changedByTime(preview, state, time.now), [], `after ${when}\n${preview.log}`);
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
}
