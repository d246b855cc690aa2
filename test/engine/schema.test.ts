import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

describe("the schema that other languages get", function () {
  this.timeout(60_000);
  let schema: Schema;

  before(async () => {
    const { inferredSchema } = (await import("../../scripts/schema.mjs" as string)) as {
      inferredSchema(): Promise<Schema>;
    };
    schema = await inferredSchema();
  });

  it("is in the build as Pulumi infers it from the types; if not, run `npm run build`", () => {
    assert.deepEqual(JSON.parse(readFileSync(join(root, "dist/schema.json"), "utf8")), schema);
  });

  it("has every component of the package", () => {
    const names = ["EtcdPki", "EtcdRbac", "EtcdSecrets"];
    const tokens = names.map((name) => `etcd-pki:index:${name}`);
    assert.deepEqual(Object.keys(schema.resources).sort(), tokens);
  });

  it("describes every argument", () => {
    const components = Object.entries(schema.resources).map(
      ([token, { inputProperties }]) => [token, inputProperties] as const,
    );
    const described = Object.entries(schema.types).map(([token, { properties = {} }]) => [token, properties] as const);
    const bare = [...components, ...described].flatMap(([owner, properties]) =>
      Object.entries(properties).flatMap(([name, { description }]) => (description ? [] : [`${owner}.${name}`])),
    );
    assert.deepEqual(bare, []);
  });

  it("is the one that was agreed on; UPDATE_GOLDEN=1 agrees on the new one", () => {
    // The release changes it, and nothing else should.
    const { version, ...agreed } = schema;
    assert.ok(version);
    if (process.env["UPDATE_GOLDEN"]) writeFileSync(golden, `${JSON.stringify(agreed, null, 2)}\n`);
    assert.deepEqual(agreed, JSON.parse(readFileSync(golden, "utf8")));
  });
});
