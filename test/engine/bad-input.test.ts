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
    says: [/members\["etcd-1"\]\.hosts is "10\.0\.0\.1"; give a list/],
  },
  {
    what: "a secret as all members",
    args: `{ members: pulumi.secret({ "etcd-1": { hosts: ["10.0.0.1"] } }) }`,
    says: [/members is .*(secret|output)/i],
  },
  {
    what: "a host with a port, known only in the update",
    args: `{ members: { "etcd-1": { hosts: pulumi.output(["10.0.0.1:2379"]) } } }`,
    says: [/members\["etcd-1"\]\.hosts\[0\]: "10\.0\.0\.1:2379" has a port; give the host alone/],
  },
  {
    what: "hours that are known only in the update",
    args: `{ components: { app: { earlyRenewalHours: pulumi.output(100), validityPeriodHours: pulumi.secret(9876) } } }`,
    says: [
      /components\["app"\]\.earlyRenewalHours is an output \(or a secret\), known only during the update; give plain/,
      /components\["app"\]\.validityPeriodHours is an output \(or a secret\), known only during the update; give plain/,
    ],
  },
  {
    what: "hours that no certificate can have",
    args: `{
      components: {
        a: { validityPeriodHours: 0 },
        b: { validityPeriodHours: 876001 },
        c: { validityPeriodHours: 1.5 },
        d: { earlyRenewalHours: 0 },
        e: { earlyRenewalHours: 8760 },
      },
      certificateAuthority: { validityPeriodHours: 8760000 },
      peerCertificateAuthority: { validityPeriodHours: -1 },
    }`,
    says: [
      /\["a"\]\.validityPeriodHours is 0; give a whole number of hours from 1 to 876000 \(a hundred years\)/,
      /\["b"\]\.validityPeriodHours is 876001; give a whole number of hours from 1 to 876000/,
      /\["c"\]\.validityPeriodHours is 1\.5; give a whole number of hours/,
      /\["d"\]\.earlyRenewalHours is 0; give a whole number of hours from 1/,
      /\["e"\]\.earlyRenewalHours is 8760, not below the validity of 8760 hours/,
      / certificateAuthority\.validityPeriodHours is 8760000; give a whole number of hours from 1 to 876000/,
      /peerCertificateAuthority\.validityPeriodHours is -1; give a whole number of hours from 1 to 876000/,
    ],
  },
  {
    what: "a certificate that would outlive its authority",
    args: `{ components: { app: { validityPeriodHours: 200 } }, certificateAuthority: { validityPeriodHours: 100 } }`,
    says: [/components\["app"\]\.validityPeriodHours is 200, longer than the 100 of the authority; shorten it/],
  },
  {
    what: "what is of no use as hosts, known only in the update, all at once",
    args: `{
      members: {
        a: { hosts: pulumi.output([]) },
        b: { hosts: pulumi.output(undefined) },
        c: { hosts: Promise.resolve("10.0.0.1") },
        d: { hosts: pulumi.output([null]) },
        e: { hosts: [pulumi.secret("of mine")] },
      },
      components: { f: { hosts: pulumi.secret("of mine") } },
    }`,
    says: [
      /members\["a"\]\.hosts is empty; name every DNS name/,
      /members\["b"\]\.hosts is undefined; give a list/,
      /members\["c"\]\.hosts is "10\.0\.0\.1"; give a list/,
      /members\["d"\]\.hosts\[0\] is null; give a DNS name/,
      /members\["e"\]\.hosts\[0\]: \[secret\] has a space in it/,
      /components\["f"\]\.hosts is \[secret\]; give a list/,
    ],
  },
  {
    what: "passwords that no one must have, known only in the update",
    component: "EtcdRbac",
    args: `{
      endpoints: ["https://127.0.0.1:1"],
      caBundlePem: "",
      administrator: { certPem: "", privateKeyPem: "" },
      waitSeconds: 0,
      components: {
        root: {},
        a: { login: "password", password: pulumi.secret(""), permissions: [] },
        b: { login: "password", password: pulumi.secret("of mine".padEnd(73, "!")), permissions: [] },
        c: { login: "password", password: pulumi.secret(9876), permissions: [] },
      },
    }`,
    says: [
      /components\["a"\]\.password is empty, so everybody could log in as a; give one/,
      /components\["b"\]\.password has 73 bytes, and etcd takes at most 72; give a shorter one/,
      /components\["c"\]\.password is no text; give the password as text/,
    ],
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
    for (const { what, component = "EtcdPki", args, says } of JAVASCRIPT) {
      it(`for ${what}`, async function () {
        const source = `const pulumi = require("@pulumi/pulumi"); const { ${component} } = require("etcd-pki");`;
        const folder = writeProgram("bad-input", `${source} new ${component}("etcd", ${args});`);
        const count = `${component} "etcd": ${says.length} problems? in its arguments`;
        const isLate = what.includes("known only");
        const log = await refused(this, kind, folder, [new RegExp(count), ...says], isLate);
        for (const { source } of says) assert.equal(log.match(new RegExp(source, "g"))?.length, 1, `${source}, once`);
        assert.doesNotMatch(log, /of mine|9876\b/, "a secret");
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
      await refused(this, "pulumi", folder, [says]);
    });
  }
});

async function refused(
  context: Mocha.Context,
  kind: string,
  folder: string,
  says: RegExp[],
  isLate = false,
): Promise<string> {
  context.timeout(300_000);
  const engine = (await engines()).find((candidate) => candidate.kind === kind);
  if (engine === undefined) skip(context, `no ${kind} on this machine`);
  const project = await engine.open(folder);
  const error = await project.up().then(
    () => assert.fail("nothing was refused"),
    (failure: EngineError) => failure,
  );
  await project.dispose();
  for (const sentence of says) assert.match(error.log, sentence);
  assert.doesNotMatch(error.log, /^\s+at .*:\d+:\d+/m, "a stack trace");
  // What is known only in the update is refused there: whatever depends on it stays undone.
  const made = error.steps.filter(({ type, name }) =>
    isLate ? /LocallySignedCert$|UsersAndRoles$/.test(type) && !name.includes("-component-") : /^tls:|Stash/.test(type),
  );
  assert.deepEqual(made, []);
  return error.log;
}
