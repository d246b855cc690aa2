import { parseUrn } from "../types";
import type { Alias } from "./aliases";
import type { ProviderResource } from "./provider";
import type { Resource } from "./state";
import { plain, UNKNOWN, type Properties } from "./values";

/** One `registerResource` of the program. */
export interface Registration {
  type: string;
  name: string;
  custom: boolean;
  parent: string;
  inputs: Properties;
  protect: boolean;
  /** The URN and id of an explicit provider. */
  provider: string;
  dependencies: string[];
  aliases: Alias[];
  ignoreChanges: string[];
  replaceOnChanges: string[];
  replaceWith: string[];
  deleteBeforeReplace?: boolean;
  retainOnDelete: boolean;
  additionalSecretOutputs: string[];
  replacementTrigger?: unknown;
}

export interface HookCall {
  kind: "BeforeCreate" | "AfterCreate" | "BeforeUpdate" | "AfterUpdate";
  urn: string;
  id: string;
  newInputs: Properties;
  oldInputs?: Properties;
  newOutputs?: Properties;
  oldOutputs?: Properties;
}

/** The resource of a registration, before its inputs are checked and its outputs known. */
export function toResource({ type, custom, parent, ...more }: Registration, urn: string): Resource {
  return {
    urn,
    type,
    custom,
    ...(parent ? { parent } : {}),
    inputs: {},
    outputs: {},
    ...(more.protect ? { protect: true } : {}),
    ...(more.retainOnDelete ? { retainOnDelete: true } : {}),
    ...(more.provider ? { provider: more.provider } : {}),
    ...(more.dependencies.length ? { dependencies: more.dependencies } : {}),
    ...(more.additionalSecretOutputs.length ? { additionalSecretOutputs: more.additionalSecretOutputs } : {}),
    ...(more.replacementTrigger === undefined ? {} : { replacementTrigger: more.replacementTrigger }),
  };
}

export const urnOfReference = (reference = "") => reference.slice(0, reference.lastIndexOf("::"));

export function toProviderResource({ urn, type, id = "", inputs, outputs }: Resource): ProviderResource {
  return { urn, type, name: parseUrn(urn).name, id, inputs: plain(inputs), outputs: plain(outputs) };
}

/** A first trigger replaces nothing; in a preview, an unknown one does. */
export function isTriggered(old: unknown, fresh: unknown): boolean {
  const [before, now] = [JSON.stringify(plain(old)), JSON.stringify(plain(fresh))];
  return before !== undefined && now !== undefined && (before !== now || now.includes(UNKNOWN));
}

export function ignoreChanges({ inputs, ignoreChanges: ignored }: Registration, old?: Properties): Properties {
  if (!old) return inputs;
  const kept = ignored.filter((key) => key in old).map((key) => [key, old[key]]);
  const given = Object.entries(inputs).filter(([key]) => !ignored.includes(key));
  return Object.fromEntries([...given, ...kept]);
}
