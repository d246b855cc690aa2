import type { ComponentArgs, PermissionArgs } from "../args";
import type { KeyRange, Permission } from "./permissions";
import { byRange, covers, intersection, permission, rangeText } from "./permissions";
import { grant, roleChange } from "./transition";

/** What etcd holds or shall hold: each role's permissions, each user's roles, and whether authentication is on. */
export interface AuthState {
  roles: Map<string, Permission[]>;
  users: Map<string, string[]>;
  authentication: boolean;
}

/** What is declared: the same, but authentication may be left as it is (undefined). */
export type DesiredState = Omit<AuthState, "authentication"> & { authentication: boolean | undefined };

/** Names of users and roles. */
export interface Names {
  users: Set<string>;
  roles: Set<string>;
}

/** One call of etcd's auth API and why it is made. */
export type Step = { reason: string } & (
  | { call: "authEnable" | "authDisable" }
  | { call: "roleAdd" | "roleDelete"; role: string }
  | { call: "userAdd" | "userDelete"; user: string }
  | { call: "userGrantRole" | "userRevokeRole"; user: string; role: string }
  | { call: "roleGrantPermission"; role: string; permission: Permission }
  | { call: "roleRevokePermission"; role: string; range: KeyRange }
);

/** etcd's superuser and the role that makes it one. */
export const ROOT = "root";
/** Roles of this name hold a user's access for the moment in which its roles and their permissions change together. */
export const BRIDGE = "etcd-pki-transition:";
/** While authentication is being turned on, this user can turn it off again with a password. */
export const GUARD = "etcd-pki-lock-out-guard";

/**
 * The users and roles that a declaration means: for each component a user of its name, and, if it has permissions, a role
 * of its name; `root` gets etcd's role `root`, which needs no permissions.
 */
export function desiredState(
  components: Record<string, ComponentArgs>,
  roles: Record<string, PermissionArgs[]> = {},
  authentication = true,
): AuthState {
  const own = Object.entries(components).filter(([name, { permissions }]) => name !== ROOT && permissions?.length);
  const declared = [...Object.entries(roles), ...own.map(([name, { permissions }]) => [name, permissions!] as const)];
  const root: [string, PermissionArgs[]][] = ROOT in components ? [[ROOT, []]] : [];
  return {
    roles: new Map([...root, ...declared].map(([name, list]) => [name, byRange(list.map(permission))])),
    users: new Map(
      rootFirst(Object.keys(components)).map((name) => {
        const ownRole = name === ROOT ? [ROOT] : own.some(([owner]) => owner === name) ? [name] : [];
        return [name, [...new Set([...ownRole, ...(components[name]!.roles ?? [])])]];
      }),
    ),
    authentication,
  };
}

const rootFirst = (names: string[]) => [...names].sort((a, b) => Number(b === ROOT) - Number(a === ROOT));

/**
 * The calls that bring etcd to the declaration, in an order in which no state on the way allows a user more than the old
 * and the new state together, nor less than what both allow. Of the names outside the declaration only the `removable`
 * are touched.
 */
export function difference(actual: AuthState, desired: DesiredState, removable: Names): Step[] {
  const goneUsers = missing(actual.users, desired.users).filter((name) => removable.users.has(name));
  const goneRoles = missing(actual.roles, desired.roles).filter((name) => removable.roles.has(name) || isBridge(name));
  const newRoles = missing(desired.roles, actual.roles);
  const newUsers = missing(desired.users, actual.users);
  const changes = [...desired.roles]
    .filter(([role]) => role !== ROOT && actual.roles.has(role))
    .map(([role, permissions]) => ({ role, ...roleChange(role, actual.roles.get(role)!, permissions) }));
  const changing = new Set(
    changes.filter(({ widen, narrow }) => widen.length + narrow.length > 0).map(({ role }) => role),
  );
  const moves = [...desired.users].map(([user, roles]) =>
    userMove(user, actual.users.get(user) ?? [], roles, changing),
  );
  const kept = moves.map((move) => ({ ...move, lost: move.lost.filter((role) => !goneRoles.includes(role)) }));
  const bridges = moves.flatMap((move) => bridge(move, actual, desired));
  return [
    ...(actual.authentication && desired.authentication === false ? [switchOff] : []),
    ...goneUsers.map((user): Step => ({ call: "userDelete", user, reason: "the declaration no longer names it" })),
    ...newRoles.flatMap((role) => addRole(role, desired.roles.get(role)!)),
    ...newUsers.map((user): Step => ({ call: "userAdd", user, reason: "the declaration names it" })),
    ...kept.flatMap(({ user, gained }) => gained.filter((role) => !changing.has(role)).map(grantRole(user))),
    ...bridges.flatMap(({ user, role, permissions }) => [...addRole(role, permissions), grantRole(user)(role)]),
    ...kept.flatMap(({ user, lost }) => lost.filter((role) => changing.has(role)).map(revokeRole(user))),
    ...changes.flatMap(({ widen }) => widen),
    ...changes.flatMap(({ narrow }) => narrow),
    ...kept.flatMap(({ user, gained }) => gained.filter((role) => changing.has(role)).map(grantRole(user))),
    ...kept.flatMap(({ user, lost }) => lost.filter((role) => !changing.has(role)).map(revokeRole(user))),
    ...[...bridges.map(({ role }) => role), ...goneRoles].map(deleteRole),
    ...(!actual.authentication && desired.authentication ? [switchOn] : []),
  ];
}

const switchOff: Step = { call: "authDisable", reason: "the declaration does not ask for authentication" };
const switchOn: Step = { call: "authEnable", reason: "the declaration asks for authentication" };

const isBridge = (role: string) => role.startsWith(BRIDGE);

const missing = (names: Map<string, unknown>, others: Map<string, unknown>) =>
  [...names.keys()].filter((name) => !others.has(name));

const addRole = (role: string, permissions: Permission[]): Step[] => [
  {
    call: "roleAdd",
    role,
    reason: isBridge(role) ? "it holds a user's access for a moment" : "the declaration names it",
  },
  ...permissions.map((one) => grant(role, one)),
];

const deleteRole = (role: string): Step => ({
  call: "roleDelete",
  role,
  reason: isBridge(role) ? "its moment is over" : "the declaration no longer names it",
});

const grantRole =
  (user: string) =>
  (role: string): Step => ({ call: "userGrantRole", user, role, reason: "the declaration asks for it" });

const revokeRole =
  (user: string) =>
  (role: string): Step => ({ call: "userRevokeRole", user, role, reason: "the declaration does not ask for it" });

interface UserMove {
  user: string;
  kept: string[];
  gained: string[];
  lost: string[];
  /** Whether it gains or loses a role whose permissions change as well. */
  isEntangled: boolean;
}

function userMove(user: string, old: string[], wanted: string[], changing: Set<string>): UserMove {
  const gained = wanted.filter((role) => !old.includes(role));
  const lost = old.filter((role) => !wanted.includes(role));
  const kept = old.filter((role) => wanted.includes(role));
  return { user, kept, gained, lost, isEntangled: [...gained, ...lost].some((role) => changing.has(role)) };
}

/**
 * A user that gains or loses a role whose permissions change as well cannot be moved in one go: the role must not be held
 * while it allows something else, and what the user keeps must not be missing. A role of its own holds that meanwhile.
 */
function bridge({ user, kept, gained, lost, isEntangled }: UserMove, actual: AuthState, desired: DesiredState) {
  if (!isEntangled) return [];
  const before = (roles: string[]) => roles.flatMap((role) => permissionsOf(actual, role));
  const after = (roles: string[]) => roles.flatMap((role) => permissionsOf(desired, role));
  const steady = intersection(before(kept), after(kept));
  const both = intersection(before([...kept, ...lost]), after([...kept, ...gained]));
  const permissions = byRange(both.filter((one) => !covers(steady, one)));
  return permissions.length ? [{ user, role: freeName(`${BRIDGE}${user}`, actual.roles), permissions }] : [];
}

const EVERYTHING: Permission = { key: "\0", rangeEnd: "\0", access: "readwrite" };

const permissionsOf = (state: Pick<AuthState, "roles">, role: string): Permission[] =>
  role === ROOT ? [EVERYTHING] : (state.roles.get(role) ?? []);

function freeName(name: string, taken: Map<string, unknown>): string {
  return taken.has(name) ? freeName(`${name}'`, taken) : name;
}

/** The step as a line for people. */
export function stepText(step: Step): string {
  return `${action(step)}: ${step.reason}`;
}

function action(step: Step): string {
  switch (step.call) {
    case "authEnable":
      return "turn authentication on";
    case "authDisable":
      return "turn authentication off";
    case "roleAdd":
    case "roleDelete":
      return `${step.call === "roleAdd" ? "add" : "delete"} role ${step.role}`;
    case "userAdd":
    case "userDelete":
      return `${step.call === "userAdd" ? "add" : "delete"} user ${step.user}`;
    case "userGrantRole":
      return `grant role ${step.role} to user ${step.user}`;
    case "userRevokeRole":
      return `revoke role ${step.role} from user ${step.user}`;
    case "roleGrantPermission":
      return `grant ${step.permission.access} on ${rangeText(step.permission)} to role ${step.role}`;
    case "roleRevokePermission":
      return `revoke ${rangeText(step.range)} from role ${step.role}`;
  }
}
