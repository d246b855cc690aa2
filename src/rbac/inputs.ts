import { readFileSync } from "node:fs";
import type { Access } from "../args";
import type { Connection } from "./diagnosis";
import type { Declaration, Found } from "./operations";
import type { Permission } from "./permissions";
import { parseRange, rangeText, union } from "./permissions";
import type { AuthState, Names } from "./plan";
import { GUARD } from "./steps";

/** How the dynamic resources reach etcd. */
export interface ConnectionInputs {
  endpoints: string[];
  caBundlePem: string;
  administrator: { certPem: string; privateKeyPem: string };
}

/**
 * What the state holds of users and roles. Maps and no lists: so one removed permission is one line of a preview.
 * Permissions are keyed by `rangeText`; what was there before, by "user <name>", "role <name>" or "authentication".
 */
export interface UsersAndRolesInputs extends ConnectionInputs {
  roles: Record<string, Record<string, Access>>;
  users: Record<string, Record<string, string>>;
  enableAuthentication: boolean;
  removeUndeclared: boolean;
  skipDeleteIfUnreachable: boolean;
  adopted: Record<string, string>;
}

/** What this declaration made and so takes back again. */
export interface Made {
  users: string[];
  roles: string[];
  authentication: boolean;
}

/** The key under which a thing of etcd's is noted in the inventory. */
export const inventoryName = {
  user: (name: string) => `user ${name}`,
  role: (name: string) => `role ${name}`,
  authentication: "authentication",
};

/** Roles and users as the state holds them. */
export function toInputs({ roles, users }: Pick<AuthState, "roles" | "users">) {
  const ofRole = (list: Permission[]) =>
    list.reduce<Record<string, Access>>((map, one) => {
      const text = rangeText(one);
      return { ...map, [text]: union(map[text], one.access)! };
    }, {});
  return {
    roles: Object.fromEntries([...roles].map(([name, list]) => [name, ofRole(list)])),
    users: Object.fromEntries(
      [...users].map(([name, held]) => [name, Object.fromEntries(held.map((role) => [role, "granted"]))]),
    ),
  };
}

/** The same the other way round. */
export function toState(inputs: Pick<UsersAndRolesInputs, "roles" | "users">): Pick<AuthState, "roles" | "users"> {
  const permissions = (map: Record<string, Access>) =>
    Object.entries(map).map(([text, access]) => ({ ...parseRange(text), access }));
  return {
    roles: new Map(Object.entries(inputs.roles).map(([name, map]) => [name, permissions(map)])),
    users: new Map(Object.entries(inputs.users).map(([name, held]) => [name, Object.keys(held)])),
  };
}

/** What an update has to do. What an earlier one made stays this declaration's until it is deleted. */
export function toDeclaration(
  inputs: UsersAndRolesInputs,
  before: Made = { users: [], roles: [], authentication: false },
): Declaration {
  const adopted = adoptedNames(inputs.adopted);
  const names = (before: string[], declared: object, others: Set<string>) =>
    new Set([...before, ...Object.keys(declared).filter((name) => !others.has(name))]);
  return {
    // What was turned on is turned off again when it is no longer asked for; otherwise it is left as it is.
    desired: {
      ...toState(inputs),
      authentication: inputs.enableAuthentication || (before.authentication ? false : undefined),
    },
    made: {
      users: names(before.users, inputs.users, adopted.users),
      roles: names(before.roles, inputs.roles, adopted.roles),
    },
    removeUndeclared: inputs.removeUndeclared,
    adopted,
  };
}

/** The users and roles that were there before. */
export function adoptedNames(adopted: Record<string, string>): Names {
  const of = (prefix: string) =>
    Object.keys(adopted)
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  return { users: new Set(of(inventoryName.user(""))), roles: new Set(of(inventoryName.role(""))) };
}

/** What this declaration takes back when it goes: of all that it made, what it still names. */
export const madeBy = (inputs: UsersAndRolesInputs, { made, desired }: Declaration): Made => ({
  users: [...made.users].filter((name) => desired.users.has(name)).sort(),
  roles: [...made.roles].filter((name) => desired.roles.has(name)).sort(),
  authentication: inputs.enableAuthentication && !(inventoryName.authentication in inputs.adopted),
});

/** What etcd holds, as the inputs that would have made it. */
export function toFoundInputs<Inputs extends UsersAndRolesInputs>(inputs: Inputs, found: Found, made: Made): Inputs {
  const adopted = adoptedNames(inputs.adopted);
  const keep = <T>(all: Map<string, T>, declared: object, others: Iterable<string>) => {
    const names = new Set([...Object.keys(declared), ...others]);
    return new Map([...all].filter(([name]) => (inputs.removeUndeclared ? name !== GUARD : names.has(name))));
  };
  const { state, otherRoles } = found;
  const roles = new Map([...state.roles, ...otherRoles.map((name): [string, Permission[]] => [name, []])]);
  return {
    ...inputs,
    ...toInputs({
      roles: keep(roles, inputs.roles, [...made.roles, ...adopted.roles]),
      users: keep(state.users, inputs.users, [...made.users, ...adopted.users]),
    }),
    enableAuthentication: inputs.enableAuthentication && state.authentication,
  };
}

/** The connection that the state holds, or the one that the environment names when the state's no longer works. */
export function toConnection(
  { endpoints, caBundlePem, administrator }: ConnectionInputs,
  environment = {},
): Connection {
  const { ETCD_RBAC_ENDPOINTS, ETCD_RBAC_CACERT, ETCD_RBAC_CERT, ETCD_RBAC_KEY } = environment as NodeJS.ProcessEnv;
  const file = (path: string | undefined, otherwise: string) => (path ? readFileSync(path, "utf8") : otherwise);
  return {
    endpoints: ETCD_RBAC_ENDPOINTS?.split(",") ?? endpoints,
    caBundlePem: file(ETCD_RBAC_CACERT, caBundlePem),
    certPem: file(ETCD_RBAC_CERT, administrator.certPem),
    privateKeyPem: file(ETCD_RBAC_KEY, administrator.privateKeyPem),
  };
}
