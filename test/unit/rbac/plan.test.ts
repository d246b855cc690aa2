import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { byRange, type Permission } from "../../../src/rbac/permissions";
import { type AuthState, desiredState, difference, type Names } from "../../../src/rbac/plan";
import { stepText } from "../../../src/rbac/steps";
import { apply, mayAccess } from "../../support/rbac/etcd-auth-model";

const sampleKeys = ["a", "a\0", "aa", "b", "b\0", "bb", "c", "c\0"];
const key = fc.constantFrom("a", "b", "a\0", "c");
const access = fc.constantFrom("read" as const, "write" as const, "readwrite" as const);
// Few keys and ends, so that several entries begin at one key, as etcd handles those badly.
const permission: fc.Arbitrary<Permission> = fc
  .record({
    key,
    rangeEnd: fc.constantFrom("", "b", "c", "\0", "d"),
    access,
  })
  .filter((one) => one.rangeEnd === "" || one.rangeEnd === "\0" || one.key < one.rangeEnd);
const names = ["u", "v"];
const roleNames = ["A", "B", "C"];
const state = (permissions: (list: Permission[]) => Permission[]): fc.Arbitrary<AuthState> =>
  fc
    .record({
      roles: fc.dictionary(fc.constantFrom(...roleNames), fc.array(permission, { maxLength: 4 }).map(permissions), {
        noNullPrototype: true,
      }),
      users: fc.dictionary(fc.constantFrom(...names), fc.subarray(roleNames), { noNullPrototype: true }),
    })
    .map(({ roles, users }) => ({
      roles: new Map(Object.entries(roles)),
      users: new Map(Object.entries(users).map(([user, held]) => [user, held.filter((role) => role in roles)])),
      authentication: false,
    }));
const sorted = (list: Permission[]) => [...list].sort((a, b) => (a.key < b.key ? -1 : 1));
const all: Names = { users: new Set(names), roles: new Set(roleNames) };
const normal = ({ roles, users }: AuthState) => ({
  roles: [...roles]
    .map(([role, list]) => [role, list.map((one) => JSON.stringify(one, ["key", "rangeEnd", "access"])).sort()])
    .sort(),
  users: [...users].map(([user, held]) => [user, [...held].sort()]).sort(),
});

function assertSafe(state: AuthState, old: AuthState, wanted: AuthState, after: string): void {
  for (const user of names)
    for (const one of sampleKeys)
      for (const wish of ["read", "write"] as const) {
        const [now, before, later] = [state, old, wanted].map((each) => mayAccess(each, user, one, wish));
        const words = `${user} ${wish} ${JSON.stringify(one)} after: ${after}`;
        assert.ok(!now || before || later, `more than old and new together: ${words}`);
        assert.ok(now || !(before && later), `less than old and new both allow: ${words}`);
      }
}

describe("the plan of users and roles", () => {
  // What is declared never has one range twice; what somebody did by hand may.
  it("reaches the declaration, never grants more than old and new together, never less than what both grant", () => {
    fc.assert(
      fc.property(
        state(sorted),
        state((list) => withoutTwins(byRange(list))),
        fc.boolean(),
        (old, wanted, newestFirst) => {
          let now = old;
          for (const step of difference(old, wanted, all)) {
            now = apply(now, step, newestFirst);
            assertSafe(now, old, wanted, stepText(step));
          }
          assert.deepEqual(normal(now), normal(wanted));
          assert.deepEqual(difference(now, wanted, all), []);
        },
      ),
      { numRuns: 800 },
    );
  });

  it("continues from wherever it was stopped, within the same bounds", () => {
    fc.assert(
      fc.property(
        state(sorted),
        state((list) => withoutTwins(byRange(list))),
        fc.nat(30),
        (old, wanted, stop) => {
          let now = old;
          for (const step of difference(old, wanted, all).slice(0, stop)) now = apply(now, step);
          for (const step of difference(now, wanted, all)) {
            now = apply(now, step);
            assertSafe(now, old, wanted, stepText(step));
          }
          assert.deepEqual(normal(now), normal(wanted));
        },
      ),
      { numRuns: 500 },
    );
  });
});

// A single key written in both of etcd's ways (`key` and `range key .. key\0`) is refused by the checks.
const withoutTwins = (list: Permission[]) =>
  list.filter(
    (one) => one.rangeEnd !== `${one.key}\0` || !list.some((other) => other.key === one.key && other.rangeEnd === ""),
  );

describe("the desired state", () => {
  it("gives each component a user, and a role of its name if it has permissions", () => {
    const wanted = desiredState(
      {
        "my-app": { permissions: [{ prefix: "/my-app/", access: "readwrite" }], roles: ["auditors"] },
        root: {},
        watcher: { roles: ["auditors"] },
      },
      { auditors: [{ prefix: "/", access: "read" }] },
    );
    assert.deepEqual(
      [...wanted.users],
      [
        ["root", ["root"]],
        ["my-app", ["my-app", "auditors"]],
        ["watcher", ["auditors"]],
      ],
    );
    assert.deepEqual([...wanted.roles.keys()], ["root", "auditors", "my-app"]);
    assert.deepEqual(wanted.roles.get("my-app"), [{ key: "/my-app/", rangeEnd: "/my-app0", access: "readwrite" }]);
  });

  it("is reached from nothing by root first and authentication last", () => {
    const nothing: AuthState = { roles: new Map(), users: new Map(), authentication: false };
    const wanted = desiredState({ app: { permissions: [{ key: "/a", access: "read" }] }, root: {} });
    assert.deepEqual(difference(nothing, wanted, { users: new Set(), roles: new Set() }).map(stepText), [
      "add role root: the declaration names it",
      "add role app: the declaration names it",
      "grant read on key /a to role app: the declaration asks for it",
      "add user root: the declaration names it",
      "add user app: the declaration names it",
      "grant role root to user root: the declaration asks for it",
      "grant role app to user app: the declaration asks for it",
      "turn authentication on: the declaration asks for it; a user etcd-pki-lock-out-guard stands by until every member has let the administrator in",
    ]);
  });
});

describe("the difference", () => {
  const held = (permissions: Permission[]): AuthState => ({
    roles: new Map([["app", permissions]]),
    users: new Map([["app", ["app"]]]),
    authentication: true,
  });
  const prefix = (access: Permission["access"]): Permission => ({ key: "/a/", rangeEnd: "/a0", access });
  const lines = (old: AuthState, wanted: AuthState) =>
    difference(old, wanted, { users: new Set(), roles: new Set() }).map(stepText);

  it("is one revoke when one permission is removed", () => {
    assert.deepEqual(
      lines(held([prefix("read"), { key: "/b", rangeEnd: "", access: "read" }]), held([prefix("read")])),
      ["revoke key /b from role app: the declaration does not ask for it"],
    );
  });

  it("overwrites the type of a range in place when nothing else begins at its key", () => {
    assert.deepEqual(lines(held([prefix("readwrite")]), held([prefix("read")])), [
      "grant read on prefix /a/ to role app: the declaration asks for read only",
    ]);
  });

  it("covers a range that shares its key with another while its type changes", () => {
    const key: Permission = { key: "/a/", rangeEnd: "", access: "read" };
    assert.deepEqual(lines(held([key, prefix("readwrite")]), held([key, prefix("read")])), [
      "grant read on range /a/ .. /a/\\x00 to role app: it holds the access while prefix /a/ changes",
      "grant read on range /a/\\x00 .. /a0 to role app: it holds the access while prefix /a/ changes",
      "revoke prefix /a/ from role app: the declaration asks for read only, and etcd cannot change this entry in place",
      "grant read on prefix /a/ to role app: the declaration asks for it",
      "revoke range /a/ .. /a/\\x00 from role app: prefix /a/ has changed",
      "revoke range /a/\\x00 .. /a0 from role app: prefix /a/ has changed",
    ]);
  });

  it("leaves users and roles alone that it may not remove", () => {
    const nothing: AuthState = { roles: new Map(), users: new Map(), authentication: true };
    assert.deepEqual(lines(held([]), nothing), []);
    assert.deepEqual(
      difference(held([]), nothing, { users: new Set(["app"]), roles: new Set(["app"]) }).map(stepText),
      ["delete user app: the declaration no longer names it", "delete role app: the declaration no longer names it"],
    );
  });
});
