import { readFileSync } from "node:fs";
import type { Access } from "../args";
import type { ClusterExpected, ClusterIdentity } from "./cluster";
import type { Connection } from "./diagnosis";
import { Login } from "../args";
import type { Declaration, Found } from "./found";
import type { DeclaredLogins, LoginAnswers } from "./logins";
import type { Permission } from "./permissions";
import { byRange, parseRange, rangeText } from "./permissions";
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
  /** The users that log in by a password. */
  logins?: Record<string, string>;
  /** Their passwords, where they are declared; a secret. */
  passwords?: Record<string, string>;
  enableAuthentication: boolean;
  removeUndeclared: boolean;
  skipDeleteIfUnreachable: boolean;
  adopted: Record<string, string>;
  /** The cluster in which `adopted` was noted. */
  inventoryClusterId?: string;
  clusterId?: string;
  waitSeconds?: number;
}

/** What an update leaves in the state for the next one. */
export interface LastUpdate extends Pick<UsersAndRolesInputs, "adopted" | "logins" | "passwords" | "clusterId"> {
  made: Made;
  cluster?: ClusterIdentity;
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

/** Everything that a declaration names, as the inventory notes it. */
export const declaredNames = ({
  users,
  roles,
  enableAuthentication,
}: Pick<UsersAndRolesInputs, "users" | "roles" | "enableAuthentication">): string[] => [
  ...Object.keys(users).map(inventoryName.user),
  ...Object.keys(roles).map(inventoryName.role),
  ...(enableAuthentication ? [inventoryName.authentication] : []),
];

/** Roles and users as the state holds them. */
export function toInputs({ roles, users }: Pick<AuthState, "roles" | "users">) {
  const ofRole = (list: Permission[]) => Object.fromEntries(byRange(list).map((one) => [rangeText(one), one.access]));
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

/** What an update has to do: what an earlier one made or took over goes when it is no longer declared. */
export function toDeclaration(inputs: UsersAndRolesInputs, before?: LastUpdate): Declaration {
  const adopted = adoptedNames(inputs.adopted);
  const earlier = adoptedNames(before?.adopted ?? {});
  const wasEnabled = before?.made.authentication === true;
  return {
    // What was turned on is turned off again when it is no longer asked for; otherwise it is left as it is.
    desired: { ...toState(inputs), authentication: inputs.enableAuthentication || (wasEnabled ? false : undefined) },
    made: {
      users: new Set([...(before?.made.users ?? []), ...earlier.users, ...Object.keys(inputs.users)]),
      roles: new Set([...(before?.made.roles ?? []), ...earlier.roles, ...Object.keys(inputs.roles)]),
    },
    removeUndeclared: inputs.removeUndeclared,
    adopted,
    logins: toLogins(inputs, before),
  };
}

function toLogins({ logins = {}, passwords = {} }: UsersAndRolesInputs, before?: LastUpdate): DeclaredLogins {
  const users = Object.keys(logins);
  const old = { logins: before?.logins ?? {}, passwords: before?.passwords ?? {} };
  return {
    passwords: new Map(users.map((user) => [user, passwords[user]])),
    before: new Set(Object.keys(old.logins)),
    isNew: new Set(users.filter((user) => !(user in old.logins) || old.passwords[user] !== passwords[user])),
  };
}

/** Which cluster an update is for. */
export const toExpected = (inputs: UsersAndRolesInputs, before?: LastUpdate): ClusterExpected => ({
  remembered:
    before?.cluster ?? (inputs.inventoryClusterId ? { id: inputs.inventoryClusterId, revision: "0" } : undefined),
  named: inputs.clusterId,
  namedBefore: before?.clusterId,
});

/** The users and roles that were there before. */
export function adoptedNames(adopted: Record<string, string>): Names {
  const of = (prefix: string) =>
    Object.keys(adopted)
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  return { users: new Set(of(inventoryName.user(""))), roles: new Set(of(inventoryName.role(""))) };
}

/** What goes with the whole declaration: all that it names, but for what was there before. */
export const madeBy = (inputs: UsersAndRolesInputs, { desired, adopted }: Declaration): Made => ({
  users: [...desired.users.keys()].filter((name) => !adopted.users.has(name)).sort(),
  roles: [...desired.roles.keys()].filter((name) => !adopted.roles.has(name)).sort(),
  authentication: inputs.enableAuthentication && !(inventoryName.authentication in inputs.adopted),
});

/** The same of an update that failed: what it should have deleted still goes, too. */
export const madeByFailed = (inputs: UsersAndRolesInputs, declaration: Declaration, before?: LastUpdate): Made => {
  const { made, adopted } = declaration;
  return {
    users: [...made.users].filter((name) => !adopted.users.has(name)).sort(),
    roles: [...made.roles].filter((name) => !adopted.roles.has(name)).sort(),
    authentication: madeBy(inputs, declaration).authentication || before?.made.authentication === true,
  };
};

/** What etcd holds, as the inputs that would have made it. */
export function toFoundInputs<Inputs extends UsersAndRolesInputs>(
  inputs: Inputs,
  found: Found,
  made: Made,
  answers: LoginAnswers = new Map(),
): Inputs {
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
    ...foundLogins(inputs, answers),
    enableAuthentication: inputs.enableAuthentication && state.authentication,
  };
}

// Another password than the declared one shows by its absence, and a user without one by its login.
function foundLogins({ logins, passwords }: UsersAndRolesInputs, answers: LoginAnswers) {
  if (logins === undefined) return {};
  const users = Object.keys(logins).filter((user) => answers.get(user) !== "none");
  const right = Object.entries(passwords ?? {}).filter(
    ([user]) => !["wrong", "none"].includes(answers.get(user) ?? ""),
  );
  return {
    logins: Object.fromEntries(users.map((user) => [user, Login.Password])),
    ...(passwords && { passwords: Object.fromEntries(right) }),
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
