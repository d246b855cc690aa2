import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { PublicCertificate } from "../../src/index";
import { engines, type Project, type Run } from "../support/engine/engine";
import { pulumiInstall } from "../support/pulumi-install";
import { skip } from "../support/skip";

const root = join(__dirname, "../..");

/** The common name of each certificate, by its path. */
const COMMON_NAMES: Record<string, string> = {
  ...Object.fromEntries(
    ["etcd-1", "etcd-2", "etcd-3"].flatMap((name) => [
      [`members["${name}"]`, name],
      [`members["${name}"].peer`, name],
    ]),
  ),
  'proxies["proxy-1"]': "proxy-1",
  'proxies["proxy-1"].upstream': "",
  ...Object.fromEntries(
    ["calico-node", "kube-apiserver", "my-app", "root"].map((name) => [`components["${name}"]`, name]),
  ),
};

/** Where each program runs: all but TypeScript need the engine's own language hosts. */
const EXAMPLES = [
  { folder: "examples/three-members", kinds: ["stand-in", "pulumi"] },
  { folder: ".", kinds: ["pulumi"] },
  { folder: "examples/yaml", kinds: ["pulumi"] },
  { folder: "examples/python", kinds: ["pulumi"], sdk: true },
  { folder: "examples/go", kinds: ["pulumi"], sdk: true },
] as const;

for (const { folder, kinds, ...rest } of EXAMPLES) {
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

      it("gives each identity a certificate that an authority of its bundle signed", () => {
        const certificates = first.outputs["withoutKeys"]?.value as Record<string, PublicCertificate>;
        const names = Object.entries(certificates).map(([path, { certPem, caBundlePem }]) => {
          const certificate = new X509Certificate(String(certPem));
          assert.ok(certificate.verify(new X509Certificate(String(caBundlePem)).publicKey), path);
          return [path, /^CN=(.*)$/m.exec(certificate.subject ?? "")?.[1] ?? ""];
        });
        assert.deepEqual(Object.fromEntries(names), COMMON_NAMES);
      });

      it("prints no warning", () => assert.doesNotMatch(first.log, /warning/i));

      it("shows no key in its outputs", () => {
        const { caBundlePem, withoutKeys } = first.outputs;
        assert.deepEqual([withoutKeys?.secret, caBundlePem?.secret], [false, false]);
        assert.doesNotMatch(JSON.stringify(first.outputs), /PRIVATE KEY/);
      });

      it("changes nothing when it runs again, and leaves nothing behind", async function () {
        this.timeout(300_000);
        const flags = kind === "pulumi" ? ["--expect-no-changes"] : [];
        const { steps } = await project.preview({ flags });
        assert.deepEqual(
          steps.filter(({ op }) => op !== "same"),
          [],
        );
        await project.destroy();
        assert.deepEqual((await project.exportState()).deployment.resources ?? [], []);
      });
    });
  }
}
