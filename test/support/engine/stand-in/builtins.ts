import { randomUUID } from "node:crypto";
import type { Difference, Goal, Provider, ProviderResource } from "./provider";
import { changedKeys, type Properties } from "./values";

/** `pulumi.Stash`: `output` stays what it was when the resource was made. */
export const stash: Provider = {
  diff: (old, goal) => ({ changed: changedKeys(old.inputs, goal.inputs), replace: false }),
  plan: (goal, old) => ({ ...goal.inputs, output: (old?.outputs ?? goal.inputs)[old ? "output" : "input"] }),
  create: async (goal) => ({ id: randomUUID(), outputs: { ...goal.inputs, output: goal.inputs["input"] } }),
  update: async (old, goal) => ({ ...goal.inputs, output: old.outputs["output"] }),
};

/** A provider that the program makes itself (`new kubernetes.Provider`): only its settings are kept. */
export const explicitProvider: Provider = {
  diff: (old, goal) => ({ changed: changedKeys(old.inputs, goal.inputs), replace: false }),
  create: async (goal) => ({ id: randomUUID(), outputs: goal.inputs }),
  update: async (_, goal) => goal.inputs,
};

/** The settings of `@pulumi/kubernetes` with which changed data is an update. */
const MUTABLE: Record<string, string> = {
  "kubernetes:core/v1:Secret": "enableSecretMutable",
  "kubernetes:core/v1:ConfigMap": "enableConfigMapMutable",
};

const metadata = (properties: Properties) => (properties["metadata"] ?? {}) as Properties;

/** Kubernetes objects as plain records; no API server is asked. */
export class KubernetesProvider implements Provider {
  constructor(private readonly settings: Properties) {}

  async check(goal: Goal, oldInputs: Properties): Promise<Properties> {
    const name = metadata(goal.inputs)["name"] ?? metadata(oldInputs)["name"];
    const namespace = metadata(goal.inputs)["namespace"] ?? "default";
    const generated = `${goal.name}-${randomUUID().slice(0, 8)}`;
    return { ...goal.inputs, metadata: { ...metadata(goal.inputs), name: name ?? generated, namespace } };
  }

  diff(old: ProviderResource, goal: Goal): Difference {
    const changed = changedKeys(old.inputs, goal.inputs);
    const setting = MUTABLE[goal.type];
    const mutable = setting === undefined || String(this.settings[setting]) === "true";
    const data = ["data", "stringData", "binaryData"].some((key) => changed.includes(key));
    const moved = changedKeys(metadata(old.inputs), metadata(goal.inputs));
    const replace = (data && !mutable) || changed.includes("type") || moved.some((key) => key.startsWith("name"));
    // Two objects cannot have one name, so an object that keeps its name goes before its successor comes.
    return { changed, replace, deleteBeforeReplace: !moved.includes("name") };
  }

  async create(goal: Goal) {
    const { namespace, name } = metadata(goal.inputs);
    return { id: `${namespace}/${name}`, outputs: goal.inputs };
  }

  async update(_: ProviderResource, goal: Goal) {
    return goal.inputs;
  }
}
