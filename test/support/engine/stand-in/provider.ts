import type { Properties } from "./values";

/** A resource as a provider sees it: secrets unwrapped, unknown values as Pulumi's text for them. */
export interface ProviderResource {
  urn: string;
  type: string;
  name: string;
  id: string;
  inputs: Properties;
  outputs: Properties;
}

export interface Difference {
  /** The top-level properties that differ. Default: those in which the inputs differ. */
  changed?: string[];
  /** Whether there is any difference. Default: whether a property has changed. */
  some?: boolean;
  replace: boolean;
  /** The properties that make it a replacement. */
  replaces?: string[];
  deleteBeforeReplace?: boolean;
}

export type Goal = Pick<ProviderResource, "urn" | "type" | "name" | "inputs">;

/** What the stand-in asks of a kind of resource; the words are Pulumi's provider protocol. */
export interface Provider {
  check?(goal: Goal, oldInputs: Properties): Promise<Properties>;
  diff(old: ProviderResource, goal: Goal): Difference | Promise<Difference>;
  /** The outputs that a preview of a create or update can know; what is missing is unknown. */
  plan?(goal: Goal, old?: ProviderResource): Properties;
  create(goal: Goal): Promise<{ id: string; outputs: Properties }>;
  update(old: ProviderResource, goal: Goal): Promise<Properties>;
  /** `undefined`: the resource is gone. */
  read?(resource: ProviderResource): Promise<{ inputs?: Properties; outputs: Properties } | undefined>;
  delete?(resource: ProviderResource): Promise<void>;
}
