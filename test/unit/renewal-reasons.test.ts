import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { IssuedRecord, IssuedRow } from "../../src/pki/reasons";
import { renewalReasons } from "../../src/pki/reasons";
import { authorityEnding } from "../../src/pki/renewal";

const now = new Date("2027-06-01T00:00:00Z");
const made = { keyAlgorithm: "ECDSA-P256", renewNow: "", rotateKey: "", hosts: ["a"], validityPeriodHours: 8760 };
const old: IssuedRow = {
  leafChecksum: "old",
  generation: "1",
  validUntil: "2028-01-01T00:00:00Z",
  renewFrom: "2027-12-01T00:00:00Z",
  from: made,
};
const record = (rows: Record<string, IssuedRow>): IssuedRecord => ({
  trust: { generations: ["1"], signing: "1", distrusted: [], retired: [] },
  certificates: rows,
});
const reasons = (next: Partial<IssuedRow>, last: Partial<IssuedRow> = {}) =>
  renewalReasons(record({ a: { ...old, ...last } }), record({ a: { ...old, leafChecksum: "new", ...next } }), now);
// As the engine passes on what only the update will know.
const unknown = { __pulumiUnknown: true } as never;

describe("why a certificate is issued anew", () => {
  const because: [string, string[], RegExp][] = [
    [
      "its renewal window",
      reasons({}, { renewFrom: "2027-06-01T00:00:00Z" }),
      /opened on 2027-06-01.* ends on 2028-01-01/,
    ],
    ["the generation that signs", reasons({ generation: "2" }), /: generation "2" signs now$/],
    ["its hosts", reasons({ from: { ...made, hosts: ["a", "b"] } }), /: hosts changed from \["a"\] to \["a","b"\]$/],
    ["an argument", reasons({ from: { ...made, renewNow: "x" } }), /: renewNow changed from none to "x"$/],
    ["what no record holds", reasons({}), /: what it is made from changed$/],
    ["hosts that are not known yet", reasons({ from: { ...made, hosts: unknown } }), /: what it is made from changed$/],
    [
      "two things at once",
      reasons({ generation: "2", from: { ...made, rotateKey: "x" } }),
      /signs now; rotateKey changed/,
    ],
  ];
  for (const [name, sentences, expected] of because) {
    it(`is said: ${name}`, () => assert.match(sentences.join("\n"), expected));
  }

  it("is said in a preview, too, where the new certificate is not known yet", () => {
    assert.deepEqual(reasons({ leafChecksum: unknown, generation: "2" }), [
      'a new certificate for a: generation "2" signs now',
    ]);
  });

  it("is not said of what stays, comes or goes", () => {
    assert.deepEqual(reasons({ leafChecksum: "old", generation: "2" }), []);
    assert.deepEqual(renewalReasons(record({ a: old }), record({ b: old }), now), []);
  });

  it("is said once for all that share it, and not with all their names", () => {
    const all = (row: IssuedRow) => record(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`m${i}`, row])));
    assert.deepEqual(renewalReasons(all(old), all({ ...old, leafChecksum: "new", generation: "2" }), now), [
      'a new certificate for m0, m1, m2, m3, m4, m5, m6, m7 and 12 more: generation "2" signs now',
    ]);
  });
});

describe("a generation near its end", () => {
  const total = 1000;
  const end = "2027-06-02T00:00:00Z";

  it("is announced in the last tenth of its life only", () => {
    assert.deepEqual(authorityEnding("1", ["1"], end, { total, left: 101 }), []);
    assert.match(
      authorityEnding("1", ["1"], end, { total, left: 100 }).join(),
      /"1".* ends on 2027-06-02.*, in 4 days/,
    );
    assert.match(authorityEnding("1", ["1"], end, { total, left: 24 }).join(), /in 24 hours/);
    assert.match(authorityEnding("1", ["1"], end, { total, left: -1 }).join(), /ended on 2027-06-02/);
  });

  it("comes with the first step: add another one, or sign with the one that is there", () => {
    const life = { total, left: 1 };
    assert.match(
      authorityEnding("1", ["1"], end, life).join(),
      /first add a second one.*\["1", "<new name>"\], signing: "1"/,
    );
    assert.match(authorityEnding("1", ["1", "2"], end, life).join(), /first sign with the other.*signing: "2"/);
  });
});
