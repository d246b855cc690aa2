import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { PermissionArgs } from "../../../src/args";
import { calico } from "../../../src/presets/calico";
import { kubernetes } from "../../../src/presets/kubernetes";
import { operations } from "../../../src/presets/operations";

const everyPreset: [string, PermissionArgs[]][] = [
  ...Object.entries(calico).flatMap(([name, preset]): [string, PermissionArgs[]][] => [
    [`calico.${name}()`, preset()],
    [`calico.${name}({ version: "3.99" })`, preset({ version: "3.99" })],
  ]),
  ["kubernetes.apiServer()", kubernetes.apiServer()],
  ["kubernetes.coreDns()", kubernetes.coreDns()],
  ["operations.healthProbe()", operations.healthProbe()],
];

describe("The Kubernetes presets", () => {
  for (const [etcdPrefix, prefix] of [
    [undefined, "/registry/"],
    ["/registry", "/registry/"],
    ["/clusters/a/", "/clusters/a/"],
    ["registry", "/registry/"],
  ]) {
    it(`give kube-apiserver with --etcd-prefix ${etcdPrefix} the prefix ${prefix} and the key of the compaction`, () => {
      assert.deepEqual(kubernetes.apiServer({ etcdPrefix }), [
        { prefix, access: "readwrite" },
        { key: "compact_rev_key", access: "readwrite" },
      ]);
    });
  }

  it("give kube-apiserver the role root only when asked for by name", () => {
    assert.deepEqual(kubernetes.apiServerWithRoot({ etcdPrefix: "/a" }), {
      permissions: kubernetes.apiServer({ etcdPrefix: "/a" }),
      roles: ["root"],
    });
  });

  it("let CoreDNS read its records and no more", () => {
    assert.deepEqual(kubernetes.coreDns(), [{ prefix: "/skydns/", access: "read" }]);
    assert.deepEqual(kubernetes.coreDns({ path: "/dns" }), [{ prefix: "/dns/", access: "read" }]);
  });

  for (const all of ["", "/", "//"]) {
    it(`refuse ${JSON.stringify(all)}, which is every key`, () => {
      const message = (argument: string) =>
        `${argument} is ${JSON.stringify(all)}, which is every key; give a path such as "/registry".`;
      assert.throws(() => kubernetes.apiServer({ etcdPrefix: all }), {
        message: message("kubernetes.apiServer: etcdPrefix"),
      });
      assert.throws(() => kubernetes.coreDns({ path: all }), { message: message("kubernetes.coreDns: path") });
    });
  }
});

describe("The presets for etcd's own operations", () => {
  it("let a health probe read the one key that etcdctl reads", () => {
    assert.deepEqual(operations.healthProbe(), [{ key: "health", access: "read" }]);
  });

  it("make a backup root, since a snapshot takes that role", () => {
    assert.deepEqual(operations.backup(), { permissions: [], roles: ["root"] });
  });

  it("grant Prometheus nothing, since metrics are outside users and roles", () => {
    assert.deepEqual(operations.prometheus(), { permissions: [], roles: [] });
  });
});

describe("Every preset", () => {
  for (const [name, permissions] of everyPreset) {
    it(`${name} has only single keys and prefixes that end with a delimiter`, () => {
      const partial = permissions.filter(({ key, prefix }) => key === undefined && !/^\/.*\/$/.test(prefix ?? ""));
      assert.deepEqual(partial, []);
    });

    it(`${name} never lets anybody write what they may not read`, () => {
      assert.deepEqual(
        permissions.filter(({ access }) => access !== "read" && access !== "readwrite"),
        [],
      );
    });

    it(`${name} says nothing twice`, () => {
      const covers = (a: PermissionArgs, b: PermissionArgs) =>
        a !== b &&
        (b.prefix ?? b.key!).startsWith(a.prefix ?? "\0") &&
        (a.access === "readwrite" || b.access === "read");
      assert.deepEqual(
        permissions.filter((b) => permissions.some((a) => covers(a, b))),
        [],
      );
    });
  }
});
