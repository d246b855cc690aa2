import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Context } from "mocha";
import { engines, type Engine } from "./engine/engine";
import { skip } from "./skip";

const { version } = JSON.parse(readFileSync(require.resolve("@pulumi/kubernetes/package.json"), "utf8")) as {
  version: string;
};

/** Pulumi's own engine with the kubernetes provider of the SDK's version; skips where one is missing. For `before`. */
export async function requireKubernetesProvider(context: Context): Promise<Engine> {
  const engine = (await engines()).find(({ kind }) => kind === "pulumi");
  if (engine === undefined) return skip(context, "no pulumi on this machine");
  const home = join(homedir(), ".pulumi");
  const provider = join(home, "plugins", `resource-kubernetes-v${version}`, "pulumi-resource-kubernetes");
  if (existsSync(provider)) return engine;
  return skip(context, `no kubernetes provider; pulumi plugin install resource kubernetes ${version}`);
}
