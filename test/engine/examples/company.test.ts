import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { progress } from "../../support/progress";
import { type RealStack, hasPulumi, openRealStackIn } from "../../support/real-stack";
import { run } from "../../support/run";
import { skip } from "../../support/skip";

const root = resolve(__dirname, "../../..");
const example = join(root, "examples/company");
const pinned = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies;

/** How each manager installs what a program's package.json names, and where it is told to take one package from elsewhere. */
const managers: Record<string, { command: string[]; overrides: (elsewhere: object) => object }> = {
  npm: { command: ["npm", "install", "--no-audit", "--no-fund"], overrides: (overrides) => ({ overrides }) },
  pnpm: {
    command: ["npx", "--yes", "pnpm@9", "install", "--ignore-scripts"],
    overrides: (overrides) => ({ pnpm: { overrides } }),
  },
  yarn: {
    command: ["npx", "--yes", "yarn@1", "install", "--ignore-scripts", "--non-interactive"],
    // Its newest release needs a newer Node.js than the oldest that this package has.
    overrides: (elsewhere) => ({ resolutions: { ...elsewhere, "@pulumi/pulumi": pinned["@pulumi/pulumi"] } }),
  },
};

describe("examples/company, on pulumi", function () {
  this.timeout(10 * 60_000);
  const directory = mkdtempSync(join(tmpdir(), "company-"));
  const tarballs: Record<string, string> = {};
  let stack: RealStack | undefined;

  before(async function () {
    if (!hasPulumi()) skip(this, "pulumi is not installed");
    // The wrapper is built beside this checkout's modules, and packed elsewhere.
    const built = join(root, ".build/company");
    rmSync(built, { recursive: true, force: true });
    cpSync(join(example, "package"), built, { recursive: true });
    const { code, stdout } = await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc")], {
      cwd: built,
    });
    assert.equal(code, 0, stdout);
    for (const [name, cwd] of Object.entries({ "etcd-pki": root, "@acme/etcd": built })) {
      const args = ["pack", "--ignore-scripts", "--silent", "--pack-destination", directory];
      const packed = await run("npm", args, { cwd });
      assert.equal(packed.code, 0, packed.stderr);
      tarballs[name] = `file:${join(directory, packed.stdout.trim())}`;
    }
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  for (const [name, { command, overrides }] of Object.entries(managers)) {
    it(`works as ${name} installs it`, async function () {
      const program = join(directory, name);
      mkdirSync(program);
      cpSync(join(example, "program"), program, { recursive: true });
      const manifest = JSON.parse(readFileSync(join(program, "package.json"), "utf8"));
      Object.assign(manifest.dependencies, { "@acme/etcd": tarballs["@acme/etcd"] });
      for (const of of ["@pulumi/pulumi", "@pulumi/tls"]) manifest.dependencies[of] = pinned[of];
      const text = JSON.stringify({ ...manifest, ...overrides({ "etcd-pki": tarballs["etcd-pki"] }) });
      writeFileSync(join(program, "package.json"), text);
      const [tool = "", ...args] = command;
      const install = () => run(tool, args, { cwd: program });
      const { code, stdout, stderr } = await progress(`${command.join(" ")}`, 60, install);
      const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT/.exec(stdout + stderr)?.[0];
      if (code !== 0 && unreachable) skip(this, `no package registry: ${unreachable}`);
      assert.equal(code, 0, stdout + stderr);

      stack = await openRealStackIn(program);
      try {
        await stack.run(["up", "--yes", "--skip-preview", "--suppress-outputs"]);
        await stack.run(["preview", "--expect-no-changes"]);
        const { withoutKeys } = await stack.outputs<{ withoutKeys: Record<string, { certPem: string }> }>();
        const { subject } = new X509Certificate(withoutKeys['components["acme-on-call"]']!.certPem);
        assert.equal(subject.split("\n").sort().join(), "CN=acme-on-call,O=Acme");
        await stack.run(["destroy", "--yes", "--skip-preview", "--suppress-outputs"]);
      } finally {
        stack.dispose();
      }
    });
  }
});
