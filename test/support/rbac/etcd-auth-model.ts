import type { Access } from "../../../src/args";
import { endOf, type Permission, sameRange } from "../../../src/rbac/permissions";
import { type AuthState } from "../../../src/rbac/plan";
import { ROOT, type Step } from "../../../src/rbac/steps";

/**
 * etcd's auth store in a few lines (server/auth/store.go). `newestFirst` is where a new entry lands among the entries that
 * begin at the same key: etcd's sort leaves it open.
 */
export function apply(state: AuthState, step: Step, newestFirst = false): AuthState {
  const roles = new Map(state.roles);
  const users = new Map(state.users);
  switch (step.call) {
    case "authEnable":
      if (!users.get(ROOT)?.includes(ROOT)) throw new Error("root user does not have root role");
      return { roles, users, authentication: true };
    case "authDisable":
      return { roles, users, authentication: false };
    case "roleAdd":
      refuse(roles.has(step.role), "role name already exists");
      roles.set(step.role, []);
      break;
    case "roleDelete":
      refuse(!roles.delete(step.role), "role name not found");
      for (const [user, held] of users) users.set(user, without(held, step.role));
      break;
    case "userAdd":
      refuse(users.has(step.user), "user name already exists");
      users.set(step.user, []);
      break;
    case "userDelete":
      refuse(!users.delete(step.user), "user name not found");
      break;
    case "userGrantRole":
      refuse(!roles.has(step.role) && step.role !== ROOT, "role name not found");
      users.set(step.user, [...without(found(users, step.user), step.role), step.role]);
      break;
    case "userRevokeRole":
      refuse(!found(users, step.user).includes(step.role), "role is not granted to the user");
      users.set(step.user, without(found(users, step.user), step.role));
      break;
    case "roleGrantPermission":
      roles.set(step.role, granted(found(roles, step.role), step.permission, newestFirst));
      break;
    case "roleRevokePermission": {
      const held = found(roles, step.role);
      const rest = held.filter((one) => !sameRange(one, step.range));
      refuse(rest.length === held.length, "permission is not granted to the role");
      roles.set(step.role, rest);
    }
  }
  return { roles, users, authentication: state.authentication };
}

function refuse(condition: boolean, message: string): void {
  if (condition) throw new Error(`etcdserver: ${message}`);
}

function found<T>(names: Map<string, T>, name: string): T {
  const value = names.get(name);
  if (value === undefined) throw new Error(`etcdserver: ${name} not found`);
  return value;
}

const without = (names: string[], name: string) => names.filter((other) => other !== name);

// RoleGrantPermission looks at the first entry that begins at the key, and at no other.
function granted(held: Permission[], { key, rangeEnd, access }: Permission, newestFirst: boolean): Permission[] {
  const entry = { key, rangeEnd, access };
  const first = held.findIndex((one) => one.key >= key);
  if (first >= 0 && sameRange(held[first]!, entry)) return held.map((one, index) => (index === first ? entry : one));
  const position = held.findIndex((one) => (newestFirst ? one.key >= key : one.key > key));
  return position < 0 ? [...held, entry] : [...held.slice(0, position), entry, ...held.slice(position)];
}

/** Whether etcd lets the user read or write one key. */
export function mayAccess(state: AuthState, user: string, key: string, access: Access): boolean {
  const roles = state.users.get(user) ?? [];
  if (roles.includes(ROOT)) return true;
  return roles
    .flatMap((role) => state.roles.get(role) ?? [])
    .some((one) => isIn(one, key) && one.access.includes(access));
}

function isIn(range: Permission, key: string): boolean {
  const end = endOf(range);
  return key >= range.key && (end === undefined || key < end);
}
