import { parseUrn, type Operation, type Step } from "../types";
import { makeUrn, oldUrns } from "./aliases";
import type { Goal, Provider, ProviderResource } from "./provider";
import { ignoreChanges, isTriggered, toProviderResource, toResource, urnOfReference } from "./registration";
import type { HookCall, Registration } from "./registration";
import type { Resource } from "./state";
import { changedKeys, hasSecret, markSecrets, plain, secretNames, visibleChanges, type Properties } from "./values";

export interface DeploymentOptions {
  project: string;
  stack: string;
  preview: boolean;
  resources: Resource[];
  providerFor(type: string, provider: string): Provider;
  report(step: Step): void;
}

/** Decides as Pulumi's engine does what becomes of each resource, and has its provider do it. */
export class Deployment {
  readonly steps: Step[] = [];
  private readonly olds = new Map<string, Resource>();
  private readonly registered = new Set<string>();
  /** The old URN of each resource that was found by an alias. */
  private readonly aliased = new Map<string, string>();
  private readonly news = new Map<string, Resource>();
  private readonly replaced = new Set<string>();
  private condemned: Resource[] = [];

  constructor(private readonly options: DeploymentOptions) {
    for (const resource of options.resources) {
      if (resource.delete) this.condemned.push(resource);
      else this.olds.set(resource.urn, resource);
    }
  }

  private findOld(urn: string, registration: Registration): Resource | undefined {
    const found = [urn, ...oldUrns(urn, registration, this.options, this.aliased)].find((each) => this.olds.has(each));
    if (found !== undefined && found !== urn) this.aliased.set(urn, found);
    return found === undefined ? undefined : this.olds.get(found);
  }

  async register(registration: Registration, runHooks: (call: HookCall) => Promise<void>): Promise<Resource> {
    const { type, name, parent, custom } = registration;
    const urn = makeUrn(type, name, parent, this.options);
    if (this.registered.has(urn)) throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    this.registered.add(urn);
    const old = this.findOld(urn, registration);
    if (old) this.registered.add(old.urn);
    const provider = custom ? this.options.providerFor(type, registration.provider) : undefined;
    let inputs = await this.check(urn, registration, provider, old);
    let goal = { urn, type, name, inputs: plain(inputs) };
    const difference = old ? await this.compare(registration, goal, inputs, old, provider) : undefined;
    // A replacement is made from what the program says now, also where changes are to be ignored.
    if (difference?.replace) {
      inputs = await this.check(urn, registration, provider);
      goal = { ...goal, inputs: plain(inputs) };
    }
    const fresh = await this.carryOut({ registration, goal, inputs, old, difference, provider, runHooks });
    this.news.set(urn, fresh);
    return fresh;
  }

  private async check(urn: string, registration: Registration, provider: Provider | undefined, old?: Resource) {
    const inputs = ignoreChanges(registration, old?.inputs);
    if (!provider?.check) return inputs;
    const goal = { urn, type: registration.type, name: registration.name, inputs: plain(inputs) };
    const checked = await provider.check(goal, plain(old?.inputs ?? {}));
    return markSecrets(checked, secretNames(inputs));
  }

  private async compare(
    registration: Registration,
    goal: Goal,
    inputs: Properties,
    old: Resource,
    provider?: Provider,
  ): Promise<Decision> {
    const { replaceOnChanges, replaceWith } = registration;
    const seen = visibleChanges(old.inputs, inputs);
    if (!provider) return { changed: seen, some: changedKeys(old.inputs, inputs).length > 0, replace: false };
    const otherProvider = urnOfReference(old.provider) !== urnOfReference(registration.provider);
    const triggered = isTriggered(old.replacementTrigger, registration.replacementTrigger);
    if (triggered || otherProvider || replaceWith.some((urn) => this.replaced.has(urn))) {
      return { changed: seen.length || !otherProvider ? seen : ["provider"], some: true, replace: true };
    }
    const difference = await provider.diff(toProviderResource(old), goal);
    const changed = difference.changed ?? (seen.length ? seen : (difference.replaces ?? []));
    const named = changed.some((key) => replaceOnChanges.includes(key) || replaceOnChanges.includes("*"));
    return {
      ...difference,
      changed,
      some: difference.some ?? changed.length > 0,
      replace: difference.replace || named,
    };
  }

  private async carryOut(work: Work): Promise<Resource> {
    const { registration, goal, old, difference } = work;
    const op = !old || !difference ? "create" : !difference.some ? "same" : difference.replace ? "replace" : "update";
    const fresh = { ...toResource(registration, goal.urn), inputs: work.inputs };
    if (op === "replace" && old?.protect && registration.protect) {
      throw new Error(`unable to replace resource "${goal.urn}" as it is currently marked for protection`);
    }
    const { id, outputs } = await this.act(op, work, fresh);
    this.report(op, fresh, difference?.changed);
    const secrets = [...secretNames(work.inputs), ...registration.additionalSecretOutputs];
    return { ...fresh, ...(registration.custom ? { id } : {}), outputs: markSecrets(outputs, secrets) };
  }

  /** Before a component's outputs are registered it has none; a preview gives what can be known. */
  private async act(op: Operation, work: Work, fresh: Resource): Promise<{ id: string; outputs: Properties }> {
    const { goal, old, provider, runHooks } = work;
    if (op === "same") return { id: old?.id ?? "", outputs: old?.outputs ?? {} };
    const updating = op === "update" ? old : undefined;
    const oldState = updating && { oldInputs: updating.inputs, oldOutputs: updating.outputs };
    const call = { urn: goal.urn, id: updating?.id ?? "", newInputs: work.inputs, ...oldState };
    await runHooks({ ...call, kind: updating ? "BeforeUpdate" : "BeforeCreate" });
    const made = await this.make(op, work, updating && toProviderResource(updating));
    if (provider) {
      const newOutputs = markSecrets(made.outputs, secretNames(fresh.inputs));
      await runHooks({ ...call, id: made.id, newOutputs, kind: updating ? "AfterUpdate" : "AfterCreate" });
    }
    return made;
  }

  private async make(
    op: Operation,
    { goal, old, provider, registration, difference }: Work,
    updating?: ProviderResource,
  ) {
    const id = updating?.id ?? "";
    if (op === "replace") this.replaced.add(goal.urn);
    if (!provider) return { id, outputs: {} };
    if (this.options.preview) return { id, outputs: provider.plan?.(goal, updating) ?? goal.inputs };
    if (updating) return { id, outputs: await provider.update(updating, goal) };
    const deleteFirst = registration.deleteBeforeReplace ?? difference?.deleteBeforeReplace ?? false;
    if (op === "replace" && old && deleteFirst) await provider.delete?.(toProviderResource(old));
    const made = await provider.create(goal);
    if (op === "replace" && old && !deleteFirst) this.condemned.push({ ...old, delete: true });
    return made;
  }

  registerOutputs(urn: string, outputs: Properties): void {
    const resource = this.news.get(urn);
    if (resource) resource.outputs = outputs;
  }

  /** What the program no longer names is deleted, the last made first; then the replaced ones. */
  async finish(): Promise<void> {
    for (const resource of [...this.olds.values()].reverse()) {
      if (!this.registered.has(resource.urn)) await this.delete(resource);
    }
    for (const resource of [...this.condemned].reverse()) {
      if (!this.options.preview) await this.deleteQuietly(resource);
      this.condemned = this.condemned.filter((other) => other !== resource);
    }
  }

  private async delete(resource: Resource): Promise<void> {
    if (resource.protect) {
      throw new Error(`resource "${resource.urn}" cannot be deleted because it is protected; remove \`protect\` first`);
    }
    if (!this.options.preview) await this.deleteQuietly(resource);
    this.olds.delete(resource.urn);
    this.report("delete", resource);
  }

  private async deleteQuietly(resource: Resource): Promise<void> {
    if (!resource.custom || resource.retainOnDelete) return;
    await this.options.providerFor(resource.type, resource.provider ?? "").delete?.(toProviderResource(resource));
  }

  async refresh(): Promise<void> {
    for (const resource of this.olds.values()) {
      const provider = resource.custom ? this.options.providerFor(resource.type, resource.provider ?? "") : undefined;
      const current = toProviderResource(resource);
      const found = provider?.read ? await provider.read(current) : current;
      if (!found) this.olds.delete(resource.urn);
      else this.keep(resource, found);
      const changed = found ? changedKeys(resource.outputs, found.outputs) : [];
      this.report(!found ? "delete" : changed.length ? "update" : "same", resource, changed);
    }
  }

  private keep(resource: Resource, { inputs, outputs }: { inputs?: Properties; outputs: Properties }) {
    const secrets = Object.keys(resource.outputs).filter((key) => hasSecret(resource.outputs[key]));
    this.olds.set(resource.urn, {
      ...resource,
      inputs: markSecrets(inputs ?? resource.inputs, secretNames(resource.inputs)),
      outputs: markSecrets(outputs, secrets),
    });
  }

  /** The state to keep, also after a run that failed half way. */
  resources(): Resource[] {
    const untouched = [...this.olds.values()].filter(
      ({ urn }) => !this.news.has(urn) && ![...this.aliased.values()].includes(urn),
    );
    return [...this.news.values(), ...untouched, ...this.condemned];
  }

  private report(op: Operation, { urn, type, parent }: Resource, changed: string[] = []): void {
    const step: Step = {
      op,
      type,
      name: parseUrn(urn).name,
      urn,
      changedProperties: op === "same" ? [] : [...changed].sort(),
    };
    if (parent) step.parent = parent;
    this.steps.push(step);
    this.options.report(step);
  }
}

/** What a provider's difference and the resource's options come to. */
interface Decision {
  changed: string[];
  some: boolean;
  replace: boolean;
  deleteBeforeReplace?: boolean;
}

interface Work {
  registration: Registration;
  goal: Goal;
  /** As checked, with secrets marked. */
  inputs: Properties;
  old: Resource | undefined;
  difference: Decision | undefined;
  provider: Provider | undefined;
  runHooks: (call: HookCall) => Promise<void>;
}
