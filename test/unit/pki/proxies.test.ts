import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { EtcdPkiArgs } from "../../../src/pki/args";
import { proxyWarnings } from "../../../src/pki/proxies";

const proxies = { "proxy-1": { hosts: ["proxy.example.com"] } };
const permissions = [{ prefix: "/app/", access: "read" as const }];

describe("Rights beside a grpc-proxy", () => {
  const cases: [string, EtcdPkiArgs, boolean][] = [
    ["a component with permissions", { proxies, components: { app: { permissions } } }, true],
    ["a component with a preset", { proxies, components: { app: { presets: [{ name: "traefik" }] } } }, true],
    [
      "a component that logs in by a password",
      { proxies, components: { app: { permissions, login: "password" } } },
      false,
    ],
    ["no rights", { proxies, components: { app: {}, root: {} } }, false],
    ["no proxy", { components: { app: { permissions } } }, false],
  ];
  for (const [what, args, isWarned] of cases)
    it(`are ${isWarned ? "" : "not "}warned of for ${what}`, () => {
      const warnings = proxyWarnings(args);
      assert.equal(warnings.length, isWarned ? 1 : 0);
      if (isWarned) assert.match(warnings[0]!, /app may do nothing through a grpc-proxy.*etcd gateway/);
    });
});
