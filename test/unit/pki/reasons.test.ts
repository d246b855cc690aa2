import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { leafValidityPeriodHours } from "../../../src/pki/profiles";
import type { Ingredients, IssuedRecord } from "../../../src/pki/reasons";
import { renewalReasons, secretIngredients, withoutDefaults } from "../../../src/pki/reasons";
import { authorityEnding, staggeredEarlyRenewalHours } from "../../../src/pki/renewal";

const now = new Date("2027-06-01T00:00:00Z");
const end = "2028-01-01T00:00:00Z";
const newEnd = "2028-06-01T00:00:00Z";

interface Row {
  validUntil?: string;
  madeFrom?: IssuedRecord["madeFrom"][string];
}
const record = (rows: Record<string, Row>, signing = "1"): IssuedRecord => ({
  trust: { generations: ["1"], signing },
  validUntil: Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row.validUntil ?? end])),
  madeFrom: Object.fromEntries(
    Object.entries(rows).flatMap(([name, row]) => (row.madeFrom ? [[name, row.madeFrom]] : [])),
  ),
});
const reasons = (next: Row, { last = {} as Row, signing = "1" } = {}) =>
  renewalReasons(record({ a: last }), record({ a: { validUntil: newEnd, ...next } }, signing), { a: "a" }, now);
// As the engine passes on what only the update will know.
const unknown = { __pulumiUnknown: true } as never;

describe("why a certificate is issued anew", () => {
  const hosts = { last: { madeFrom: { hosts: "x" } } };
  const because: [string, string[], RegExp][] = [
    [
      "its renewal window",
      reasons({}, { last: { validUntil: "2027-06-02T00:00:00Z" } }),
      /^a new certificate for a: its renewal window opened on 2027-0[45].* ends on 2027-06-02T00:00:00Z$/,
    ],
    [
      "a renewal window of its own",
      reasons({}, { last: { madeFrom: { earlyRenewalHours: 214 * 24 } } }),
      /opened on 2027-06-01T00:00:00Z, and it ends on 2028-01-01T00:00:00Z$/,
    ],
    ["the generation that signs", reasons({}, { signing: "2" }), /: generation "2" signs now$/],
    ["its hosts", reasons({ madeFrom: { hosts: "x, y" } }, hosts), /: hosts changed from "x" to "x, y"$/],
    [
      "an argument that was a default",
      reasons({ madeFrom: { renewNow: "x" } }),
      /: renewNow changed from none to "x"$/,
    ],
    [
      "an argument that is a default again",
      reasons({}, { last: { madeFrom: { keyAlgorithm: "RSA-2048" } } }),
      /: keyAlgorithm changed from "RSA-2048" to "ECDSA-P256"$/,
    ],
    ["what no record holds", reasons({}), /: what it is made from changed$/],
    ["what is not known yet", reasons({ madeFrom: unknown }, hosts), /: what it is made from changed$/],
    [
      "what was a secret",
      reasons({ madeFrom: { hosts: "x" } }, { last: { madeFrom: secretIngredients } }),
      /: what it is made from changed$/,
    ],
    [
      "not a window that is a secret",
      reasons({}, { last: { madeFrom: secretIngredients, validUntil: "2027-06-02T00:00:00Z" } }),
      /: what it is made from changed$/,
    ],
    ["two things at once", reasons({ madeFrom: { rotateKey: "x" } }, { signing: "2" }), /signs now; rotateKey changed/],
  ];
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
    assert.deepEqual(renewalReasons(record({ a: {} }), record({ b: {} }), { b: "b" }, now), []);
  });

  it("is said of what the last update left out", () => {
    const last = { ...record({ a: {}, b: {} }), leftOut: ["a"] };
    const next = record({ a: { validUntil: newEnd }, b: {} });
    assert.deepEqual(renewalReasons(last, next, { a: "a", b: "b" }, now), [
      "a new certificate for a: the last update left it out",
    ]);
  });

  it("is not said again of what an earlier update has issued, which could not record it", () => {
    const issued = (hours: number) => new Date(now.getTime() + hours * 3_600_000).toISOString().replace(".000Z", "Z");
    assert.deepEqual(reasons({ validUntil: issued(leafValidityPeriodHours - 1) }), []);
    assert.equal(reasons({ validUntil: issued(leafValidityPeriodHours) }).length, 1);
    assert.deepEqual(reasons({ validUntil: issued(99), madeFrom: { validityPeriodHours: 100 } }), []);
    assert.equal(reasons({ validUntil: issued(100), madeFrom: { validityPeriodHours: 100 } }).length, 1);
  });

  it("is said once for all that share it, and not with all their names", () => {
    const names = Array.from({ length: 20 }, (_, i) => `m${i}`);
    const all = (row: Row) => Object.fromEntries(names.map((name) => [name, row]));
    const paths = Object.fromEntries(names.map((name) => [name, name]));
    assert.deepEqual(renewalReasons(record(all({})), record(all({ validUntil: newEnd }), "2"), paths, now), [
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

  it("is nothing where all is by default", () => assert.equal(withoutDefaults("a", defaults), undefined));

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
