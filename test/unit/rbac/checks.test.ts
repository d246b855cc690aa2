import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { ComponentArgs } from "../../../src/args";
import { Login } from "../../../src/args";
import { calico } from "../../../src/presets/calico";
import { kubernetes } from "../../../src/presets/kubernetes";
import { operations } from "../../../src/presets/operations";
import { shapeProblems } from "../../../src/pki/checks";
import { problemsIn, warningsIn } from "../../../src/rbac/checks";
import { endpointsProblems } from "../../../src/rbac/endpoints";
import type { EtcdRbacArgs } from "../../../src/rbac/args";
import { app, args, withPermission, write } from "./arguments";

const where = `components["app"].permissions[0]`;

describe("the checks of users and roles", () => {
  const refused: [string, EtcdRbacArgs, string][] = [
    [
      "no endpoints",
      args({ endpoints: [] }),
      `endpoints is empty; give at least one, such as "https://etcd-1.example.com:2379"`,
    ],
    [
      "an endpoint without TLS",
      args({ endpoints: ["http://a:2379"] }),
      `endpoints[0] is "http://a:2379"; without TLS etcd cannot tell who asks; give https://, a host and a port, such as "https://10.0.0.1:2379"`,
    ],
    [
      "an endpoint without a port",
      args({ endpoints: ["https://a"] }),
      `endpoints[0] is "https://a"; give https://, a host and a port, such as "https://10.0.0.1:2379"`,
    ],
    ["no administrator", args({ administrator: undefined }), "administrator is missing"],
    [
      "half an administrator",
      args({ administrator: { certPem: "" } }),
      "administrator.privateKeyPem is missing; give an EtcdPki's components.root",
    ],
    [
      "an administrator that is none",
      args({ administrator: null }),
      "administrator is no certificate with its key; give an EtcdPki's components.root",
    ],
    [
      "a key that is no text, and does not show it",
      args({ administrator: { certPem: "", privateKeyPem: Buffer.from("secret") } }),
      "administrator.privateKeyPem is no text; give PEM",
    ],
    [
      "no root",
      args({ components: {} }),
      `components has no root, and etcd enables authentication only with that user; add "root: {}"`,
    ],
    [
      "permissions of root",
      args({ components: { root: app({ key: "a", access: write }) } }),
      "components.root has permissions, but etcd's superuser has them all; leave them out",
    ],
    [
      "an unknown argument",
      args({ enableAuth: true }),
      "enableAuth is no argument; allowed are endpoints, caBundlePem, administrator, components, roles, enableAuthentication, adoptExisting, removeUndeclared, clusterId, waitSeconds, skipDeleteIfUnreachable",
    ],
    ["an empty key", withPermission({ key: "", access: write }), `${where}.key is empty; etcd has no empty key`],
    [
      "no keys at all",
      withPermission({ access: write }),
      `${where} has 0 of key, prefix and from with to; give exactly one of them`,
    ],
    [
      "two ways at once",
      withPermission({ key: "a", prefix: "b/", access: write }),
      `${where} has 2 of key, prefix and from with to; give exactly one of them`,
    ],
    ["half a range", withPermission({ from: "a", access: write }), `${where} has only one of from and to; give both`],
    [
      "an empty end",
      withPermission({ from: "a", to: "", access: write }),
      `${where} has an empty from or to; etcd has no empty key`,
    ],
    [
      "a reversed range",
      withPermission({ from: "b", to: "a", access: write }),
      `${where}: from "b" is not below to "a", so no key is between them; swap or correct them`,
    ],
    [
      "a range of nothing",
      withPermission({ from: "a", to: "a", access: write }),
      `${where}: from "a" is not below to "a", so no key is between them; swap or correct them`,
    ],
    ["no access", withPermission({ key: "a" }), `${where}.access is missing; give one of read, write, readwrite`],
    [
      "an unknown access",
      withPermission({ key: "a", access: "rw" }),
      `${where}.access is "rw"; give one of read, write, readwrite`,
    ],
    [
      "a prefix that leaks",
      withPermission({ prefix: "/app", access: write }),
      `${where}.prefix "/app" has no delimiter at its end, so it covers "/app2", too; write "/app/", or, for a program that lists "/app" itself, as Traefik, APISIX and k3s do, keep it and set allowPartialPrefix: true, since etcd refuses a request that is not covered whole`,
    ],
    [
      "every key by accident",
      withPermission({ prefix: "", access: write }),
      `${where}.prefix is empty, which is every key of etcd; name a prefix, or set allowPartialPrefix: true if that is meant`,
    ],
    [
      "Calico's own table as it is printed",
      withPermission({ prefix: "/calico/felix/v1/*", access: write }),
      `${where}.prefix "/calico/felix/v1/*" has a wildcard, but to etcd an asterisk is a character as any other; write prefix "/calico/felix/v1/", or set allowLiteralAsterisk: true if the character is meant`,
    ],
    [
      "a key with a wildcard in it",
      withPermission({ key: "/a/*/b", access: write }),
      `${where}.key "/a/*/b" has a wildcard, but to etcd an asterisk is a character as any other; name the prefix before it, or set allowLiteralAsterisk: true if the character is meant`,
    ],
    [
      "every key by a wildcard",
      withPermission({ prefix: "*", access: write }),
      `${where}.prefix "*" has a wildcard, but to etcd an asterisk is a character as any other; name the prefix before it, or set allowLiteralAsterisk: true if the character is meant`,
    ],
    [
      "a space that came with a copy",
      withPermission({ prefix: "/app/ ", access: write }),
      `${where}.prefix "/app/ " begins or ends with a space; leave it out`,
    ],
    [
      "a password of who does not log in by one",
      args({ components: { root: {}, app: { password: "secret", permissions: [] } } }),
      `components["app"].password is given, but it logs in by its common name; give login: "password"`,
    ],
    [
      "a password of root",
      args({ components: { root: { login: Login.Password } } }),
      `components["root"].login is "password", but the administrator's certificate is root's; leave login out`,
    ],
    [
      "an empty password",
      args({ components: { root: {}, app: { login: Login.Password, password: "" } } }),
      `components["app"].password is empty, so everybody could log in as app; give one`,
    ],
    [
      "a password longer than etcd takes, by its bytes",
      args({ components: { root: {}, app: { login: Login.Password, password: "ä".repeat(37) } } }),
      `components["app"].password has 74 bytes, and etcd takes at most 72; give a shorter one`,
    ],
    [
      "a password that is no text",
      args({ components: { root: {}, app: { login: Login.Password, password: 12345 } } }),
      `components["app"].password is no text; give the password as text`,
    ],
    [
      "an unknown preset",
      args({ components: { root: {}, app: { presets: [{ name: "calico-node", version: "latest" }] } } }),
      `components["app"].presets[0]: version is "latest"; give calico-node's version as "3.32" or "v3.32.1", at least 3.9, or leave it out for the documented table`,
    ],
    [
      "a cluster id in hexadecimal",
      args({ clusterId: "cdf818194e3a8c32" }),
      `clusterId is "cdf818194e3a8c32"; give etcd's cluster id in decimal, such as "14841639068965178418" (cluster_id in etcdctl endpoint status --write-out=json)`,
    ],
    ["a wait of no length", args({ waitSeconds: -1 }), "waitSeconds is -1; give seconds, 0 or more"],
    [
      "an unknown role",
      args({ components: { root: {}, app: { roles: ["raeder"] } }, roles: { reader: [{ key: "a", access: "read" }] } }),
      `components["app"].roles has "raeder", which is not declared; declare it in roles (there are: reader, root)`,
    ],
    [
      "a role named root",
      args({ roles: { root: [] } }),
      `roles["root"]: root is etcd's own role and always there; leave it out`,
    ],
    [
      "a role named like a component's",
      args({ components: { root: {}, app: app({ key: "a", access: write }) }, roles: { app: [] } }),
      `roles["app"]: component "app" has permissions, which make a role of the same name; rename the role`,
    ],
    [
      "a role without a name",
      args({ roles: { "": [] } }),
      `roles[""]: the name is empty or has a space in it; rename it`,
    ],
  ];
  for (const [what, given, problem] of refused) {
    it(`refuse ${what}`, () => assert.deepEqual(problemsIn(given), [problem]));
  }

  it("take a range by its bytes, as etcd does", () => {
    // As UTF-16 the emoji would come first.
    assert.deepEqual(problemsIn(withPermission({ from: "\uffee", to: "\u{1f600}", access: write })), []);
  });

  it("take what is meant", () => {
    const permissions = [
      { prefix: "", access: "read" as const, allowPartialPrefix: true },
      { prefix: "/cp-", access: write },
      { key: "/a*", access: write, allowLiteralAsterisk: true },
      { key: "/a*", access: write, allowLiteralAsterisk: true },
    ];
    assert.deepEqual(problemsIn(args({ components: { root: {}, app: { permissions, roles: ["root"] } } })), []);
    assert.deepEqual(problemsIn(args({ components: {}, enableAuthentication: false })), []);
  });

  it("refuse names that etcd or this package cannot take for users", () => {
    for (const [name, reason] of [
      ["", /empty or has a space/],
      ["a b", /empty or has a space/],
      ["etcd-pki-lock-out-guard", /package's own/],
      ["etcd-pki-transition:app", /package's own/],
    ] as const)
      assert.match(problemsIn(args({ components: { root: {}, [name]: {} } })).join(), reason, name);
  });

  it("take the components of an EtcdPki with all that it takes", () => {
    const certificate: Required<Omit<ComponentArgs, "permissions" | "roles" | "presets" | "login" | "password">> = {
      hosts: ["a"],
      keyAlgorithm: "RSA-4096",
      validityPeriodHours: 100,
      earlyRenewalHours: 10,
      subject: {},
      renewNow: "today",
      rotateKey: "today",
      certRequestPem: "a request",
    };
    const components = { root: certificate };
    assert.deepEqual(shapeProblems({ components }), []);
    assert.deepEqual(problemsIn(args({ components })), []);
  });

  it("take names as people have them", () => {
    const components = { root: {}, "system:kube-apiserver": {}, "jane@example.com": {}, "größe/1": {} };
    assert.deepEqual(problemsIn(args({ components })), []);
  });

  it("take presets that overlap", () => {
    const version = "3.32";
    const permissions = [...calico.node({ version }), ...calico.kubeControllers({ version })];
    assert.deepEqual(problemsIn(args({ components: { root: {}, calico: { permissions } } })), []);
  });

  it("say all that is missing of no arguments at all", () => {
    for (const none of [undefined, null, {}])
      assert.deepEqual(
        problemsIn(none as never),
        ["endpoints", "caBundlePem", "administrator", "components"].map((name) => `${name} is missing`),
      );
  });

  it("look at endpoints that are known only later as at others", () => {
    assert.deepEqual(endpointsProblems(null), ["endpoints is null; give a list, such as [...]"]);
    assert.deepEqual(endpointsProblems("https://a:1"), ['endpoints is "https://a:1"; give a list, such as [...]']);
    for (const wrong of ["https://a:99999", "https://::1:2379", "https://a:0", "https://a:1?x", "https://a"])
      assert.equal(endpointsProblems([wrong]).length, 1, wrong);
    assert.deepEqual(endpointsProblems(["https://a:1", "https://[::1]:65535"]), []);
    assert.doesNotMatch(endpointsProblems(["https://u:password@a:1"]).join(), /password/);
    assert.match(endpointsProblems(["https://a:1", null]).join(), /^endpoints\[1\] is null; give https:/);
  });

  it("take every preset", () => {
    const presets = { ...calico };
    for (const [name, preset] of Object.entries(presets))
      assert.deepEqual(
        problemsIn(args({ components: { root: {}, [name]: { permissions: preset({ version: "3.32" }) } } })),
        [],
      );
    const components = {
      root: {},
      api: kubernetes.apiServerWithRoot(),
      dns: { permissions: kubernetes.coreDns() },
      probe: { permissions: operations.healthProbe() },
      backup: operations.backup(),
      prometheus: operations.prometheus(),
    };
    assert.deepEqual(problemsIn(args({ components })), []);
    assert.deepEqual(warningsIn(args({ components })), []);
  });
});
