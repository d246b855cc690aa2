import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { coverage, merged } from "../../../src/rbac/coverage";
import { endOf, type Permission } from "../../../src/rbac/permissions";

const key = fc.stringMatching(/^[a-c]{1,2}$/);
const one: fc.Arbitrary<Permission> = fc.record({
  key,
  rangeEnd: fc.oneof(fc.constant(""), fc.constant("\0"), key),
  access: fc.constantFrom("read", "write", "readwrite"),
});
const permissions = fc.array(one, { maxLength: 8 });

const keys = ["a", "b", "c"].flatMap((first) => ["", "a", "b", "c"].map((second) => first + second));
const allowed = (list: Permission[]) =>
  keys.flatMap((at) =>
    (["read", "write"] as const)
      .filter((access) =>
        list.some((held) => {
          const end = endOf(held);
          return held.access.includes(access) && at >= held.key && (end === undefined || at < end);
        }),
      )
      .map((access) => `${access} ${at}`),
  );

describe("merged permissions", () => {
  it("allow what all of them allowed, and none is held by the others", () => {
    fc.assert(
      fc.property(permissions, (list) => {
        const less = merged(list);
        assert.deepEqual(allowed(less), allowed(list));
        for (const held of less) {
          const wider = less.filter((other) => other !== held);
          const isHeld = wider.some((other) => endOf(held) !== "" && coverage([other])(held));
          assert.ok(!isHeld || endOf(held)! <= held.key, JSON.stringify(less));
        }
      }),
    );
  });

  it("leave the permissions of two programs as they were first said", () => {
    const prefix = (text: string, access: Permission["access"]) => ({ key: `${text}/`, rangeEnd: `${text}0`, access });
    const list = [prefix("b", "read"), prefix("a", "readwrite"), prefix("b", "readwrite"), prefix("a", "read")];
    assert.deepEqual(merged(list), [prefix("b", "readwrite"), prefix("a", "readwrite")]);
  });
});
