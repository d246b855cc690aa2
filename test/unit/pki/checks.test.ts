import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as pulumi from "@pulumi/pulumi";
import type { EtcdPkiArgs } from "../../../src/pki/args";
import { problemsIn, shapeProblems, warningsIn } from "../../../src/pki/checks";
import { planPki } from "../../../src/pki/plan";

const member = { hosts: ["10.0.0.1"] };
function problems(given: unknown): string[] {
  const args = (given ?? {}) as EtcdPkiArgs;
  const shape = shapeProblems(given as EtcdPkiArgs);
  return shape.length > 0 ? shape : problemsIn(args, planPki("etcd", args));
}
const warnings = (args: EtcdPkiArgs) => warningsIn(planPki("etcd", args));
const authority = (certificateAuthority: object) => ({ members: { a: member }, certificateAuthority });

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
  ["a name with a comma", { components: { "a,b": {} } }, /the name "a,b" does not fit; use letters, digits/],
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
    /validityPeriodHours is 0; give a whole number of hours from 1 to 876000/,
  ],
  [
    "a negative validity",
    { defaults: { validityPeriodHours: -1 }, members: { a: member } },
    /validityPeriodHours is -1/,
  ],
  ["half an hour", { members: { a: { ...member, validityPeriodHours: 0.5 } } }, /validityPeriodHours is 0.5/],
  [
    "a leaf that outlives its authority",
    { members: { a: { ...member, validityPeriodHours: 8760 } }, certificateAuthority: { validityPeriodHours: 100 } },
    /is 8760, longer than the 100 of the authority; shorten it, or lengthen certificateAuthority/,
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

const ca = { certPem: "x", privateKeyPem: "x" };
const refusedAuthorities: [string, unknown, RegExp][] = [
  [
    "a life of a thousand years",
    authority({ validityPeriodHours: 8_760_000 }),
    /is 8760000; give a whole number of hours from 1/,
  ],
  [
    "a window of no hours",
    { members: { a: { ...member, earlyRenewalHours: 0 } } },
    /earlyRenewalHours is 0; .*renewed only when it has ended/,
  ],
  [
    "hours that are an output",
    { defaults: { validityPeriodHours: pulumi.output(1) } },
    /validityPeriodHours is an output .*plain data/,
  ],
  [
    "an existing authority alone",
    authority({ generations: ["old"], existing: { old: ca } }),
    /^peerCertificateAuthority is missing: .*sharedAuthority: true/,
  ],
  [
    "a shared authority with a peer's",
    { ...authority({}), sharedAuthority: true, peerCertificateAuthority: {} },
    /exclude each other; .*crossSignedBy/,
  ],
  [
    "a generation of the client's in the client's",
    authority({ generations: ["client:1"] }),
    /only peerCertificateAuthority can mean/,
  ],
  [
    "an unknown generation of the client's",
    { ...authority({}), peerCertificateAuthority: { generations: ["client:7"] } },
    /names "client:7", but certificateAuthority trusts only 1/,
  ],
  [
    "a generation that signs itself",
    authority({ crossSignedBy: { "1": "1" } }),
    /crossSignedBy\["1"\] is "1"; a generation signs itself/,
  ],
  [
    "generations that sign each other",
    authority({ generations: ["1", "2"], signing: "2", crossSignedBy: { "2": "1", "1": "2" } }),
    /crossSignedBy\["2"\] is "1", and that leads back to "2"/,
  ],
  [
    "a cross certificate of the peers' by what the client authority does not have",
    { members: { a: member }, peerCertificateAuthority: { crossSignedBy: { "1": "client:9" } } },
    /crossSignedBy\["1"\] is "client:9", which certificateAuthority has in neither generations nor distrusted/,
  ],
  [
    "a cross certificate of the client authority by itself under the peers' name for it",
    authority({ crossSignedBy: { "1": "client:1" } }),
    /crossSignedBy\["1"\] is "client:1"; only peerCertificateAuthority can mean/,
  ],
  [
    "an unknown cross signer",
    authority({ crossSignedBy: { "1": "0" } }),
    /is "0", which is in neither generations nor distrusted/,
  ],
  [
    "a cross certificate for nothing",
    authority({ crossSignedBy: { "2": "1" } }),
    /is for no generation that is made here/,
  ],
  [
    "a cross signer without its key",
    {
      ...authority({ generations: ["1", "old"], existing: { old: { certPem: "x" } }, crossSignedBy: { "1": "old" } }),
      sharedAuthority: true,
    },
    /whose private key is not given, so that it cannot sign/,
  ],
  [
    "a signer without its key",
    {
      ...authority({ generations: ["old"], signing: "old", existing: { old: { certPem: "x" } } }),
      sharedAuthority: true,
    },
    /signing is "old", whose private key is not given/,
  ],
  [
    "an existing authority that is no generation",
    { ...authority({ existing: { old: ca } }), sharedAuthority: true },
    /existing\["old"\] is in neither/,
  ],
  [
    "a root that would let everybody in",
    { ...authority({ generations: ["old"], existing: { old: { ...ca, anchorPem: "x" } } }), sharedAuthority: true },
    /anchorPem makes everybody who holds any certificate below it a client.*trustsEveryoneBelowAnchor: true/,
  ],
  [
    "a reissue of nothing",
    authority({ reissue: { "2": "x" } }),
    /reissue names "2", which is no generation; use one of 1/,
  ],
  [
    "two resources of one name",
    authority({ generations: ["1", "2", "2-by-1"], signing: "1", crossSignedBy: { "2": "1" } }),
    /would both be the resource "etcd-ca-2-by-1"/,
  ],
  ["a long country", authority({ subject: { country: "Germany" } }), /country is "Germany"; give the two letters/],
  [
    "a long organization",
    { components: { a: { subject: { organization: "a".repeat(65) } } } },
    /has 65 characters; a certificate takes at most 64/,
  ],
  [
    "the peers' own host name",
    { components: { a: { hosts: ["etcd.etcd-peer"] } } },
    /by which etcd tells members from all others/,
  ],
  [
    "hosts beside a request",
    { components: { a: { hosts: ["x"], certRequestPem: "x" } } },
    /has the hosts of its request/,
  ],
  ["a minor of etcd", { ...authority({}), etcdVersion: "3.5" }, /etcdVersion is "3.5"; give a whole version/],
  [
    "client usage without a gateway certificate",
    { ...authority({}), keepClientUsage: true },
    /^keepClientUsage is for a step to gatewayCertificate, which is not set; leave it out/,
  ],
  [
    "a gateway certificate with a shared authority",
    { ...authority({}), etcdVersion: "3.6.1", gatewayCertificate: true, sharedAuthority: true },
    /exclude each other/,
  ],
];

describe("the checks", () => {
  for (const [what, args, message] of refusedAuthorities) {
    it(`refuse ${what}`, () => assert.match(problems(args).join("\n"), message));
  }

  it("never show what may be a key", () => {
    const bad = { certPem: "x", privateKeyPem: { key: "hunter2" } };
    assert.deepEqual(problems(authority({ existing: { old: bad } })), [
      'certificateAuthority.existing["old"].privateKeyPem is no text; give PEM as text',
    ]);
  });

  it("take an empty text for none", () => {
    assert.deepEqual(problems({ components: { a: { subject: { organization: "", country: "" } } } }), []);
  });

  for (const [what, args, message] of refused) {
    it(`refuse ${what}`, () => assert.match(problems(args)[0] ?? "", message));
  }

  it("report all problems at once", () => {
    const args = { members: { a: { hosts: ["a:1", "b c"], validityPeriodHours: 0 } }, components: { "": {} } };
    assert.equal(new Set(problems(args)).size, 4);
  });

  it("never show a secret", () => {
    const [problem] = problems({ members: { a: { hosts: [], loopback: pulumi.secret("hunter2") } } });
    assert.doesNotMatch(problem ?? "", /hunter2/);
  });

  it("leave for later what is known only later", () => {
    const later = pulumi.output(["x"]);
    assert.deepEqual(problems({ members: { a: { hosts: later }, b: { hosts: [pulumi.output("x")] } } }), []);
  });

  it("accept names that other systems use", () => {
    const names = ["kube-apiserver", "calico_node", "my.app", "user@example.com", "A1", "system:kube-apiserver", "a b"];
    assert.deepEqual(problems({ components: Object.fromEntries(names.map((name) => [name, {}])) }), []);
  });
});

describe("the warnings", () => {
  const warned: [string, EtcdPkiArgs, RegExp][] = [
    [
      "a member with wildcards only",
      { members: { a: { hosts: ["*.a.example"] } } },
      /^members\["a"\].hosts has wildcards only: .*looks up each peer's address in reverse/,
    ],
    [
      "a very long life",
      { components: { a: { validityPeriodHours: 20000 } } },
      /^components\["a"\].validityPeriodHours is 20000/,
    ],
    ["a very long life by default", { defaults: { validityPeriodHours: 20000 }, components: { a: {} } }, /is 20000/],
  ];
  for (const [what, args, message] of warned) {
    it(`name ${what}`, () => assert.match(warnings(args).join("\n"), message));
  }

  it("keep quiet about an ordinary cluster", () => {
    const members = { a: { hosts: ["a.example"] }, b: { hosts: ["b", "::2"] } };
    const later = { c: { hosts: [pulumi.output("10.0.0.3")] } };
    assert.deepEqual(warnings({ members: { ...members, ...later }, components: { root: {}, app: {} } }), []);
  });
});
