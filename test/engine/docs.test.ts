import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "mocha";
import { run } from "../support/run";

const root = resolve(__dirname, "../..");
const docs = join(root, "docs");
const directory = join(root, ".build/docs");

/** Every block of TypeScript in the pages. */
const blocks = readdirSync(docs)
  .filter((file) => file.endsWith(".md"))
  .flatMap((file) =>
    [...readFileSync(join(docs, file), "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block], i) => ({
      name: `${file.replace(".md", "")}-${i + 1}`,
      block: block as string,
    })),
  );

// What a reader of a part of a program has before it.
const around = `
import * as pulumi from "@pulumi/pulumi";
import type { ComponentArgs, MemberArgs } from "etcd-pki";
import * as etcdPki from "etcd-pki";
declare global {
  const config: pulumi.Config, endpoints: string[], password: pulumi.Output<string>;
  const members: Record<string, MemberArgs>, components: { root: ComponentArgs };
  const pki: etcdPki.EtcdPki<{ members: { "etcd-1": MemberArgs }; components: { root: ComponentArgs } }>;
  function file(name: string): string;
  ${["EtcdPki", "EtcdRbac", "EtcdSecrets", "Access", "Login", "Layout", "KeyFormat", "calico", "kubernetes", "patroni", "traefik", "apisix", "operations"].map((name) => `const ${name}: typeof etcdPki.${name};`).join("\n  ")}
}
`;

// In a module of its own, what the block declares goes before what stands around it.
const moduleOf = (block: string) =>
  /import .* from "@pulumi\/pulumi"/.test(block)
    ? block
    : `import * as pulumi from "@pulumi/pulumi";\nvoid pulumi;\n${block}`;

describe("the pages in docs", () => {
  it("have TypeScript that compiles", async function () {
    this.timeout(120_000);
    assert.ok(blocks.length > 0);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    const sources: [string, string][] = [
      ["around", around],
      ...blocks.map(({ name, block }) => [name, moduleOf(block)] as [string, string]),
    ];
    const files = sources.map(([name, source]) => {
      const path = join(directory, `${name}.ts`);
      writeFileSync(path, source);
      return path;
    });
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--types", "node", "--module", "commonjs"];
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = await run(process.execPath, [
      tsc,
      ...options,
      "--moduleResolution",
      "node10",
      "--target",
      "es2022",
      ...files,
    ]);
    assert.equal(stdout, "");
  });
});
