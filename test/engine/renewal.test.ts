import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { type Engine, type Project, type RunOptions, engines } from "../support/engine/engine";
import { writeProgram } from "../support/program";
import { type Args, identities, program, touched } from "../support/rotation/program";
import { skip } from "../support/skip";
import { Time } from "../support/years/time";

for (const kind of ["stand-in", "pulumi"] as const) {
  describe(`renewal on ${kind}`, function () {
    this.timeout(600_000);
    let engine: Engine | undefined;
    let project: Project;
    const run = (what: "up" | "preview", args: Args = {}, more: RunOptions = {}) =>
      project[what]({ env: { ROTATION: JSON.stringify({ ...identities, ...args }) }, ...more });
    const rotated: Args = { components: { app: { renewNow: "2026-11-22" } }, defaults: { rotateKey: "2026-11-23" } };

    before(async function () {
      engine = (await engines()).find((candidate) => candidate.kind === kind);
      if (engine === undefined) return skip(this, `no ${kind} on this machine`);
      project = await engine.open(writeProgram(`renewal-${kind}`, program));
      await run("up");
    });
    after(() => project?.dispose());

    it("by argument reaches one certificate, and rotates keys only where asked to", async () => {
      const renewed = await run("up", { components: { app: { renewNow: "2026-11-22" } } });
      assert.deepEqual(touched(renewed), ["replace LocallySignedCert etcd-component-app"]);
      assert.match(
        renewed.log,
        /a new certificate for components\["app"\]: renewNow changed from none to "2026-11-22"/,
      );
      const keys = await run("up", rotated);
      assert.deepEqual(
        touched(keys),
        ["CertRequest", "LocallySignedCert", "PrivateKey"]
          .flatMap((type) =>
            ["component-app", "member-etcd-1", "peer-etcd-1"].map((name) => `replace ${type} etcd-${name}`),
          )
          .sort(),
      );
      assert.equal(keys.outputs["pki"]?.value.bundleChecksum, renewed.outputs["pki"]?.value.bundleChecksum);
      assert.notEqual(keys.outputs["pki"]?.value.checksum, renewed.outputs["pki"]?.value.checksum);
      assert.deepEqual(touched(await run("preview", rotated)), []);
    });

    it("of a generation does not happen: its last tenth is announced in words, with the first step", async () => {
      const { log } = await run("preview", rotated, { now: inYears(9.5) });
      assert.match(
        log,
        /the generation "1" of certificateAuthority ends on .* in \d+ days, and never renews by itself/,
      );
      assert.match(log, /or begin a rotation: certificateAuthority: { generations: \["1", "2"\], signing: "2"/);
      assert.doesNotMatch((await run("preview", rotated)).log, /never renews/);
    });

    it("happens inside the window without a change, and says so", async () => {
      const time = new Time(engine!, project);
      await time.pass(0.8 * hoursAYear);
      assert.deepEqual(touched(await run("preview", rotated, time.options)), []);
      await time.pass(0.19 * hoursAYear);
      const { log, steps } = await run("up", rotated, time.options);
      assert.match(log, /its renewal window opened on 20.*, and it ends on 20/);
      assert.equal(steps.filter(({ op }) => op === "replace").length, 3);
      assert.deepEqual(touched(await run("preview", rotated, time.options)), []);
    });
  });
}

const hoursAYear = 365 * 24;
const inYears = (years: number) => new Date(Date.now() + years * hoursAYear * 3_600_000);
