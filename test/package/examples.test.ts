import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "mocha";

const root = resolve(__dirname, "../..");
const read = (...path: string[]) => readFileSync(join(root, ...path), "utf8");
const own = JSON.parse(read("package.json"));
const examples = readdirSync(join(root, "examples"), { recursive: true })
  .map(String)
  .filter((file) => /(^|\/)package\.json$/.test(file) && !file.includes("node_modules"));

/** What an example may ask for: this release, and of its peers and tools what this package asks for itself. */
const ranges: Record<string, string> = {
  ...own.devDependencies,
  "@pulumi/command": `^${own.devDependencies["@pulumi/command"]}`,
  ...own.peerDependencies,
  "etcd-pki": `^${own.version}`,
  "@acme/etcd": "^1.0.0",
};

describe("the examples' packages", () => {
  for (const file of examples) {
    it(`are those that this release is made for, in ${file}`, () => {
      const { dependencies = {}, devDependencies = {}, peerDependencies = {} } = JSON.parse(read("examples", file));
      const asked: Record<string, string> = { ...dependencies, ...devDependencies, ...peerDependencies };
      assert.deepEqual(asked, Object.fromEntries(Object.keys(asked).map((name) => [name, ranges[name]])));
    });
  }

  it("begin at the oldest Pulumi that this release takes, in Python", () => {
    const oldest = own.peerDependencies["@pulumi/pulumi"].slice(1);
    assert.ok(read("examples/python/requirements.txt").includes(`pulumi>=${oldest},<4.0.0\n`));
  });

  it("come from this checkout, in YAML", () => {
    const projects = readdirSync(join(root, "examples"), { recursive: true }).map(String);
    for (const file of projects.filter((name) => /yaml\/Pulumi\.yaml$/.test(name))) {
      const up = "../".repeat(file.split("/").length).slice(0, -1);
      assert.match(read("examples", file), new RegExp(`^  etcd-pki: ${up.replaceAll(".", "\\.")}$`, "m"), file);
    }
  });
});
