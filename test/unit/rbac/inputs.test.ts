import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { usersAndRoles } from "../../../src/rbac/dynamic-v1";
import {
  madeBy,
  toConnection,
  toDeclaration,
  toFoundInputs,
  toInputs,
  type UsersAndRolesInputs,
} from "../../../src/rbac/inputs";
import { desiredState, difference } from "../../../src/rbac/plan";
import { stepText } from "../../../src/rbac/steps";

const inputs = (changes: Partial<UsersAndRolesInputs> = {}): UsersAndRolesInputs => ({
  endpoints: ["https://127.0.0.1:1"],
  caBundlePem: "ca",
  administrator: { certPem: "certificate", privateKeyPem: "key" },
  ...toInputs(desiredState({ root: {}, app: { permissions: [{ prefix: "/a/", access: "read" }] } })),
  enableAuthentication: true,
  removeUndeclared: false,
  skipDeleteIfUnreachable: false,
  adopted: {},
  ...changes,
});
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("what the state holds of users and roles", () => {
  it("is a map by range, so that a permission is a line of a preview", () => {
    assert.deepEqual(inputs().roles, { root: {}, app: { "prefix /a/": "read" } });
    assert.deepEqual(inputs().users, { root: { root: "granted" }, app: { app: "granted" } });
  });

  it("leaves out of what it deletes whatever was there before", () => {
    const adopted = {
      "user root": "was there before",
      "role root": "was there before",
      authentication: "was there before",
    };
    const given = inputs({ adopted });
    assert.deepEqual(madeBy(given, toDeclaration(given)), { users: ["app"], roles: ["app"], authentication: false });
    assert.deepEqual(madeBy(inputs(), toDeclaration(inputs())), {
      users: ["app", "root"],
      roles: ["app", "root"],
      authentication: true,
    });
  });

  it("remains responsible for what an earlier update made, until it is deleted", () => {
    const made = { users: ["root", "gone"], roles: ["gone"], authentication: true };
    const { made: names } = toDeclaration(inputs(), { made, adopted: {} });
    assert.deepEqual([...names.users].sort(), ["app", "gone", "root"]);
  });

  const authentication: [boolean, boolean, boolean, string[]][] = [
    [
      true,
      false,
      false,
      [
        "turn authentication on: the declaration asks for it; a user etcd-pki-lock-out-guard stands by until every member has let the administrator in",
      ],
    ],
    [true, false, true, []],
    [false, false, true, []],
    [
      false,
      true,
      true,
      ["turn authentication off: the declaration does not ask for it; every client may then read and write every key"],
    ],
    [false, true, false, []],
  ];
  for (const [enableAuthentication, wasMade, isOn, lines] of authentication) {
    it(`makes ${lines.length} calls if enableAuthentication is ${enableAuthentication}, it is ${isOn ? "on" : "off"}, and was ${wasMade ? "" : "not "}turned on here`, () => {
      const given = inputs({ enableAuthentication });
      const { desired } = toDeclaration(given, {
        made: { users: [], roles: [], authentication: wasMade },
        adopted: {},
      });
      const actual = { roles: desired.roles, users: desired.users, authentication: isOn };
      const nobody = { users: new Set<string>(), roles: new Set<string>() };
      assert.deepEqual(difference(actual, desired, nobody).map(stepText), lines);
    });
  }

  it("shows after a refresh what etcd holds of the declared names, and of all if undeclared ones are to go", () => {
    const found = {
      state: {
        roles: new Map([["app", []]]),
        users: new Map([
          ["app", []],
          ["bob", []],
        ]),
        authentication: false,
      },
      otherRoles: ["extra"],
    };
    const made = { users: [], roles: [], authentication: true };
    const now = toFoundInputs(inputs(), found, made);
    assert.deepEqual([now.roles, now.users, now.enableAuthentication], [{ app: {} }, { app: {} }, false]);
    const all = toFoundInputs(inputs({ removeUndeclared: true }), found, made);
    assert.deepEqual(
      [Object.keys(all.roles), Object.keys(all.users)],
      [
        ["app", "extra"],
        ["app", "bob"],
      ],
    );
  });

  it("is left for the connection that the environment names", () => {
    const { endpoints, certPem } = toConnection(inputs(), { ETCD_RBAC_ENDPOINTS: "https://a:1,https://b:2" });
    assert.deepEqual([endpoints, certPem], [["https://a:1", "https://b:2"], "certificate"]);
    assert.deepEqual(toConnection(inputs()).endpoints, ["https://127.0.0.1:1"]);
  });
});

describe("the comparison of two declarations", () => {
  const olds = { ...inputs(), made: { users: [], roles: [], authentication: true } };
  const values: [string, object][] = [
    ["endpoints", { endpoints: unknown }],
    ["an endpoint", { endpoints: [unknown] }],
    ["the administrator", { administrator: unknown }],
    ["the certificate", { administrator: { certPem: unknown, privateKeyPem: unknown } }],
    ["the inventory", { adopted: unknown }],
  ];
  for (const [what, change] of values) {
    it(`is left to the engine while ${what} is known only in the update`, async () => {
      assert.deepEqual(await usersAndRoles.diff("id", olds, { ...inputs(), ...change }), {});
    });
  }
});
