import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { closedGates, gateProblems, gates } from "../../../../src/cli/review/gates";
import { readPreview } from "../../../../src/cli/review/preview";
import { reviewOf } from "../../../../src/cli/review/review";
import type { Step } from "./preview-of";
import { accessStep, certificateSteps, previewOf, record, recordSteps } from "./preview-of";

const closed = (steps: Step[], diagnostics: object[] = []) =>
  closedGates(reviewOf(readPreview(previewOf(steps, diagnostics))), Object.keys(gates));

const renewed = (isNewKey: boolean) => certificateSteps("etcd-member-etcd-1", "replace", ["readyForRenewal"], isNewKey);
const generations = { client: { generations: ["1", "2"], signing: "1" } };
const distrusted = { client: { generations: ["1"], signing: "1", distrusted: ["0"] } };
const users = { users: { app: { app: "granted" } }, roles: { app: { "key /a": "read" } } };

const cases: [string, Step[], string[]][] = [
  ["a renewal", renewed(false), []],
  [
    "a first update",
    [...certificateSteps("etcd-member-etcd-1", "create", [], true), ...recordSteps(undefined, record())],
    [],
  ],
  ["a new key", renewed(true), ["key"]],
  ["a key of an authority that goes", recordSteps(record(distrusted), record()), ["authority"]],
  ["a removed component", certificateSteps("etcd-component-app", "delete", [], true), ["removal"]],
  ["a stage of a rotation", recordSteps(record(), record(generations)), ["authority", "restart"]],
  ["a permission", [accessStep(users, { ...users, roles: {} })], ["permission"]],
  ["another login", [accessStep(users, { ...users, logins: { app: "password" } })], ["permission"]],
  ["a changed password", [{ ...accessStep(users, users), diffReasons: ["passwords"] }], ["permission"]],
  ["a removed user", [accessStep(users, undefined)], ["removal", "permission"]],
  ["a secret record", recordSteps(record(), "[secret]" as never), ["authority", "restart"]],
  ["secret users", [accessStep(users, { users: "[secret]", roles: {} })], ["permission"]],
];

describe("--fail-on", () => {
  for (const [what, steps, names] of cases)
    it(`${what} closes ${names.join(" and ") || "nothing"}`, () => assert.deepEqual(closed(steps), names));

  it("a refusal closes refusal", () => {
    assert.deepEqual(closed([], [{ severity: "error", message: "no" }]), ["refusal"]);
  });
  it("closes only what is named, and names what there is", () => {
    const review = reviewOf(readPreview(previewOf(renewed(true))));
    assert.deepEqual(closedGates(review, ["restart"]), []);
    assert.deepEqual(gateProblems(["keys"]), [
      '--fail-on names "keys"; allowed are authority, removal, key, permission, restart, refusal',
    ]);
  });
});
