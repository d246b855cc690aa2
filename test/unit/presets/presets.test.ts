import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { PermissionArgs } from "../../../src/args";
import * as face from "../../../src/presets";
import { apisix, calico, kubernetes, operations, patroni, permissionsOf, traefik } from "../../../src/presets";

const rights = (permission: PermissionArgs) => {
  const { key, prefix, access, allowPartialPrefix } = permission;
  return `${access} ${key === undefined ? `${prefix}${allowPartialPrefix ? "*" : ""}` : `key ${key}`}`;
};

/** A preset's function, the same as data, and what it grants; `*`: without a delimiter at its end. */
const table: [name: string, prefix: string | undefined, granted: PermissionArgs[], expected: string[]][] = [
  ["kube-apiserver", undefined, kubernetes.apiServer(), ["readwrite /registry/", "readwrite key compact_rev_key"]],
  [
    "kube-apiserver",
    "/clusters/a/",
    kubernetes.apiServer({ prefix: "/clusters/a/" }),
    ["readwrite /clusters/a/", "readwrite key compact_rev_key"],
  ],
  [
    "kube-apiserver",
    "registry",
    kubernetes.apiServer({ prefix: "registry" }),
    ["readwrite /registry/", "readwrite key compact_rev_key"],
  ],
  [
    "k3s",
    undefined,
    kubernetes.k3s(),
    ["readwrite /registry/", "readwrite key compact_rev_key", "read /bootstrap*", "readwrite /bootstrap/"],
  ],
  ["coredns", undefined, kubernetes.coreDns(), ["read /skydns/", "read key /skydns"]],
  ["coredns", "/dns", kubernetes.coreDns({ prefix: "/dns" }), ["read /dns/", "read key /dns"]],
  ["coredns-writer", undefined, kubernetes.coreDnsWriter(), ["readwrite /skydns/"]],
  ["coredns-writer", "/dns//a/", kubernetes.coreDnsWriter({ prefix: "/dns//a/" }), ["readwrite /dns/a/"]],
  ["patroni", undefined, patroni(), ["readwrite /service/"]],
  ["patroni", "/service/batman", patroni({ prefix: "/service/batman" }), ["readwrite /service/batman/"]],
  ["traefik", undefined, traefik(), ["read traefik*"]],
  ["traefik", "/a/b/", traefik({ prefix: "/a/b/" }), ["read a/b*"]],
  ["apisix-control-plane", undefined, apisix.controlPlane(), ["read /apisix*", "readwrite /apisix/"]],
  ["apisix-data-plane", "/gateway", apisix.dataPlane({ prefix: "/gateway" }), ["read /gateway*"]],
  ["etcd-health-probe", undefined, operations.healthProbe(), ["read key health"]],
];

describe("The presets", () => {
  for (const [name, prefix, granted, expected] of table) {
    it(`grant ${name}${prefix === undefined ? "" : ` with prefix ${prefix}`} the ranges that it asks for`, () => {
      assert.deepEqual(granted.map(rights), expected);
    });

    it(`say the same of ${name}${prefix === undefined ? "" : ` with prefix ${prefix}`} as data`, () => {
      assert.deepEqual(permissionsOf(prefix === undefined ? { name } : { name, prefix }), granted);
    });
  }

  for (const [preset, permissions] of Object.entries(calico)) {
    it(`say the same of calico.${preset} as data`, () => {
      const name = `calico-${preset.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      assert.deepEqual(permissionsOf({ name, version: "3.32" }), permissions({ version: "3.32" }));
    });
  }

  it("give kube-apiserver the role root only when asked for by name", () => {
    assert.deepEqual(kubernetes.apiServerWithRoot({ prefix: "/a" }), {
      permissions: kubernetes.apiServer({ prefix: "/a" }),
      roles: ["root"],
    });
  });

  it("make a backup root, since a snapshot takes that role", () => {
    assert.deepEqual(operations.backup(), { permissions: [], roles: ["root"] });
  });

  it("grant Prometheus nothing, since metrics are outside users and roles", () => {
    assert.deepEqual(operations.prometheus(), { permissions: [], roles: [] });
  });
});

const refused: [preset: Parameters<typeof permissionsOf>[0], message: RegExp][] = [
  [
    { name: "calico-nod" },
    /^preset "calico-nod": there is no preset "calico-nod"; give one of calico-basic, calico-node,/,
  ],
  [{ name: "toString" }, /there is no preset "toString"/],
  [{ name: "calico-node", version: "4.0" }, /version is "4.0"; give calico-node's version as "3.32" or "v3.32.1"/],
  [{ name: "calico-node", version: "3.8" }, /at least 3.9, or leave it out for the documented table\.$/],
  [{ name: "coredns", version: "1.15" }, /coredns has the same permissions in every version; leave version out\.$/],
  [{ name: "calico-cni", prefix: "/calico" }, /where calico-cni keeps its keys cannot be chosen; leave prefix out\.$/],
  [
    { name: "kube-apiserver", prefix: "/" },
    /is every key; give kube-apiserver's flag --etcd-prefix, such as "\/registry"\.$/,
  ],
  [{ name: "kube-apiserver", prefix: "" }, /prefix is "", which is every key/],
  [{ name: "traefik", prefix: "//" }, /give traefik's providers\.etcd\.rootKey, such as "traefik"\.$/],
];

describe("A preset as data", () => {
  for (const [preset, message] of refused) {
    it(`${JSON.stringify(preset)} is refused in words`, () => {
      assert.throws(() => permissionsOf(preset), { message });
    });
  }

  it("that is wrong twice says so of both, at its path", () => {
    const problems = face.presetProblems("presets[0]", { name: "etcd-health-probe", version: "3", prefix: "/a" });
    assert.deepEqual(problems, [
      'presets[0]: version is "3", but etcd-health-probe has the same permissions in every version; leave version out',
      'presets[0]: prefix is "/a", but where etcd-health-probe keeps its keys cannot be chosen; leave prefix out',
    ]);
  });
});

describe("Every preset", () => {
  const versions = (name: string) => (face.programs[name]!.versions ? [undefined, "3.22", "3.99"] : [undefined]);
  for (const name of Object.keys(face.programs)) {
    for (const version of versions(name)) {
      const title = version === undefined ? name : `${name} ${version}`;
      const permissions = permissionsOf(version === undefined ? { name } : { name, version });

      it(`${title} has only single keys and prefixes that end with a delimiter or say that they do not`, () => {
        const partial = permissions.filter(
          ({ key, prefix, allowPartialPrefix }) =>
            key === undefined && prefix!.endsWith("/") === (allowPartialPrefix === true),
        );
        assert.deepEqual(partial, []);
      });

      it(`${title} never lets anybody write what they may not read`, () => {
        assert.deepEqual(
          permissions.filter(({ access }) => access !== "read" && access !== "readwrite"),
          [],
        );
      });

      it(`${title} says nothing twice`, () => {
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
  }
});
