import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type Held, stepProblems } from "../../../src/secrets/published";

/** "1|12": the leaf is signed by the first key, the bundle trusts two. "?": not known yet. */
const held = (notation: string, more: Held = {}): Held => {
  const [leaf = "", bundle = ""] = notation.split("|");
  const keys = (digits: string) =>
    digits === "?" ? undefined : [...digits].map((digit) => digit.repeat(16)).join(" ");
  return { object: "etcd/my-app", signedBy: keys(leaf), trusts: keys(bundle), ...more };
};
const step = (last: string, next: string, more?: Held) =>
  stepProblems({ "etcd-secret-my-app": held(last) }, { "etcd-secret-my-app": held(next, more) });

const allowed: [what: string, last: string, next: string][] = [
  ["nothing", "1|1", "1|1"],
  ["the new generation is trusted", "1|1", "1|12"],
  ["it signs", "1|12", "2|12"],
  ["the old one is distrusted", "2|12", "2|2"],
  ["back from each", "2|2", "2|12"],
  ["it signs with a cross certificate, and members trust the old one alone", "1|1", "12|1"],
  ["the same for clients", "1|1", "12|12"],
  ["members trust the new one alone", "12|1", "12|2"],
  ["clients do", "12|12", "12|2"],
  ["the cross certificate leaves", "12|2", "2|2"],
  ["a leaf of a foreign authority, which its bundle never accepted", "3|1", "3|2"],
  ["what is not known yet", "1|1", "?|?"],
  ["a leaf that is not known yet, and a bundle that accepts the one before", "1|12", "?|12"],
];
const refused: [what: string, last: string, next: string, message: RegExp][] = [
  [
    "it signs, and the Secret never got it trusted",
    "1|1",
    "2|12",
    /bundle \(1{16}\) that does not accept the certificate/,
  ],
  [
    "it is distrusted, and the Secret never got the new leaf",
    "1|12",
    "2|2",
    /certificate \(signed by 1{16}\) that the CA bundle/,
  ],
  ["the same while the leaf is not known yet", "1|12", "?|2", /certificate \(signed by 1{16}\) that the CA bundle/],
  ["the cross certificate leaves, and the member's Secret never trusted the new one", "12|1", "2|2", /does not accept/],
  ["the old one is distrusted, and the Secret never got the cross-signed leaf", "1|1", "12|2", /signed by 1{16}/],
  ["it carries the certificate of another cluster", "1|1", "3|3", /another cluster needs another name/],
];

describe("A step of what a Secret holds", () => {
  for (const [what, last, next] of allowed) it(`is allowed: ${what}`, () => assert.deepEqual(step(last, next), []));

  for (const [what, last, next, message] of refused) {
    it(`is refused: ${what}`, () => {
      const problems = step(last, next);
      assert.match(problems[0] ?? "", message);
      assert.match(problems[0] ?? "", /etcd\/my-app.*run it without --target and --exclude/);
    });
  }

  it("is refused by the generation that is declared to sign, where the leaf is not known yet", () => {
    const [one, two] = ["1".repeat(16), "2".repeat(16)];
    const signed = (last: Held, next: string) => stepProblems({ s: last }, { s: held(next, { signing: two }) });
    const leftOut = held("1|1", { declared: `${one} ${two}` });
    assert.match(signed(leftOut, "?|12")[0] ?? "", /signed by 2{16}/);
    assert.deepEqual(signed(leftOut, "12|12"), [], "what is known goes before what is declared");
    assert.deepEqual(signed(held("1|12", { declared: `${one} ${two}` }), "?|12"), [], "it was not left out");
    assert.deepEqual(signed(held("1|1", { declared: one }), "?|12"), [], "it is cross-signed");
  });

  it("is refused in a preview that cannot tell who signs, where the last update left the Secret out", () => {
    const [one, two] = ["1".repeat(16), "2".repeat(16)];
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const leftOut = held("1|1", { declared: `${one} ${two}` });
    const after = (last: Held, next: Held) => stepProblems({ s: last }, { s: next });
    for (const signedBy of [undefined, unknown])
      assert.match(
        after(leftOut, held("1|12", { signedBy, signing: unknown }))[0] ?? "",
        /the Secret etcd\/my-app holds another CA bundle \(1{16}\).*give it the generation .*--skip-preview/,
      );
    assert.deepEqual(after(leftOut, held("1|12")), [], "the certificate stays");
    assert.deepEqual(after(leftOut, held("?|12", { signing: one })), [], "it is declared to be of the old one");
    assert.deepEqual(after(held("1|12", { declared: `${one} ${two}` }), held("?|12")), [], "it was not left out");
  });

  it("concerns no Secret that comes or goes", () => {
    const [a, b] = [held("1|1", { object: "etcd/a" }), held("3|3", { object: "etcd/b" })];
    assert.deepEqual(stepProblems({ a }, { b }), []);
    assert.deepEqual(
      stepProblems({ a: { ...a, made: false } }, { a: b }),
      [],
      "it was left out before it was ever made",
    );
  });

  it("is refused where the same object would be made and then deleted under another logical name", () => {
    const last = { "etcd-secret-certs": held("1|1", { object: "a/certs" }) };
    const next = {
      "etcd-secret-a/certs": held("1|1", { object: "a/certs" }),
      "etcd-secret-b/certs": held("1|1", { object: "b/certs" }),
    };
    assert.match(stepProblems(last, next).join(), /a\/certs was "etcd-secret-certs".*pulumi state rename/);
    assert.match(stepProblems(next, last).join(), /a\/certs was "etcd-secret-a\/certs"/);
    assert.deepEqual(stepProblems(next, next), []);
    const made = Object.fromEntries(Object.entries(next).map(([name, secret]) => [name, { ...secret, made: true }]));
    assert.deepEqual(stepProblems(last, made), [], "the state was told");
  });

  it("is not refused for what is no key of a certificate", () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    assert.deepEqual(step("1|1", "1|1", { signedBy: unknown, trusts: unknown, signing: unknown }), []);
    assert.deepEqual(step("1|1", "1|1", { signedBy: "", trusts: "" }), []);
  });
});
