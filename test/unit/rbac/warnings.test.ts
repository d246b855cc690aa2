import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { calico } from "../../../src/presets/calico";
import { kubernetes } from "../../../src/presets/kubernetes";
import { operations } from "../../../src/presets/operations";
import { programs } from "../../../src/presets/programs";
import { problemsIn, warningsIn } from "../../../src/rbac/checks";
import type { EtcdRbacArgs } from "../../../src/rbac/args";
import { desiredState } from "../../../src/rbac/plan";
import { undeclaredWarnings } from "../../../src/rbac/warnings";
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
      "two that write the same prefix",
      args({
        components: { root: {}, a: app({ prefix: "/x/", access: write }), b: app({ prefix: "/x/", access: write }) },
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

  it("tell of what is not declared, and louder of whom that lets do everything", () => {
    const found = {
      state: {
        users: new Map([
          ["root", ["root"]],
          ["etcd-pki-lock-out-guard", ["root"]],
          ["app", []],
          ["legacy", ["reader", "root"]],
        ]),
        roles: new Map([["root", []]]),
        authentication: true,
      },
      otherRoles: ["reader"],
    };
    assert.deepEqual(undeclaredWarnings(found, { desired: desiredState({ app: {} }) }), [
      'DANGER: user legacy, which is not declared, has the role root, so it may do everything; take it away (etcdctl user revoke-role legacy root), or declare it with roles: ["root"]',
      "user legacy (roles reader, root) is not declared; declare it, or delete what is not declared with removeUndeclared: true",
      "role reader is not declared; declare it, or delete what is not declared with removeUndeclared: true",
    ]);
  });

  it("are not the presets, as they are documented", () => {
    for (const name of Object.keys(programs)) {
      const given = args({ components: { root: {}, [name]: { presets: [{ name }] } } });
      assert.deepEqual([problemsIn(given), warningsIn(given)], [[], []], name);
    }
    const version = "3.32";
    const components = {
      root: {},
      "calico-node": { permissions: calico.node({ version }) },
      "calico-cni": { permissions: calico.cni({ version }) },
      "calico-kube-controllers": { permissions: calico.kubeControllers({ version }) },
      calicoctl: { permissions: calico.full({ version }) },
      "kube-apiserver": kubernetes.apiServerWithRoot(),
      backup: operations.backup(),
      prometheus: operations.prometheus(),
      probe: { permissions: operations.healthProbe() },
    };
    assert.deepEqual(warningsIn(args({ components })), []);
  });
});
