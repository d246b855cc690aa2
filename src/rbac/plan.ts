import type { ComponentArgs, PermissionArgs } from "../args";
import { coverage, intersection, merged } from "./coverage";
import type { Permission } from "./permissions";
import { byRange, permission } from "./permissions";
import type { Step } from "./steps";
import { addRole, BRIDGE, deleteRole, deleteUser, grantRole, isBridge, revokeRole, ROOT } from "./steps";
import { switchOff, switchOn } from "./steps";
import { roleChange } from "./transition";

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

/** Whose way to log in changes, and of whom it is a password. */
export interface LoginChanges {
  /** Users that log in by a password and get it when they are made; other new users have none. */
  withPassword: Set<string>;
  /** Users that must be made anew, since etcd cannot turn a user with a password into one without, nor the other way. */
  anew: Set<string>;
  /** Users that get another password. */
  changed: Set<string>;
}

/** No one's. */
export const noLoginChanges: LoginChanges = { withPassword: new Set(), anew: new Set(), changed: new Set() };

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
  const owners = new Set(own.map(([name]) => name));
  const declared = [...Object.entries(roles), ...own.map(([name, { permissions }]) => [name, permissions!] as const)];
  const root: [string, PermissionArgs[]][] = ROOT in components ? [[ROOT, []]] : [];
  return {
    roles: new Map([...root, ...declared].map(([name, list]) => [name, merged(list.map(permission))])),
    users: new Map(
      rootFirst(Object.keys(components)).map((name) => {
        const ownRole = name === ROOT ? [ROOT] : owners.has(name) ? [name] : [];
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
export function difference(
  before: AuthState,
  desired: DesiredState,
  removable: Names,
  logins: LoginChanges = noLoginChanges,
): Step[] {
  const actual = { ...before, users: new Map([...before.users].filter(([name]) => !logins.anew.has(name))) };
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
    ...goneUsers.map(deleteUser),
    ...[...logins.anew].map((user): Step => ({ call: "userDelete", user, reason: otherLogin })),
    ...newRoles.flatMap((role) => addRole(role, desired.roles.get(role)!)),
    ...newUsers.map((user) => addUser(user, logins)),
    ...[...logins.changed].map((user): Step => ({ call: "userChangePassword", user, reason: otherPassword })),
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

const otherLogin = "it logs in another way from now on, and etcd cannot change that in place";
const otherPassword =
  "the declaration has a new one, and etcd holds one a user: the client needs it in the same moment " +
  "(to change it without a gap, declare a second user with the same role and move the client to it)";

const addUser = (user: string, { withPassword }: LoginChanges): Step => ({
  call: "userAdd",
  user,
  ...(withPassword.has(user) ? { hasPassword: true } : {}),
  reason: "the declaration names it",
});

const missing = (names: Map<string, unknown>, others: Map<string, unknown>) =>
  [...names.keys()].filter((name) => !others.has(name));

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
  const isSteady = coverage(steady);
  const permissions = byRange(both.filter((one) => !isSteady(one)));
  return permissions.length ? [{ user, role: freeName(`${BRIDGE}${user}`, actual.roles), permissions }] : [];
}

const EVERYTHING: Permission = { key: "\0", rangeEnd: "\0", access: "readwrite" };

const permissionsOf = (state: Pick<AuthState, "roles">, role: string): Permission[] =>
  role === ROOT ? [EVERYTHING] : (state.roles.get(role) ?? []);

function freeName(name: string, taken: Map<string, unknown>): string {
  return taken.has(name) ? freeName(`${name}'`, taken) : name;
}
