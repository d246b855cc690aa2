import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { markdown, marker } from "../../../../src/cli/review/markdown";
import { readPreview } from "../../../../src/cli/review/preview";
import { reviewOf } from "../../../../src/cli/review/review";
import { text } from "../../../../src/cli/review/text";
import type { Step } from "./preview-of";
import { certificateSteps, previewOf, record, recordSteps } from "./preview-of";

const review = (steps: Step[], diagnostics: object[] = []) => reviewOf(readPreview(previewOf(steps, diagnostics)));
const warning = (message: string) => ({ severity: "warning", message });

describe("a review as Markdown", () => {
  const many = Array.from({ length: 3000 }, (_, i) => `etcd-component-app-${i}`);
  const renewals = (names: string[]) => [
    ...names.flatMap((name) => certificateSteps(name, "replace", ["readyForRenewal"])),
    ...recordSteps(record(), record()),
  ];

  it("stays below what pipelines cut, with thousands of certificates and a long message", () => {
    const written = markdown(review(renewals(many), [warning("x".repeat(100_000))]));
    assert.ok(written.length < 64_000, `${written.length} characters`);
    assert.match(written, /^### Nobody must restart\. 3000 certificates are issued anew\.$/m);
    assert.match(written, /\d+ more are not shown/);
  });

  it("is the same text for the same preview, whatever the order of its steps", () => {
    const steps = renewals(many.slice(0, 20));
    assert.equal(markdown(review(steps)), markdown(review([...steps].reverse())));
  });

  it("begins with the marker by which a pipeline finds its comment, and is empty if nothing changes", () => {
    assert.ok(markdown(review(renewals(["etcd-component-app"]))).startsWith(`${marker}\n`));
    assert.equal(markdown(review([])), "");
  });

  it("takes no name for Markdown, HTML or somebody's account", () => {
    const path = 'members["`|<img src=x>@everyone#1"]';
    const next = record({}, { "etcd-member-etcd-1": { path } });
    const steps = [...certificateSteps("etcd-member-etcd-1", "replace", []), ...recordSteps(record(), next)];
    const row = markdown(review(steps))
      .split("\n")
      .find((line) => line.includes("everyone"))!;
    assert.doesNotMatch(row, /[`<>@]|(?<!&)#/);
    assert.equal(row.split("|").length, 9, "seven cells");
  });

  it("lets no message out of its block", () => {
    const written = markdown(review(renewals(["etcd-component-app"]), [warning("```\n# a title\n````")]));
    assert.match(written, /^`````text\n```\n# a title\n````\n`````$/m);
  });

  it("says dangers before the verdict, in text and in Markdown", () => {
    const found = review(renewals(["etcd-component-app"]), [warning("mind the gap")]);
    for (const written of [text(found), markdown(found)])
      assert.ok(written.indexOf("mind the gap") < written.indexOf("No member must restart"));
  });
});
