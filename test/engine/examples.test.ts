import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { identities, type Outputs } from "../../demo/identities";
import { belongsTogether } from "../support/certificate-fields";
import { engines, type Project, type Run } from "../support/engine/engine";
import { pulumiInstall } from "../support/pulumi-install";
import { skip } from "../support/skip";

const root = join(__dirname, "../..");
const ALL = [
  ...["calico-node", "kube-apiserver", "my-app", "root"].map((name) => `component ${name}`),
  ...["etcd-1", "etcd-2", "etcd-3"].map((name) => `member ${name}`),
  "proxy proxy-1",
  "proxy, upstream proxy-1",
];

/** What each program outputs, and where it runs: all but TypeScript need the engine's own language hosts. */
const EXAMPLES = [
  { folder: "examples/three-members", shows: ALL, kinds: ["stand-in", "pulumi"] },
  { folder: ".", shows: ALL, kinds: ["pulumi"] },
  { folder: "examples/yaml", shows: ["component my-app", "member etcd-1"], kinds: ["pulumi"] },
  { folder: "examples/python", shows: ALL, kinds: ["pulumi"], sdk: true },
  { folder: "examples/go", shows: ALL, kinds: ["pulumi"], sdk: true },
] as const;

for (const { folder, shows, kinds, ...rest } of EXAMPLES) {
  for (const kind of kinds) {
    describe(`the program in ${folder}, on ${kind}`, () => {
      let project: Project;
      let first: Run;

      before(async function () {
        this.timeout(1_200_000);
        const engine = (await engines()).find((candidate) => candidate.kind === kind);
        if (engine === undefined) return skip(this, `no ${kind} on this machine`);
        const missing = "sdk" in rest ? await pulumiInstall(join(root, folder)) : undefined;
        if (missing !== undefined) return skip(this, missing);
        project = await engine.open(join(root, folder), { stackName: "example-test" });
        first = await project.up();
      });

      after(() => project?.dispose());

      it("gives each identity a certificate that its authority signed, and its key", () => {
        const outputs = outputsOf(first);
        const rows = identities(outputs);
        assert.deepEqual(rows.map(({ kind, name }) => `${kind} ${name}`).sort(), shows);
        for (const { kind, name, certificate } of rows) {
          const { certPem, privateKeyPem } = certificate;
          assert.ok(belongsTogether(certPem, privateKeyPem, outputs.caBundlePem), name);
          const commonName = /^CN=(.*)$/m.exec(new X509Certificate(certPem).subject ?? "")?.[1];
          assert.equal(commonName, kind === "proxy, upstream" ? undefined : name);
        }
      });

      it("keeps the keys secret, and the CA bundle not", () => {
        const { members, components, caBundlePem } = first.outputs;
        assert.deepEqual([members?.secret, components?.secret, caBundlePem?.secret], [true, true, false]);
      });

      it("changes nothing when it runs again", async function () {
        this.timeout(300_000);
        const again = await project.up();
        assert.deepEqual(
          again.steps.filter(({ op }) => op !== "same"),
          [],
        );
      });
    });
  }
}

const outputsOf = ({ outputs }: Run) =>
  Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])) as unknown as Outputs;
