import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import {
  bytes,
  endOf,
  keyRange,
  type KeyRange,
  parseRange,
  type Permission,
  prefixEnd,
  prefixRange,
  rangeText,
} from "../../../src/rbac/permissions";
import { covers, intersection, overlap } from "../../../src/rbac/coverage";

const someKeys = ["", "\0", "a", "b", "\xff"]
  .flatMap((a) => ["", "\0", "a", "\xff"].flatMap((b) => ["", "\0", "a", "\xff"].map((c) => a + b + c)))
  .filter((key, index, all) => key !== "" && all.indexOf(key) === index);
const key = fc.string({ unit: fc.constantFrom("\0", "a", "b", "\xff"), minLength: 1, maxLength: 2 });
const range: fc.Arbitrary<KeyRange> = fc.oneof(
  key.map((one) => ({ key: one, rangeEnd: "" })),
  key.map(prefixRange),
  key.map((one) => ({ key: one, rangeEnd: "\0" })),
  fc
    .tuple(key, key)
    .filter(([a, b]) => a < b)
    .map(([a, b]) => ({ key: a, rangeEnd: b })),
);
const permission: fc.Arbitrary<Permission> = fc
  .tuple(range, fc.constantFrom("read" as const, "write" as const, "readwrite" as const))
  .map(([one, access]) => ({ ...one, access }));
const isIn = (one: KeyRange, candidate: string) => {
  const end = endOf(one);
  return candidate >= one.key && (end === undefined || candidate < end);
};

describe("key ranges", () => {
  const ends: [string, string][] = [
    ["/app/", "/app0"],
    ["a", "b"],
    ["a\xff", "b"],
    ["a\xff\xff", "b"],
    ["\xff", "\0"],
    ["\xff\xff", "\0"],
    ["", "\0"],
    ["a\0", "a\x01"],
  ];
  for (const [prefix, end] of ends) {
    it(`end a prefix of ${JSON.stringify(prefix)} at ${JSON.stringify(end)}`, () => {
      assert.equal(prefixEnd(prefix), end);
    });
  }

  it("hold exactly the keys that begin with the prefix", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("\0", "a", "b", "\xff"), maxLength: 3 }), (prefix) => {
        for (const one of someKeys)
          assert.equal(isIn(prefixRange(prefix), one), one.startsWith(prefix), rangeText(prefixRange(prefix)));
      }),
    );
  });

  it("are made from UTF-8 bytes, and sort as bytes and not as UTF-16", () => {
    const emoji = bytes("\u{1f600}");
    const privateUse = bytes("\uffee");
    assert.ok(emoji > privateUse);
    assert.ok("\u{1f600}" < "\uffee");
    assert.deepEqual(keyRange({ prefix: "/ü", access: "read" }), { key: "/\xc3\xbc", rangeEnd: "/\xc3\xbd" });
    assert.deepEqual(keyRange({ from: "a", to: "c", access: "read" }), { key: "a", rangeEnd: "c" });
    assert.deepEqual(keyRange({ key: "a", access: "read" }), { key: "a", rangeEnd: "" });
    assert.deepEqual(keyRange({ prefix: "", access: "read" }), { key: "\0", rangeEnd: "\0" });
  });

  it("overlap in exactly the keys that are in both", () => {
    fc.assert(
      fc.property(range, range, (a, b) => {
        const both = overlap(a, b);
        for (const one of someKeys)
          assert.equal(both !== undefined && isIn(both, one), isIn(a, one) && isIn(b, one), one);
      }),
    );
  });

  it("intersect access by access", () => {
    fc.assert(
      fc.property(fc.array(permission, { maxLength: 3 }), fc.array(permission, { maxLength: 3 }), (a, b) => {
        const may = (list: Permission[], access: string, one: string) =>
          list.some((held) => held.access.includes(access) && isIn(held, one));
        for (const access of ["read", "write"])
          for (const one of someKeys)
            assert.equal(may(intersection(a, b), access, one), may(a, access, one) && may(b, access, one));
      }),
    );
  });

  it("cover another range when each of its keys is in one of them", () => {
    fc.assert(
      fc.property(fc.array(permission, { maxLength: 4 }), permission, (list, wanted) => {
        const missing = (access: string) =>
          wanted.access.includes(access) &&
          someKeys.some(
            (one) => isIn(wanted, one) && !list.some((held) => held.access.includes(access) && isIn(held, one)),
          );
        if (missing("read") || missing("write")) assert.ok(!covers(list, wanted));
        if (covers(list, wanted)) assert.ok(!missing("read") && !missing("write"));
      }),
    );
  });

  it("are covered by their halves, and not when a key between is missing", () => {
    const wanted: Permission = { key: "a", rangeEnd: "c", access: "readwrite" };
    const half = (from: string, to: string, access: "read" | "readwrite" = "readwrite") => ({
      key: from,
      rangeEnd: to,
      access,
    });
    assert.ok(covers([half("b", "c"), half("a", "b")], wanted));
    assert.ok(!covers([half("b\0", "c"), half("a", "b")], wanted));
    assert.ok(covers([half("b\0", "c"), half("a", "b"), half("b", "")], wanted));
    assert.ok(!covers([half("b", "c", "read"), half("a", "b")], wanted));
    assert.ok(covers([half("a", "\0")], wanted));
  });
});

describe("the text of a range", () => {
  const texts: [KeyRange, string][] = [
    [{ key: "/a", rangeEnd: "" }, "key /a"],
    [{ key: "/a/", rangeEnd: "/a0" }, "prefix /a/"],
    [{ key: "/a/", rangeEnd: "/b/" }, "range /a/ .. /b/"],
    [{ key: "\0", rangeEnd: "\0" }, "all keys"],
    [{ key: "/a", rangeEnd: "\0" }, "from /a"],
    [{ key: bytes("/grün und/"), rangeEnd: prefixEnd(bytes("/grün und/")) }, "prefix /grün\\x20und/"],
    [{ key: "/\xff\\", rangeEnd: "" }, "key /\\xff\\x5c"],
    [{ key: bytes("/\u202e"), rangeEnd: "" }, "key /\\xe2\\x80\\xae"],
  ];
  for (const [one, text] of texts) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.equal(rangeText(one), text);
    });
  }

  it("can be read back, whatever the bytes", () => {
    const anyBytes = fc.uint8Array({ maxLength: 6 }).map((list) => Buffer.from(list).toString("latin1"));
    fc.assert(
      fc.property(anyBytes, fc.oneof(anyBytes, fc.constantFrom("", "\0")), (from, end) => {
        assert.deepEqual(parseRange(rangeText({ key: from, rangeEnd: end })), { key: from, rangeEnd: end });
      }),
    );
    fc.assert(fc.property(range, (one) => assert.deepEqual(parseRange(rangeText(one)), one)));
  });
});
