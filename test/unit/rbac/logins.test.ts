import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { LoginAnswer } from "../../../src/rbac/calls";
import { type DeclaredLogins, loginChanges } from "../../../src/rbac/logins";

const user = "patroni";
const logins = (password: string | undefined, before: boolean, isNew: boolean): DeclaredLogins => ({
  passwords: new Map([[user, password]]),
  before: new Set(before ? [user] : []),
  isNew: new Set(isNew ? [user] : []),
});

describe("a login by a password", () => {
  const cases: [what: string, DeclaredLogins, isOn: boolean, LoginAnswer | undefined, "kept" | "changed" | "anew"][] = [
    ["that etcd takes", logins("new", true, true), true, "right", "kept"],
    ["that etcd refuses", logins("new", true, false), true, "wrong", "changed"],
    ["of a user that had its certificate", logins("new", false, true), true, "none", "anew"],
    ["that is new, in a preview", logins("new", true, true), true, undefined, "changed"],
    ["that is the first, in a preview", logins("new", false, true), true, undefined, "anew"],
    ["that is as before, in a preview", logins("old", true, false), true, undefined, "kept"],
    ["that is new, with authentication off", logins("new", true, true), false, undefined, "anew"],
    ["that is as before, with authentication off", logins("old", true, false), false, undefined, "kept"],
    ["that is not declared", logins(undefined, false, true), true, "wrong", "kept"],
    ["that is no longer declared", { ...logins("old", true, false), passwords: new Map() }, true, undefined, "anew"],
  ];
  for (const [what, declared, authentication, answer, expected] of cases)
    it(`${what}, is ${expected}`, () => {
      const state = { roles: new Map(), users: new Map([[user, []]]), authentication };
      const { anew, changed } = loginChanges(state, declared, new Map(answer ? [[user, answer]] : []));
      assert.deepEqual(
        [...anew]
          .map(() => "anew")
          .concat([...changed].map(() => "changed"))
          .join() || "kept",
        expected,
      );
    });
});
