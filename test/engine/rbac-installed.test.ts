import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serializeFunction } from "@pulumi/pulumi/runtime";
import { after, before, describe, it } from "mocha";
import { DynamicProvider } from "../support/engine/stand-in/dynamic";
import { environment } from "../support/environment";
import { testAuthority } from "../support/issue-certificates";
import { freePorts } from "../support/ports";

const root = join(__dirname, "../..");
const golden = (name: string) => join(root, "test/golden", name);

async function providerTexts(): Promise<Record<string, string>> {
  const shims = (await import("../../dist/rbac/shims.js" as string)) as Record<string, object>;
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

/** Where the package lies below the program, what lies beside it, and which package of its own the program has instead. */
interface Layout {
  home?: string;
  beside: string[];
  wrapper?: boolean;
  message: RegExp;
}

const peers = ["@pulumi/pulumi", "@pulumi/tls"];
const pnpm = ".pnpm/etcd-pki@0.2.0/node_modules";
const reached = /nothing listens there/;
// pnpm keeps a dependency's dependencies out of the program's reach.
const layouts: Record<string, Layout> = {
  npm: { beside: [...peers, "etcd3"], message: reached },
  pnpm: { home: pnpm, beside: [...peers, "etcd3"], message: reached },
  "pnpm, below a company's wrapper": { home: pnpm, beside: [...peers, "etcd3"], wrapper: true, message: reached },
  "a program without etcd3": { beside: peers, message: /EtcdRbac needs the package etcd3.*run "npm install etcd3"/ },
  "a program without the package": {
    home: "elsewhere",
    beside: peers,
    message: /The package etcd-pki is not found from .*run "npm install etcd-pki" there/,
  },
};

/** A program's folder with the package as a package manager lays it out. */
function layOut(directory: string, { home = "", beside, wrapper }: Layout): string {
  const modules = join(directory, "node_modules");
  const link = (target: string, path: string) => {
    mkdirSync(join(path, ".."), { recursive: true });
    symlinkSync(target, path);
  };
  const write = (folder: string, manifest: object) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  };
  const installed = join(modules, home);
  for (const part of ["dist", "package.json"])
    cpSync(join(root, part), join(installed, "etcd-pki", part), { recursive: true });
  for (const name of beside) link(join(root, "node_modules", name), join(installed, name));
  if (home) link(join(root, "node_modules/@pulumi/pulumi"), join(modules, "@pulumi/pulumi"));
  if (!wrapper) {
    if (home === pnpm) link(join(installed, "etcd-pki"), join(modules, "etcd-pki"));
    write(directory, { dependencies: {} });
    return directory;
  }
  // The program depends on a company's packages only, and they on this one.
  const acme = join(modules, ".pnpm/@acme+etcd@1.0.0/node_modules");
  const platform = join(modules, ".pnpm/@acme+platform@1.0.0/node_modules");
  write(join(acme, "@acme/etcd"), { dependencies: { "etcd-pki": "0.2.0" } });
  write(join(platform, "@acme/platform"), { dependencies: { "@acme/etcd": "1.0.0", "@acme/missing": "1.0.0" } });
  link(join(installed, "etcd-pki"), join(acme, "etcd-pki"));
  link(join(acme, "@acme/etcd"), join(platform, "@acme/etcd"));
  link(join(platform, "@acme/platform"), join(modules, "@acme/platform"));
  write(directory, { dependencies: { "@acme/platform": "1.0.0" } });
  return directory;
}

describe("the installed package", function () {
  this.timeout(60_000);
  let temporary: string;
  before(() => (temporary = mkdtempSync(join(tmpdir(), "etcd-pki-installed-"))));
  after(() => rmSync(temporary, { recursive: true, force: true }));

  for (const [manager, layout] of Object.entries(layouts)) {
    it(`runs its provider in the layout of ${manager}`, async () => {
      const programDirectory = layOut(join(temporary, manager.replace(/\W+/g, "-")), layout);
      const [port] = await freePorts(1);
      const provider = new DynamicProvider({ programDirectory, config: {}, env: environment(), log: () => undefined });
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
        await assert.rejects(
          provider.delete({ urn: "urn:test", id: "id", inputs, outputs: inputs } as never),
          layout.message,
        );
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
