import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type Trust, distrustedProblems, jumpProblems, leftOutProblems, stagesOf } from "../../../src/pki/trust";

/** `trusted / signing`, then what is kept and what is gone. */
const state = (text: string, distrusted: string[] = [], retired: string[] = []): Trust => {
  const [generations = "", signing = ""] = text.split("/");
  return { generations: generations.split(" "), signing, distrusted, retired };
};

describe("the stages of a CA rotation", () => {
  const legal: [string, Trust, Trust, string[]][] = [
    ["nothing, when nothing changes", state("a b/a"), state("a b/a"), []],
    ["nothing, when the generations are named in another order", state("a b/a"), state("b a/a"), []],
    ["trust, when a generation joins", state("a/a"), state("a b/a"), ["trust"]],
    ["sign, when another trusted generation signs", state("a b/a"), state("a b/b"), ["sign"]],
    ["distrust, when the old one leaves", state("a b/b"), state("b/b"), ["distrust"]],
    ["distrust, when the old one is kept", state("a b/b"), state("b/b", ["a"]), ["distrust"]],
    ["nothing, when a kept generation is forgotten", state("b/b", ["a"]), state("b/b", [], ["a"]), []],
    ["back from trust", state("a b/a"), state("a/a"), ["distrust"]],
    ["back from sign", state("a b/b"), state("a b/a"), ["sign"]],
    ["back from distrust", state("b/b", ["a"]), state("a b/b"), ["trust"]],
    ["sign and distrust of a third", state("a b c/b"), state("b c/c"), ["sign", "distrust"]],
    ["sign and trust of a third", state("a b/a"), state("a b c/b"), ["trust", "sign"]],
  ];
  for (const [name, last, next, stages] of legal) {
    it(`are ${name}`, () => {
      assert.deepEqual(jumpProblems(last, next), []);
      assert.deepEqual(
        stagesOf(last, next).map((stage) => stage.name),
        stages,
      );
    });
  }

  it("say which restarts they need, before and after", () => {
    for (const [, last, next] of legal) {
      for (const { words } of stagesOf(last, next)) assert.match(words, /Restarts before: .+ Restarts after: /);
    }
    assert.match(stagesOf(state("a b/b"), state("b/b"))[0]!.words, /its key is deleted/);
    assert.match(stagesOf(state("a b/b"), state("b/b", ["a"]))[0]!.words, /its key is kept/);
  });
});

describe("an illegal jump is refused, with the stage to take first,", () => {
  const illegal: [string, Trust, Trust, RegExp][] = [
    [
      "signing with a generation that joins in the same update",
      state("a/a"),
      state("a b/b"),
      /"b", which cannot sign yet.*last update \(a\).*first trust it: .*\["a", "b"\], signing: "a"/,
    ],
    [
      "the whole rotation in one update",
      state("a/a"),
      state("b/b"),
      /"b", which cannot sign yet.*first trust it: .*\["a", "b"\], signing: "a"/,
    ],
    [
      "dropping the generation that signed what is in use",
      state("a b/a"),
      state("b/b"),
      /no longer names "a", which signed.*first sign with another one: .*\["a", "b"\], signing: "b"/,
    ],
    [
      "dropping and adding at once",
      state("a b/b"),
      state("b c/b"),
      /gains "c" and loses "a".*first add: .*\["a", "b", "c"\], signing: "b"/,
    ],
    [
      "a name that was used before",
      state("b/b", [], ["a"]),
      state("a b/b"),
      /"a", which was retired.*a name of its own/,
    ],
  ];
  for (const [name, last, next, message] of illegal) {
    it(`as ${name}`, () => assert.match(jumpProblems(last, next).join("\n"), message));
  }

  it("and what it says to take first is legal", () => {
    for (const [, last, next] of illegal.slice(0, 4)) {
      const advice = jumpProblems(last, next).join("\n");
      const [, generations = "", signing = ""] = /generations: \[(.*?)\], signing: "(.*?)"/.exec(advice) ?? [];
      const first = state(`${generations.replace(/[",]/g, "")}/${signing}`);
      assert.notEqual(stagesOf(last, first).length, 0);
      assert.deepEqual(jumpProblems(last, first), []);
    }
  });
});

describe("a certificate that the last update left out", () => {
  it("keeps every generation in the bundle, and says how to go on", () => {
    const last = state("a b/b");
    assert.match(
      leftOutProblems(['members["x"]'], last, state("b/b")).join("\n"),
      /no longer names "a".*left out members\["x"\], whose.*"b" has not.*--exclude: .*\["a", "b"\], signing: "b"/,
    );
    assert.deepEqual(leftOutProblems([], last, state("b/b")), []);
    assert.deepEqual(leftOutProblems(['members["x"]'], last, state("a b/a")), []);
    assert.deepEqual(leftOutProblems(['members["x"]'], last, state("a b c/b")), []);
  });
});

describe("a generation that is kept but not trusted", () => {
  it("is named once", () => {
    assert.deepEqual(distrustedProblems(["b"], ["a"]), []);
    assert.match(distrustedProblems(["a", "b"], ["a"]).join(), /distrusted names "a"/);
    assert.match(distrustedProblems(["b"], ["a", "a"]).join(), /distrusted names "a"/);
  });
});
