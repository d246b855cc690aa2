import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { refuseLockOut } from "../../../src/rbac/operations";

describe("the guard against a lock-out", () => {
  it("lets root go once authentication is off", () => {
    const reason = "";
    const state = { roles: new Map(), users: new Map(), authentication: true };
    const steps = [{ call: "userDelete" as const, user: "root", reason }];
    assert.throws(() => refuseLockOut(steps, state), /would lock everybody out.*etcdctl auth disable/s);
    refuseLockOut([{ call: "authDisable", reason }, ...steps], state);
    refuseLockOut(steps, { ...state, authentication: false });
  });
});
