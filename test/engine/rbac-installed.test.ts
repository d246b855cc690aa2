import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serializeFunction } from "@pulumi/pulumi/runtime";
import { after, before, describe, it } from "mocha";
import { DynamicProvider } from "../support/engine/stand-in/dynamic";
import { testAuthority } from "../support/issue-certificates";
import { freePorts } from "../support/ports";

const root = join(__dirname, "../..");
const golden = (name: string) => join(root, "test/golden", name);

async function providerTexts(): Promise<Record<string, string>> {
  const shims = (await import("../../dist/rbac/resources.js" as string)) as Record<string, object>;
  // As Pulumi does it, down to the variable's name.
  const text = async (name: string) => {
    const provider = shims[name];
    const { text } = await serializeFunction(() => provider, { allowSecrets: true } as never);
    // What compiles the tests writes this one function of ours without spaces.
    return text.replace("()=>provider", "() => provider");
  };
  return { inventory: await text("inventoryShim"), "users-and-roles": await text("usersAndRolesShim") };
}

describe("the text of the providers in every stack's state", function () {
  this.timeout(60_000);
  for (const name of ["inventory", "users-and-roles"]) {
    it(`is the same as ever, byte for byte, and holds nothing but the way to the package (${name})`, async () => {
      const text = (await providerTexts())[name]!;
      assert.equal(text, readFileSync(golden(`provider-${name}.txt`), "utf8"));
      assert.ok(text.length < 4000);
    });
  }
});

/** A program's folder with the package as a package manager lays it out. */
function layOut(directory: string, home: string, beside: string[]): string {
  const modules = join(directory, "node_modules");
  const link = (target: string, path: string) => {
    mkdirSync(join(path, ".."), { recursive: true });
    symlinkSync(target, path);
  };
  const installed = join(modules, home);
  for (const part of ["dist", "package.json"])
    cpSync(join(root, part), join(installed, "etcd-pki", part), { recursive: true });
  for (const name of beside) link(join(root, "node_modules", name), join(installed, name));
  if (home) link(join(installed, "etcd-pki"), join(modules, "etcd-pki"));
  if (home) link(join(root, "node_modules/@pulumi/pulumi"), join(modules, "@pulumi/pulumi"));
  return directory;
}

describe("the installed package", function () {
  this.timeout(60_000);
  let temporary: string;
  before(() => (temporary = mkdtempSync(join(tmpdir(), "etcd-pki-installed-"))));
  after(() => rmSync(temporary, { recursive: true, force: true }));

  const peers = ["@pulumi/pulumi", "@pulumi/tls"];
  // pnpm keeps a dependency's dependencies out of the program's reach.
  const layouts: [manager: string, home: string, beside: string[], message: RegExp][] = [
    ["npm", "", [...peers, "etcd3"], /nothing listens there/],
    ["pnpm", ".pnpm/etcd-pki@0.1.0/node_modules", [...peers, "etcd3"], /nothing listens there/],
    ["a program without etcd3", "", peers, /EtcdRbac needs the package etcd3.*run "npm install etcd3"/],
  ];
  for (const [manager, home, beside, message] of layouts) {
    it(`runs its provider in the layout of ${manager}`, async () => {
      const programDirectory = layOut(join(temporary, manager), home, beside);
      const [port] = await freePorts(1);
      const provider = new DynamicProvider({ programDirectory, config: {}, env: process.env, log: () => undefined });
      const administrator = await (await testAuthority("ca")).issue({ commonName: "root" });
      const inputs = {
        endpoints: [`https://127.0.0.1:${port}`],
        caBundlePem: administrator.certPem,
        administrator,
        ...{ users: {}, roles: {}, adopted: {}, made: { users: [], roles: [] } },
        __provider: (await providerTexts())["users-and-roles"]!,
      };
      try {
        // It gets as far as it can without a cluster.
        await assert.rejects(provider.delete({ urn: "urn:test", id: "id", inputs, outputs: inputs } as never), message);
      } finally {
        await provider.stop();
      }
    });
  }

  it("does not load etcd3 for those who only want certificates", () => {
    const program = `require("etcd-pki"); console.log(Object.keys(require.cache).filter((file) => file.includes("etcd3")).length)`;
    assert.equal(execFileSync(process.execPath, ["-e", program], { cwd: root, encoding: "utf8" }).trim(), "0");
  });
});
