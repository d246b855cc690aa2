import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { consequencesOf } from "../../../../src/cli/files/changes";
import { clusterOf } from "../../../../src/cli/files/identities";
import { planFiles } from "../../../../src/cli/files/plan";
import { pkisIn } from "../../../../src/cli/files/stack";
import { type Declared, type Generations, stackOf } from "../../../support/stack-export";

const one: Generations = { generations: ["1"], signing: "1" };
const declared: Declared = {
  client: one,
  peer: one,
  members: { "etcd-1": ["10.0.0.1"], "etcd-2": ["10.0.0.2"] },
  proxies: { "proxy-1": ["10.0.0.9"] },
  components: ["my-app", "kube-apiserver"],
};

// What changed in the stack, and what the command says of it; one folder for all, and one for each.
const cross = { crossSignedBy: { "2": "1" } };
const sign = { ...declared, client: { generations: ["1", "2"], signing: "2", ...cross } };
const distrust = { ...declared, client: { generations: ["2"], signing: "2", distrusted: ["1"], ...cross } };
const retire = { ...declared, client: { generations: ["2"], signing: "2" } };
const trust = { ...declared, client: { generations: ["1", "2"], signing: "1" } };
const peerTrust = { ...declared, peer: { generations: ["1", "2"], signing: "1" } };
const steps: [string, Declared, Declared, Record<string, string[]>][] = [
  [
    "a member's new certificate",
    declared,
    { ...declared, renewed: { "etcd-member-etcd-1": "x" } },
    { none: ["etcd-1"] },
  ],
  [
    "a client's new certificate",
    declared,
    { ...declared, renewed: { "etcd-component-my-app": "x" } },
    { restart: ["my-app"] },
  ],
  [
    "a second authority that is trusted",
    declared,
    trust,
    { "restart member": ["etcd-1", "etcd-2"], restart: ["proxy-1", "my-app", "kube-apiserver"] },
  ],
  ["a second peer authority that is trusted", declared, peerTrust, { "restart member": ["etcd-1", "etcd-2"] }],
  [
    "a cross-signed authority that signs",
    declared,
    sign,
    { none: ["etcd-1", "etcd-2"], restart: ["proxy-1", "my-app", "kube-apiserver"] },
  ],
  [
    "an authority that is distrusted after it",
    sign,
    distrust,
    { "restart member": ["etcd-1", "etcd-2"], "restart some day": ["proxy-1", "my-app", "kube-apiserver"] },
  ],
  [
    "a cross certificate that is retired",
    distrust,
    retire,
    { none: ["etcd-1", "etcd-2", "proxy-1", "my-app", "kube-apiserver"] },
  ],
];

const filesOf = (exported: string, layout: string) => {
  const cluster = clusterOf(pkisIn(exported)[0]!);
  const config = { names: [], layout, machineDirectory: undefined, advertise: {}, member: {} };
  return planFiles(cluster, cluster.identities, { layout, directory: "/out", pkcs8: true, combined: true, config });
};

describe("Who must restart when files change", () => {
  for (const [what, before, after, expected] of steps) {
    for (const layout of ["tls-setup", "{identity}/{kind}-{part}.pem"]) {
      it(`is said for ${what}, in the layout ${layout}`, async () => {
        const stack = stackOf();
        const old = new Map(filesOf(await stack(before), layout).map(({ path, content }) => [path, content]));
        const changed = filesOf(await stack(after), layout)
          .filter(({ path, content }) => old.get(path) !== content)
          .map((file) => ({ ...file, old: old.get(file.path)! }));
        const byAction: Record<string, string[]> = {};
        for (const { identity, action } of consequencesOf(changed)) (byAction[action] ??= []).push(identity);
        assert.deepEqual(byAction, expected);
      });
    }
  }
});
