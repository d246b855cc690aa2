import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { endWords } from "../../../src/pki/authority/end";
import type { CertificateRecord, Ingredients, IssuedRecord } from "../../../src/pki/certificate/reasons";
import { renewalReasons, withoutDefaults } from "../../../src/pki/certificate/reasons";
import { leafValidityPeriodHours, staggeredEarlyRenewalHours } from "../../../src/pki/lifetime";

const now = new Date("2027-06-01T00:00:00Z");
const during = { began: now, now };
const end = "2028-01-01T00:00:00Z";
const newEnd = "2028-06-01T00:00:00Z";

type Row = Partial<CertificateRecord>;
const record = (rows: Record<string, Row>, signing = "1", reissue?: Record<string, string>): IssuedRecord => ({
  trust: {
    client: { generations: ["1"], signing, ...(reissue && { reissue }) },
    peer: { generations: ["1"], signing: "1" },
  },
  certificates: Object.fromEntries(
    Object.entries(rows).map(([name, row]) => [
      name,
      { path: name, kind: "component", validUntil: end, signedBy: signing, ...row },
    ]),
  ),
});
const reasons = (next: Row, { last = {} as Row, signing = "1", also = {}, gone = {}, come = {} } = {}) =>
  renewalReasons(
    record({ a: last, ...also, ...gone }),
    record({ a: { validUntil: newEnd, ...next }, ...also, ...come }, signing),
    during,
  );
// As the engine passes on what only the update will know.
const unknown = { __pulumiUnknown: true } as never;

describe("why a certificate is issued anew", () => {
  const hosts = { last: { hosts: "x" } };
  const forPeers = "etcd.etcd-peer, x";
  const because: [string, string[], RegExp][] = [
    [
      "its renewal window",
      reasons({}, { last: { validUntil: "2027-06-02T00:00:00Z" } }),
      /^a new certificate for a: its renewal window opened on 2027-0[45].* ends on 2027-06-02T00:00:00Z$/,
    ],
    [
      "a renewal window of its own",
      reasons({ earlyRenewalHours: 214 * 24 }, { last: { earlyRenewalHours: 214 * 24 } }),
      /opened on 2027-06-01T00:00:00Z, and it ends on 2028-01-01T00:00:00Z$/,
    ],
    ["the generation that signs", reasons({}, { signing: "2" }), /: generation "2" signs now$/],
    [
      "a new certificate of its generation",
      renewalReasons(record({ a: {} }), record({ a: { validUntil: newEnd } }, "1", { "1": "x" }), during),
      /: generation "1" has a new certificate$/,
    ],
    ["its hosts", reasons({ hosts: "x, y" }, hosts), /: hosts changed from "x" to "x, y"$/],
    [
      "an authority of the peers' own",
      reasons({ kind: "member", hosts: "x" }, { last: { kind: "member", hosts: forPeers }, come: { "a.peer": {} } }),
      /: it is for the client port only now, since the peers have pairs of their own$/,
    ],
    [
      "peers and another host",
      reasons(
        { kind: "member", hosts: "etcd.etcd-peer, y" },
        { last: { kind: "member", hosts: "x" }, gone: { "a.peer": {} } },
      ),
      /: it is for both ports now; hosts changed from "x" to "y"$/,
    ],
    [
      "name constraints that leave out the peers' host name",
      reasons({ kind: "peer", hosts: "x" }, { last: { kind: "peer", hosts: forPeers } }),
      /: it has no host etcd.etcd-peer any more$/,
    ],
    [
      "name constraints that do so no longer, with one pair for both ports",
      reasons({ kind: "member", hosts: forPeers }, { last: { kind: "member", hosts: "x" } }),
      /: it has the host etcd.etcd-peer now$/,
    ],
    [
      "client usage that goes",
      reasons({ kind: "member" }, { last: { kind: "member", clientUsage: true }, also: { "a.gateway": {} } }),
      /^a new certificate for a: it is for serving only, beside the member's gateway certificate$/,
    ],
    ["an argument that was a default", reasons({ renewNow: "x" }), /: renewNow changed from none to "x"$/],
    [
      "an argument that is a default again",
      reasons({}, { last: { keyAlgorithm: "RSA-2048" } }),
      /: keyAlgorithm changed from "RSA-2048" to "ECDSA-P256"$/,
    ],
    ["what no record holds", reasons({}), /: what it is made from changed$/],
    ["hosts that are not known yet", reasons({ hosts: unknown }, hosts), /: its hosts are known only in the update$/],
    ["two things at once", reasons({ rotateKey: "x" }, { signing: "2" }), /signs now; rotateKey changed/],
  ];
  it("is a window that opened while the update ran", () => {
    const [last, next] = [record({ a: { earlyRenewalHours: 214 * 24 - 1 } }), record({ a: { validUntil: newEnd } })];
    const later = new Date(now.getTime() + 3_600_000);
    assert.match(
      renewalReasons(last, next, { began: now, now: later }).join(),
      /its renewal window opened on 2027-06-01T01/,
    );
  });

  for (const [name, sentences, expected] of because) {
    it(`is said: ${name}`, () => assert.match(sentences.join("\n"), expected));
  }

  it("is said in a preview, too, where the new certificate is not known yet", () => {
    assert.deepEqual(reasons({ validUntil: unknown }, { signing: "2" }), [
      'a new certificate for a: generation "2" signs now',
    ]);
  });

  it("is not said of what stays, comes or goes", () => {
    assert.deepEqual(reasons({ validUntil: end }, { signing: "2" }), []);
    assert.deepEqual(renewalReasons(record({ a: {} }), record({ b: {} }), during), []);
  });

  it("is said of what the last update left out", () => {
    const last = record({ a: { signedBy: "1" }, b: {} }, "2");
    const next = record({ a: { validUntil: newEnd }, b: {} }, "2");
    assert.deepEqual(renewalReasons(last, next, during), ["a new certificate for a: the last update left it out"]);
  });

  it("is not said again of what an earlier update has issued, which could not record it", () => {
    const issued = (hours: number) => new Date(now.getTime() + hours * 3_600_000).toISOString().replace(".000Z", "Z");
    assert.deepEqual(reasons({ validUntil: issued(leafValidityPeriodHours - 1) }), []);
    assert.equal(reasons({ validUntil: issued(leafValidityPeriodHours) }).length, 1);
    assert.deepEqual(reasons({ validUntil: issued(99), validityPeriodHours: 100 }), []);
    assert.equal(reasons({ validUntil: issued(100), validityPeriodHours: 100 }).length, 1);
  });

  it("is said once for all that share it, and not with all their names", () => {
    const names = Array.from({ length: 20 }, (_, i) => `m${i}`);
    const all = (row: Row) => Object.fromEntries(names.map((name) => [name, row]));
    assert.deepEqual(renewalReasons(record(all({})), record(all({ validUntil: newEnd }), "2"), during), [
      'a new certificate for m0, m1, m2, m3, m4, m5, m6, m7 and 12 more: generation "2" signs now',
    ]);
  });
});

describe("what is recorded of a certificate", () => {
  const defaults: Ingredients = {
    keyAlgorithm: "ECDSA-P256",
    renewNow: "",
    rotateKey: "",
    hosts: "",
    validityPeriodHours: leafValidityPeriodHours,
    earlyRenewalHours: staggeredEarlyRenewalHours("a", leafValidityPeriodHours),
  };

  it("is nothing where all is by default", () => assert.deepEqual(withoutDefaults("a", defaults), {}));

  it("is what is not by default, and a window only where it is not the one of its name and validity", () => {
    const shorter = { validityPeriodHours: 100, earlyRenewalHours: staggeredEarlyRenewalHours("a", 100) };
    assert.deepEqual(withoutDefaults("a", { ...defaults, ...shorter }), { validityPeriodHours: 100 });
    assert.deepEqual(withoutDefaults("a", { ...defaults, hosts: "x", earlyRenewalHours: 7 }), {
      hosts: "x",
      earlyRenewalHours: 7,
    });
  });
});

describe("a generation near its end", () => {
  const ending = (left: number, state: object = {}) =>
    endWords({
      side: "client",
      path: "certificateAuthority",
      state: { generations: ["1"], signing: "1", ...state },
      name: "1",
      end: "2027-06-02T00:00:00Z",
      life: { total: 1000, left },
    }).join("\n");

  it("is announced in the last tenth of its life only", () => {
    assert.equal(ending(101), "");
    assert.match(ending(100), /"1".* ends on 2027-06-02.*, in 4 days/);
    assert.match(ending(24), /in 24 hours/);
    assert.match(ending(-1), /ended on 2027-06-02/);
  });

  it("comes with the way on: another certificate for its key, or a rotation while it can still sign", () => {
    assert.match(
      ending(1),
      /reissue: \{ "1": "2027-06" \}.*or begin a rotation: .*signing: "2", crossSignedBy: \{ "2": "1" \}/,
    );
    assert.match(
      ending(1, { generations: ["1", "2"], signing: "2", crossSignedBy: { "2": "1" } }),
      /go on with its rotation: .*generations: \["2"\], distrusted: \["1"\], crossSignedBy: \{ "2": "1" \} \}$/,
    );
    assert.doesNotMatch(ending(-1), /rotation/);
    assert.match(ending(-1), /reissue: \{ "1": "2027-06" \}/);
  });

  it("is offered no rotation in which it would have to sign what it cannot", () => {
    const existing = ["1"];
    for (const state of [
      { existing, leavesOnly: ["1"] },
      { existing, keyless: ["1"], signing: undefined },
    ]) {
      assert.match(ending(1, state), /existing\["1"\].certPem, and with it .*reissue.*rotation of two restarts/);
      assert.doesNotMatch(ending(1, state), /crossSignedBy/);
    }
  });
});
