import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { type EngineError, engines } from "../support/engine/engine";
import { writeProgram } from "../support/program";
import { skip } from "../support/skip";

const JAVASCRIPT = [
  {
    what: "text where a list belongs",
    args: `{ members: { "etcd-1": { hosts: "10.0.0.1" } } }`,
    says: /members\["etcd-1"\]\.hosts is "10\.0\.0\.1"; give a list/,
  },
  {
    what: "a secret as all members",
    args: `{ members: pulumi.secret({ "etcd-1": { hosts: ["10.0.0.1"] } }) }`,
    says: /members is .*(secret|output)/i,
  },
  {
    what: "a host with a port, known only in the update",
    args: `{ members: { "etcd-1": { hosts: pulumi.output(["10.0.0.1:2379"]) } } }`,
    says: /members\["etcd-1"\]\.hosts\[0\]: "10\.0\.0\.1:2379" has a port; give the host alone/,
  },
  {
    what: "a certificate without a life, known only in the update",
    args: `{ components: { app: { validityPeriodHours: pulumi.output(0) } } }`,
    says: /components\["app"\]\.validityPeriodHours is 0; give a whole number of hours above 0/,
  },
  {
    what: "an authority that is too short for what it signs, known only in the update",
    args: `{ components: { app: {} }, certificateAuthority: { validityPeriodHours: pulumi.output(100) } }`,
    says: /components\["app"\]\.validityPeriodHours is 8760, longer than the certificate authority's 100; shorten it/,
  },
];

const YAML = [
  { what: "text where a list belongs", members: `{ etcd-1: { hosts: 10.0.0.1 } }`, says: /hosts.*list/is },
  {
    what: "a secret as all members",
    members: `{ fn::secret: { etcd-1: { hosts: [10.0.0.1] } } }`,
    says: /members is .*(secret|output)/i,
  },
  {
    what: "a host with a port",
    members: `{ etcd-1: { hosts: ["10.0.0.1:2379"] } }`,
    says: /members\["etcd-1"\]\.hosts\[0\]: "10\.0\.0\.1:2379" has a port; give the host alone/,
  },
];

for (const kind of ["stand-in", "pulumi"] as const) {
  describe(`a JavaScript program, on ${kind}, is refused in words and makes nothing`, () => {
    for (const { what, args, says } of JAVASCRIPT) {
      it(`for ${what}`, async function () {
        const source = `const pulumi = require("@pulumi/pulumi"); const { EtcdPki } = require("etcd-pki");`;
        const folder = writeProgram("bad-input", `${source} new EtcdPki("etcd", ${args});`);
        const whole = new RegExp(`EtcdPki "etcd": 1 problem in its arguments[^]*${says.source}`, says.flags);
        await refused(this, kind, folder, whole);
      });
    }
  });
}

describe("a YAML program, on pulumi, is refused in words and makes nothing", () => {
  for (const { what, members, says } of YAML) {
    it(`for ${what}`, async function () {
      const folder = writeProgram("bad-input-yaml", "");
      const program = `resources: { etcd: { type: "etcd-pki:EtcdPki", properties: { members: ${members} } } }`;
      const head = "name: bad-input-yaml\nruntime: yaml\npackages: { etcd-pki: ../../.. }\n";
      writeFileSync(join(folder, "Pulumi.yaml"), `${head}${program}\n`);
      await refused(this, "pulumi", folder, says);
    });
  }
});

async function refused(context: Mocha.Context, kind: string, folder: string, says: RegExp): Promise<void> {
  context.timeout(300_000);
  const engine = (await engines()).find((candidate) => candidate.kind === kind);
  if (engine === undefined) return skip(context, `no ${kind} on this machine`);
  const project = await engine.open(folder);
  const error = await project.up().then(
    () => assert.fail("nothing was refused"),
    (failure: EngineError) => failure,
  );
  await project.dispose();
  assert.match(error.log, says);
  assert.doesNotMatch(error.log, /^\s+at .*:\d+:\d+/m, "a stack trace");
  const certificates = error.steps.filter(({ type, name }) => /Cert(Request)?$/.test(type) && name.includes("member"));
  assert.deepEqual(certificates, []);
}
