/** A resource in the state of a stack, as far as a subcommand reads it. */
export interface StackResource {
  urn: string;
  type: string;
  parent?: string;
  delete?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/**
 * The resources in what `pulumi stack export` prints, but for those that only wait to be deleted.
 *
 * @throws {Error} If the text is something else.
 */
export function resourcesIn(exported: string): StackResource[] {
  const { deployment } = parsed(exported);
  return (deployment?.resources ?? []).filter((resource) => !resource.delete);
}

function parsed(text: string): { deployment?: { resources?: StackResource[] } } {
  try {
    return JSON.parse(text) as { deployment?: { resources?: StackResource[] } };
  } catch {
    throw new Error("the stack is no JSON; give what `pulumi stack export` prints");
  }
}

// urn:pulumi:<stack>::<project>::<type>$<type>::<name>

/** The name of a resource. */
export const nameIn = (urn = "") => urn.split("::").slice(3).join("::");

/** Its own type, without its parents'. */
export const typeIn = (urn = "") => urn.split("::")[2]?.split("$").at(-1) ?? "";

/** The stack and the project that it is of. */
export function placeIn(urn: string): { stack: string; project: string } {
  const [stack = "", project = ""] = urn.replace("urn:pulumi:", "").split("::");
  return { stack, project };
}

/** The type of an `EtcdPki`. */
export const pkiType = "etcd-pki:index:EtcdPki";
