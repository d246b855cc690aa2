// Writes dist/schema.json, which tells Pulumi's other languages what the components take and give. Pulumi infers it from
// the types in src; that takes seconds, so it is done once, in the build, and the plugin reads the file.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, URL } from "node:url";

const require = createRequire(import.meta.url);
const { ComponentProvider } = require("@pulumi/pulumi/provider/experimental/provider");
const root = fileURLToPath(new URL("..", import.meta.url));

/** The schema as Pulumi's own host of components would give it at each start, in a form from which Go's SDK compiles. */
export async function inferredSchema() {
  const { components } = require(join(root, "dist/components.js"));
  const options = { name: "etcd-pki", dirname: root, components: Object.values(components) };
  return forGo(await new ComponentProvider(options).getSchema());
}

/**
 * The generators of SDKs append "Args" to the names of inputs themselves: `MemberArgs` would be `MemberArgsArgs`, and Go's
 * does not compile with lists of such types. Nor does it make the type of a map's values that are all plain and required.
 */
function forGo(text) {
  const schema = JSON.parse(text.replace(/(etcd-pki:index:\w+)Args"/g, '$1"'));
  delete schema.resources["etcd-pki:index:EtcdSecrets"].inputProperties.secrets.additionalProperties.plain;
  return schema;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(join(root, "dist/schema.json"), `${JSON.stringify(await inferredSchema())}\n`);
