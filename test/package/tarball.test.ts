import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { downloadEnvironment } from "../support/environment";
import { progress } from "../support/progress";
import { run } from "../support/run";

const root = resolve(__dirname, "../..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const { devDependencies } = manifest;
const current = Object.fromEntries(
  ["@pulumi/pulumi", "@pulumi/tls", "typescript", "@types/node"].map((name) => [name, devDependencies[name]]),
);
const lowest = Object.fromEntries(
  ["@pulumi/pulumi", "@pulumi/tls"].map((name) => [name, manifest.peerDependencies[name].replace("^", "")]),
);

const uses = `
const made = new EtcdPki("etcd", { members: { "etcd-1": { hosts: ["10.0.0.1"] } }, components: { app: {} } });
const { certPem, privateKeyPem } = made.components["app"]!;
all([certPem, made.caBundlePem, isSecret(privateKeyPem)]).apply((seen) => console.log(JSON.stringify(seen)));
`;
const mocked = `
await runtime.setMocks({ newResource: (args) => ({ id: "1", state: { ...args.inputs, certPem: args.name } }), call: () => ({}) });
`;
const programs: Record<string, string> = {
  "commonjs.cjs": `
    const { EtcdPki, Access, KeyAlgorithm } = require("etcd-pki");
    const { all, isSecret, runtime } = require("@pulumi/pulumi");
    (async () => { ${mocked} ${uses.replaceAll("!;", ";")} })();`,
  "module.mjs": `
    import { EtcdPki, Access, KeyAlgorithm } from "etcd-pki";
    import { all, isSecret, runtime } from "@pulumi/pulumi";
    ${mocked} ${uses.replaceAll("!;", ";")}`,
  "typed.ts": `
    import { all, isSecret, type Output } from "@pulumi/pulumi";
    import { Access, EtcdPki, type EtcdPkiArgs, KeyAlgorithm } from "etcd-pki";
    const args: EtcdPkiArgs = { defaults: { keyAlgorithm: KeyAlgorithm.Ed25519 } };
    const permission = { prefix: "/app/", access: Access.ReadWrite };
    const bundle: Output<string> = new EtcdPki("x", { ...args, components: { a: { permissions: [permission] } } }).caBundlePem;
    bundle.apply((text) => text.length);
    ${uses}
    // @ts-expect-error a member has hosts
    new EtcdPki("y", { members: { a: {} } });`,
};

describe("the package", () => {
  const directory = mkdtempSync(join(tmpdir(), "etcd-pki-package-"));
  let tarball: string;
  after(() => rmSync(directory, { recursive: true, force: true }));

  before(async () => {
    // Without a build, which would take dist from the tests that run beside these for a moment.
    const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", directory];
    const { stdout, code, stderr } = await run("npm", args, { cwd: root });
    assert.equal(code, 0, stderr);
    tarball = join(directory, JSON.parse(stdout.slice(stdout.indexOf("["))).at(0).filename);
  });

  it("holds what users need, and nothing else", async () => {
    const { stdout } = await run("tar", ["-tzf", tarball]);
    const files = stdout
      .trim()
      .split("\n")
      .map((file) => file.replace("package/", ""));
    const named = [
      "package.json",
      "README.md",
      "LICENSE",
      "CHANGELOG.md",
      "PulumiPlugin.yaml",
      "plugin.js",
      "dist/schema.json",
    ];
    assert.deepEqual(files.filter((file) => !/^dist\/.*\.(js|d\.ts)$/.test(file)).sort(), named.sort());
    for (const { default: entry } of Object.values(manifest.exports).filter((entry) => typeof entry === "object") as {
      default: string;
    }[])
      assert.ok(files.includes(entry.replace("./", "")), entry);
  });

  it("is typed in words of TypeScript 3.8, to which Pulumi falls back", async () => {
    const { stdout } = await run("tar", ["-xzOf", tarball, "--wildcards", "*.d.ts"]);
    assert.match(stdout, /class EtcdPki/);
    assert.doesNotMatch(stdout, /[{,]\s*type \w+/);
  });

  // The newest versions in one layout, the oldest that the package allows in the other.
  const layouts: Record<string, [string, string[], Record<string, string>]> = {
    npm: ["npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], current],
    pnpm: ["npx", ["--yes", "pnpm@9", "install", "--prefer-offline"], lowest],
  };
  for (const [layout, [command, args, versions]] of Object.entries(layouts)) {
    describe(`in a project that ${layout} installed`, () => {
      const project = join(directory, layout);

      before(async function () {
        this.timeout(300_000);
        mkdirSync(project);
        const dependencies = { "etcd-pki": `file:${tarball}`, ...versions };
        writeFileSync(join(project, "package.json"), JSON.stringify({ name: "user", private: true, dependencies }));
        for (const [name, source] of Object.entries(programs)) writeFileSync(join(project, name), source);
        const { code, stdout, stderr } = await progress(`Installing the package with ${layout}`, 20, () =>
          run(command, args, { cwd: project, env: downloadEnvironment() }),
        );
        assert.equal(code, 0, stdout + stderr);
      });

      for (const program of ["commonjs.cjs", "module.mjs"]) {
        it(`runs ${program}`, async () => {
          const { stdout, stderr } = await run(process.execPath, [program], { cwd: project });
          assert.deepEqual(
            JSON.parse(stdout.trim().split("\n").at(-1) ?? ""),
            ["etcd-component-app", "etcd-ca-1", true],
            stderr,
          );
        });
      }

      if (layout !== "npm") return;
      for (const [module, resolution] of [
        ["commonjs", "node10"],
        ["node16", "node16"],
      ] as const) {
        it(`types typed.ts with ${resolution} resolution`, async () => {
          const flags = ["--noEmit", "--strict", "--skipLibCheck", "--types", "node", "--target", "es2022"];
          const tsc = join(project, "node_modules/typescript/bin/tsc");
          const options = ["--module", module, "--moduleResolution", resolution, "typed.ts"];
          const { code, stdout } = await run(process.execPath, [tsc, ...flags, ...options], { cwd: project });
          assert.equal(code, 0, stdout);
        });
      }
    });
  }
});
