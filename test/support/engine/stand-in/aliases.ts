import { parseUrn } from "../types";

export interface Alias {
  urn?: string;
  name?: string;
  type?: string;
  parent?: string;
  noParent?: boolean;
  stack?: string;
  project?: string;
}

interface Place {
  stack: string;
  project: string;
}

interface Aliased {
  type: string;
  name: string;
  parent: string;
  aliases: Alias[];
}

const STACK_TYPE = "pulumi:pulumi:Stack";

export function makeUrn(type: string, name: string, parent: string, { stack, project }: Place): string {
  const parentType = parent && parseUrn(parent).qualifiedType;
  const prefix = parentType && parentType !== STACK_TYPE ? `${parentType}$` : "";
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

/** Under which URNs a resource may be known from an earlier run: by its own aliases, and by its parent's. */
export function oldUrns(urn: string, resource: Aliased, place: Place, aliased: Map<string, string>): string[] {
  const own = resource.aliases.map((alias) => urnOfAlias(alias, resource, place, aliased));
  const oldParent = aliased.get(resource.parent);
  if (oldParent === undefined) return own;
  return [...own, ...[urn, ...own].map((each) => inherit(each, resource.parent, oldParent, place))];
}

function urnOfAlias(alias: Alias, { type, name, parent }: Aliased, place: Place, aliased: Map<string, string>): string {
  if (alias.urn) return alias.urn;
  const aliasParent = alias.noParent ? "" : alias.parent ? (aliased.get(alias.parent) ?? alias.parent) : parent;
  const at = { stack: alias.stack || place.stack, project: alias.project || place.project };
  return makeUrn(alias.type || type, alias.name || name, aliasParent, at);
}

/** As in the engine, a child whose name begins with its parent's is taken to have begun with the parent's old name. */
function inherit(urn: string, parent: string, oldParent: string, place: Place): string {
  const { type, name } = parseUrn(urn);
  const parentName = parseUrn(parent).name;
  const oldName = name.startsWith(parentName) ? parseUrn(oldParent).name + name.slice(parentName.length) : name;
  return makeUrn(type, oldName, oldParent, place);
}
