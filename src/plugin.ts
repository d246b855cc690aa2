import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ComponentResource, ComponentResourceOptions, Inputs } from "@pulumi/pulumi";
import { main } from "@pulumi/pulumi/provider";
import { components } from "./components";
import { becomePlugin, engineLog } from "./pulumi";
import { rbacProvider } from "./rbac/provider";

// What Pulumi's other languages see: the components, and the resources of users and roles. Pulumi's own host of components
// would serve the first of the two, and infer the schema with the TypeScript compiler at each start.

type Component = new (name: string, args: Inputs, opts: ComponentResourceOptions) => ComponentResource;

const root = join(__dirname, "..");

function provider(pluginArguments: string[]) {
  // The build inferred it (`scripts/schema.mjs`).
  const schema = readFileSync(join(root, "dist/schema.json"), "utf8");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const { resources } = JSON.parse(schema) as { resources: Record<string, { properties?: object }> };
  return {
    version,
    schema,
    async construct(name: string, type: string, inputs: Inputs, options: ComponentResourceOptions) {
      const Component = (components as unknown as Record<string, Component>)[type.split(":").at(-1)!];
      if (Component === undefined) throw new Error(`etcd-pki has no component ${JSON.stringify(type)}`);
      const component = new Component(name, inputs, options);
      const outputs = Object.keys(resources[type]?.properties ?? {});
      const state = Object.fromEntries(outputs.map((key) => [key, component[key as keyof typeof component]]));
      return { urn: component.urn, state };
    },
    ...rbacProvider(engineLog(pluginArguments)),
  };
}

/** Serves until the engine ends it. Pulumi calls what this module exports. */
export = async () => {
  becomePlugin();
  const pluginArguments = process.argv.slice(2);
  await main(provider(pluginArguments), pluginArguments);
};
