import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getPulumiComponents } from "@pulumi/pulumi/provider/experimental";
import { ComponentProvider } from "@pulumi/pulumi/provider/experimental/provider.js";
import { before, describe, it } from "mocha";

const root = join(__dirname, "../..");
const golden = join(root, "test/golden/schema.json");

interface Schema {
  version?: string;
  resources: Record<string, Described & { inputProperties: Record<string, Described> }>;
  types: Record<string, Described & { properties?: Record<string, Described> }>;
}
interface Described {
  description?: string;
  properties?: Record<string, Described>;
}

describe("the schema that Pulumi infers for its other languages", () => {
  let schema: Schema;

  before(async () => {
    // As the engine does with PulumiPlugin.yaml: what the package's main exports, and the types in src/.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const components = getPulumiComponents(require(root));
    const provider = new ComponentProvider({ name: "etcd-pki", dirname: root, components });
    schema = JSON.parse(await provider.getSchema()) as Schema;
    // The release changes it, and nothing else should.
    delete schema.version;
  });

  it("has EtcdPki and EtcdSecrets: dynamic resources only run inside a Node.js program", () => {
    assert.deepEqual(Object.keys(schema.resources), ["etcd-pki:index:EtcdPki", "etcd-pki:index:EtcdSecrets"]);
  });

  it("describes every argument", () => {
    const { inputProperties } = schema.resources["etcd-pki:index:EtcdPki"]!;
    const types = Object.entries(schema.types).filter(([token]) => token.endsWith("Args"));
    const described = types.map(([token, { properties = {} }]) => [token, properties] as const);
    const bare = [["EtcdPki", inputProperties] as const, ...described].flatMap(([owner, properties]) =>
      Object.entries(properties).flatMap(([name, { description }]) => (description ? [] : [`${owner}.${name}`])),
    );
    assert.deepEqual(bare, []);
  });

  it("is the one that was agreed on; UPDATE_GOLDEN=1 agrees on the new one", () => {
    if (process.env["UPDATE_GOLDEN"]) writeFileSync(golden, `${JSON.stringify(schema, null, 2)}\n`);
    assert.deepEqual(schema, JSON.parse(readFileSync(golden, "utf8")));
  });
});
