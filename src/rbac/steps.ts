import type { KeyRange, Permission } from "./permissions";
import { rangeText } from "./permissions";

/** One call of etcd's auth API and why it is made. It never holds a password: who makes the call knows it. */
export type Step = { reason: string } & (
  | { call: "authEnable" | "authDisable" }
  | { call: "roleAdd" | "roleDelete"; role: string }
  | { call: "userAdd"; user: string; hasPassword?: boolean }
  | { call: "userDelete" | "userChangePassword"; user: string }
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

/** Whether a role is one of the `BRIDGE` ones. */
export const isBridge = (role: string) => role.startsWith(BRIDGE);

const declared = "the declaration asks for it";
const undeclared = "the declaration does not ask for it";

/** The call that grants one permission. */
export const grant = (role: string, permission: Permission, reason = declared): Step => ({
  call: "roleGrantPermission",
  role,
  permission,
  reason,
});

/** The call that revokes the permission on one range. */
export const revoke = (role: string, { key, rangeEnd }: KeyRange, reason = undeclared): Step => ({
  call: "roleRevokePermission",
  role,
  range: { key, rangeEnd },
  reason,
});

/** The calls that make a role with its permissions. */
export const addRole = (role: string, permissions: Permission[]): Step[] => [
  {
    call: "roleAdd",
    role,
    reason: isBridge(role) ? "it holds a user's access for a moment" : "the declaration names it",
  },
  ...permissions.map((one) => grant(role, one)),
];

/** The call that deletes a role. */
export const deleteRole = (role: string): Step => ({
  call: "roleDelete",
  role,
  reason: isBridge(role) ? "its moment is over" : "the declaration no longer names it",
});

/** The call that deletes a user. */
export const deleteUser = (user: string): Step => ({
  call: "userDelete",
  user,
  reason: user === GUARD ? "once every member takes users from certificates" : "the declaration no longer names it",
});

/** The call that gives a user a role. */
export const grantRole =
  (user: string) =>
  (role: string): Step => ({ call: "userGrantRole", user, role, reason: declared });

/** The call that takes a role from a user. */
export const revokeRole =
  (user: string) =>
  (role: string): Step => ({ call: "userRevokeRole", user, role, reason: undeclared });

/** The calls that turn authentication off and on. */
export const switchOff: Step = {
  call: "authDisable",
  reason: "the declaration does not ask for it; every client may then read and write every key",
};
export const switchOn: Step = {
  call: "authEnable",
  reason: `${declared}; a user ${GUARD} stands by until every member has let the administrator in`,
};

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
      return `add user ${step.user}${step.hasPassword ? " with its password" : ""}`;
    case "userDelete":
      return `delete user ${step.user}`;
    case "userChangePassword":
      return `change the password of user ${step.user}`;
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
