import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as pulumi from "@pulumi/pulumi";
import type { EtcdPkiArgs } from "../../../src/pki/args";
import { problemsIn, warningsIn } from "../../../src/pki/arguments";

const member = { hosts: ["10.0.0.1"] };
const problems = (args: unknown) => problemsIn("etcd", args as EtcdPkiArgs);

const refused: [string, unknown, RegExp][] = [
  ["nothing declared", {}, /^members, proxies and components are all empty; declare at least one identity/],
  ["no arguments at all", undefined, /all empty/],
  ["arguments that are a text", "etcd", /is "etcd"; give an object with members,/],
  ["an argument that does not exist", { member: {} }, /^member is no argument; allowed are members, proxies,/],
  [
    "a field that does not exist",
    { members: { a: { host: ["a"] } } },
    /^members\["a"\].host is no argument; allowed are/,
  ],
  ["a list where names belong", { members: [member] }, /^members is \[.*\]; give an object whose keys are names/],
  ["no object for a component", { components: { app: null } }, /^components\["app"\] is null; give an object with/],
  ["a text where a list belongs", { members: { a: { hosts: "a" } } }, /^members\["a"\].hosts is "a"; give a list/],
  [
    "a number as a host",
    { members: { a: { hosts: [1] } } },
    /^members\["a"\].hosts\[0\] is 1; give a DNS name or an IP/,
  ],
  [
    "an output as the members",
    { members: pulumi.output({}) },
    /^members is an output \(or a secret\).*plain data here/,
  ],
  [
    "a secret as a generation",
    { certificateAuthority: { generations: [pulumi.secret("x")] } },
    /generations\[0\] is an output/,
  ],
  [
    "a text as a validity",
    { defaults: { validityPeriodHours: "1" } },
    /^defaults.validityPeriodHours is "1"; give a number/,
  ],
  ["an empty name", { components: { "": {} } }, /^components\[""\]: the name is empty/],
  ["a long name", { components: { ["a".repeat(65)]: {} } }, /the name has 65 characters; a common name has at most 64/],
  ["a name with a slash", { components: { "a/b": {} } }, /the name "a\/b" does not fit; use letters, digits/],
  ["a name with a space at its end", { components: { "a ": {} } }, /does not fit/],
  [
    "a component named like a member",
    { members: { a: member }, components: { a: {} } },
    /^components\["a"\] and members\["a"\] would share the common name "a".*rename one/,
  ],
  [
    "a proxy named like a member",
    { members: { a: member }, proxies: { a: member } },
    /^proxies\["a"\] and members\["a"\] would share/,
  ],
  ["a member named root", { members: { root: member } }, /^members\["root"\] would log in as etcd's superuser/],
  ["a member without hosts", { members: { a: {} } }, /^members\["a"\].hosts is empty; name every DNS name/],
  ["a proxy with an empty list of hosts", { proxies: { a: { hosts: [] } } }, /^proxies\["a"\].hosts is empty/],
  [
    "a host with a port",
    { members: { a: { hosts: ["a", "a:1"] } } },
    /^members\["a"\].hosts\[1\]: "a:1" has a port; give the host alone/,
  ],
  [
    "a validity of zero",
    { members: { a: { ...member, validityPeriodHours: 0 } } },
    /validityPeriodHours is 0; give a whole number of hours above 0/,
  ],
  [
    "a negative validity",
    { defaults: { validityPeriodHours: -1 }, members: { a: member } },
    /validityPeriodHours is -1/,
  ],
  ["half an hour", { members: { a: { ...member, validityPeriodHours: 0.5 } } }, /validityPeriodHours is 0.5/],
  [
    "a leaf that outlives its authority",
    { members: { a: member }, certificateAuthority: { validityPeriodHours: 100 } },
    /is 8760, longer than the certificate authority's 100; shorten it/,
  ],
  [
    "a window as long as the validity",
    { members: { a: { ...member, validityPeriodHours: 9, earlyRenewalHours: 9 } } },
    /^members\["a"\].earlyRenewalHours is 9, not below the validity of 9 hours/,
  ],
  [
    "a negative window",
    { members: { a: { ...member, earlyRenewalHours: -1 } } },
    /earlyRenewalHours is -1; give a whole number/,
  ],
  [
    "a weak RSA key",
    { members: { a: { ...member, keyAlgorithm: "RSA-1024" } } },
    /keyAlgorithm is "RSA-1024"; give one of ECDSA-P256,/,
  ],
  ["P-224", { defaults: { keyAlgorithm: "ECDSA-P224" } }, /^defaults.keyAlgorithm is "ECDSA-P224"; give one of/],
  ["no generation", { members: { a: member }, certificateAuthority: { generations: [] } }, /generations is empty/],
  [
    "a generation named twice",
    { members: { a: member }, certificateAuthority: { generations: ["1", "1"], signing: "1" } },
    /names "1" twice/,
  ],
  [
    "several generations and no signer",
    { members: { a: member }, certificateAuthority: { generations: ["1", "2"] } },
    /signing is missing; with several generations/,
  ],
  [
    "an unknown signer",
    { members: { a: member }, certificateAuthority: { generations: ["1"], signing: "2" } },
    /signing is "2", which certificateAuthority.generations does not name; use one of 1/,
  ],
  [
    "an authority of no hours",
    { members: { a: member }, certificateAuthority: { validityPeriodHours: 0 } },
    /^certificateAuthority.validityPeriodHours is 0/,
  ],
];

describe("the checks", () => {
  for (const [what, args, message] of refused) {
    it(`refuse ${what}`, () => assert.match(problems(args)[0] ?? "", message));
  }

  it("report all problems at once", () => {
    const args = { members: { a: { hosts: ["a:1", "b c"], validityPeriodHours: 0 } }, components: { "": {} } };
    assert.equal(problems(args).length, 4);
  });

  it("never show a secret", () => {
    const [problem] = problems({ members: { a: { hosts: [], loopback: pulumi.secret("hunter2") } } });
    assert.doesNotMatch(problem ?? "", /hunter2/);
  });

  it("leave for later what is known only later", () => {
    const later = pulumi.output(["x"]);
    assert.deepEqual(problems({ members: { a: { hosts: later }, b: { hosts: [pulumi.output("x")] } } }), []);
    assert.deepEqual(problems({ members: { a: { ...member, validityPeriodHours: pulumi.output(0) } } }), []);
  });

  it("accept names that other systems use", () => {
    const names = ["kube-apiserver", "calico_node", "my.app", "user@example.com", "A1"];
    assert.deepEqual(problems({ components: Object.fromEntries(names.map((name) => [name, {}])) }), []);
  });
});

describe("the warnings", () => {
  const warned: [string, EtcdPkiArgs, RegExp][] = [
    [
      "a member with DNS names only",
      { members: { a: { hosts: ["a.example"] } } },
      /^members\["a"\].hosts has DNS names only/,
    ],
    ["a component named root", { components: { root: {} } }, /^components\["root"\] is etcd's superuser/],
    [
      "a very long life",
      { components: { a: { validityPeriodHours: 20000 } } },
      /^components\["a"\].validityPeriodHours is 20000/,
    ],
    ["a very long life by default", { defaults: { validityPeriodHours: 20000 }, components: { a: {} } }, /is 20000/],
  ];
  for (const [what, args, message] of warned) {
    it(`name ${what}`, () => assert.match(warningsIn(args).join("\n"), message));
  }

  it("keep quiet about an ordinary cluster", () => {
    const members = { a: { hosts: ["a.example", "10.0.0.1"] }, b: { hosts: ["b", "::2"] } };
    const later = { c: { hosts: [pulumi.output("10.0.0.3")] } };
    assert.deepEqual(warningsIn({ members: { ...members, ...later }, components: { app: {} } }), []);
  });
});
