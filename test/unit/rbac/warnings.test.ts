import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { warningsIn } from "../../../src/rbac/checks";
import type { EtcdRbacArgs } from "../../../src/rbac/args";
import { app, args, withPermission, write } from "./arguments";

describe("users and roles that are legal but risky", () => {
  const warned: [string, EtcdRbacArgs, string[]][] = [
    [
      "a component that may do nothing",
      args({ components: { root: {}, app: {} } }),
      [
        `components["app"] has no permissions and no roles: its user may do nothing; write permissions: [] if that is meant`,
      ],
    ],
    [
      "write without read",
      withPermission({ prefix: "/a/", access: "write" }),
      [
        `components["app"].permissions: write on prefix /a/ without read; who updates by transactions, as Kubernetes and Calico do, needs both`,
      ],
    ],
    [
      "read and write apart",
      args({ components: { root: {}, app: app({ prefix: "/a/", access: "write" }, { prefix: "/", access: "read" }) } }),
      [],
    ],
    [
      "two that write the same keys",
      args({
        components: {
          root: {},
          a: app({ prefix: "/x/", access: write }),
          b: app({ from: "/x/b", to: "/y", access: write }),
        },
      }),
      [`"a" (prefix /x/) and "b" (range /x/b .. /y) may write the same keys`],
    ],
    [
      "two that write the same prefix",
      args({
        components: { root: {}, a: app({ prefix: "/x/", access: write }), b: app({ prefix: "/x/", access: write }) },
      }),
      [`"a" (prefix /x/) and "b" (prefix /x/) may write the same keys`],
    ],
    [
      "one that holds the other's whole range",
      args({
        components: { root: {}, a: app({ prefix: "/x/", access: write }), b: app({ key: "/x/b", access: write }) },
      }),
      [],
    ],
    [
      "one that only reads what the other writes",
      args({
        components: { root: {}, a: app({ prefix: "/x/", access: write }), b: app({ prefix: "/x/", access: "read" }) },
      }),
      [],
    ],
    [
      "a role that nobody has",
      args({ roles: { reader: [{ key: "a", access: "read" }] } }),
      [`roles["reader"] is given to no component`],
    ],
  ];
  for (const [what, given, warnings] of warned) {
    it(`${warnings.length ? "warn" : "do not warn"} of ${what}`, () => assert.deepEqual(warningsIn(given), warnings));
  }
});
