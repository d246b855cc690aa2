import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { PermissionArgs } from "../../../../src/args";
import { rightsOf } from "../../../../src/cli/adopt/rights";
import { type Permission, permission } from "../../../../src/rbac/permissions";

const held = (roles: Record<string, Permission[]>, users: Record<string, string[]>) => ({
  users: new Map(Object.entries(users)),
  roles: new Map(Object.entries(roles)),
  withPassword: [],
  authentication: true,
  peerHosts: [],
});
const read = { access: "read" } as const;

describe("users and roles as a declaration", () => {
  const declared: [string, PermissionArgs][] = [
    ["a key", { key: "/app/settings", ...read }],
    ["a prefix with a delimiter", { prefix: "/app/", ...read }],
    ["a prefix that ends within a word", { prefix: "/app", ...read, allowPartialPrefix: true }],
    ["every key", { prefix: "", ...read, allowPartialPrefix: true }],
    ["a literal asterisk", { prefix: "/jobs/*", ...read, allowLiteralAsterisk: true }],
    ["a range", { from: "/a", to: "/c", ...read }],
    ["a key beyond ASCII", { key: "/größe", ...read }],
  ];
  for (const [what, args] of declared) {
    it(`says ${what} as EtcdRbac takes it, and means the same range`, () => {
      const { components, findings } = rightsOf(held({ app: [permission(args)] }, { app: ["app"] }));
      assert.deepEqual([components["app"], findings], [{ permissions: [args] }, []]);
    });
  }

  const refused: [string, Permission][] = [
    ["a range without an end", { key: "/open", rangeEnd: "\0", ...read }],
    ["bytes that are no text", { key: "\xff\xfe", rangeEnd: "", ...read }],
    ["a key with a space at its end", permission({ key: "/app ", ...read })],
  ];
  for (const [what, one] of refused) {
    it(`refuses ${what}, since the first update would take it away, and covers nothing by it`, () => {
      const inside = permission({ key: "/open/inside", ...read });
      const { components, findings } = rightsOf(held({ app: [one, inside] }, { app: ["app"] }));
      assert.deepEqual(
        findings.map(({ severity }) => severity),
        ["refused"],
      );
      assert.deepEqual(components["app"], { permissions: [{ key: "/open/inside", ...read }] });
    });
  }

  it("makes a component's own only what nobody else has", () => {
    const roles = { app: [permission({ key: "/app", ...read })], ops: [permission({ key: "/ops", ...read })] };
    const own = rightsOf(held(roles, { app: ["app", "ops"], boss: ["ops"] }));
    assert.deepEqual(own.components, {
      app: { permissions: [{ key: "/app", ...read }], roles: ["ops"] },
      boss: { roles: ["ops"] },
    });
    const shared = rightsOf(held(roles, { app: ["app"], boss: ["app"] }));
    assert.deepEqual([shared.components["app"], Object.keys(shared.roles)], [{ roles: ["app"] }, ["app"]]);
  });
});
