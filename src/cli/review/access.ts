import type { Access } from "../../args";
import type { Permission } from "../../rbac/permissions";
import { covers } from "../../rbac/coverage";
import { byRange, parseRange, rangeText } from "../../rbac/permissions";
import type { Change, Preview } from "./preview";

/** What one user may do after the update and not before, and the other way round. */
export interface AccessChange {
  /** The name of the `EtcdRbac`. */
  component: string;
  user: string;
  change: "added" | "changed" | "removed";
  /** Such as `read prefix /app/`, or `role root`, which may do everything. */
  gained: string[];
  lost: string[];
  /** How it logs in after the update, where that is not as before; of a new user, only if it is by a password. */
  login?: Login;
}

/** How a user says who it is. */
export type Login = "certificate" | "password";

/** What changes for a whole cluster's users. */
export interface AuthenticationChange {
  component: string;
  from: boolean;
  to: boolean;
}

/** Users and roles as an `EtcdRbac` declares them; nothing of what is hidden. */
export interface Inputs {
  users?: Record<string, Record<string, unknown>>;
  /** Who logs in by a password. */
  logins?: Record<string, string>;
  roles?: Record<string, Record<string, Access>>;
  enableAuthentication?: boolean;
}

const usersAndRoles = /(^|:|\/)UsersAndRoles$/;

/** Whether a resource is the one that makes users and roles, be it served by the plugin or by a Node.js program. */
export const isUsersAndRoles = ({ type }: { type: string }) => usersAndRoles.test(type);

/** Users whose rights change, by name. A role that is cut in another way and allows the same is no change. */
export const accessChanges = ({ changes }: Preview): AccessChange[] =>
  changes.filter(isUsersAndRoles).flatMap((change) => {
    const [was, is] = [inputsOf(change, "old"), inputsOf(change, "next")];
    const users = [...new Set([...Object.keys(was.users ?? {}), ...Object.keys(is.users ?? {})])].sort();
    return users.flatMap((user) => changeOf(change.parent.name, user, was, is));
  });

/** Where authentication is turned on or off. */
export const authenticationChanges = ({ changes }: Preview): AuthenticationChange[] =>
  changes.filter(isUsersAndRoles).flatMap((change) => {
    const [from, to] = [inputsOf(change, "old"), inputsOf(change, "next")].map(
      ({ enableAuthentication }) => enableAuthentication === true,
    ) as [boolean, boolean];
    return from === to ? [] : [{ component: change.parent.name, from, to }];
  });

/** The `EtcdRbac` in which passwords change that were set before. Whose they are is secret in a preview. */
export const passwordChanges = ({ changes }: Preview): string[] =>
  changes
    .filter((change) => isUsersAndRoles(change) && change.operation === "update")
    .filter(({ properties }) => properties.includes("passwords"))
    .map(({ parent }) => parent.name);

/** Whether users and roles change that the preview does not show, because they are secret. */
export const isHidden = (change: Change): boolean =>
  (["old", "next"] as const).some((which) => {
    const inputs = change[which]?.inputs;
    return inputs !== undefined && [inputs["users"], inputs["roles"]].some((value) => typeof value !== "object");
  });

const inputsOf = (change: Change, which: "old" | "next"): Inputs =>
  isHidden(change) ? {} : ((change[which]?.inputs ?? {}) as Inputs);

function changeOf(component: string, user: string, was: Inputs, is: Inputs): AccessChange[] {
  const [before, after] = [rightsOf(user, was), rightsOf(user, is)];
  const [gained, lost] = [missing(after, before), missing(before, after)];
  const change = !was.users?.[user] ? "added" : !is.users?.[user] ? "removed" : "changed";
  const login = loginOf(user, is);
  const isOther = change !== "removed" && login !== (change === "added" ? "certificate" : loginOf(user, was));
  if (change === "changed" && gained.length + lost.length === 0 && !isOther) return [];
  return [{ component, user, change, gained, lost, ...(isOther && { login }) }];
}

const loginOf = (user: string, { logins }: Inputs): Login => (user in (logins ?? {}) ? "password" : "certificate");

/** What a user may do. */
export interface Rights {
  isRoot: boolean;
  permissions: Permission[];
}

/** etcd's superuser role: it may do everything, and needs no permissions for it. */
const rootRole = "root";

/** What all roles of a user allow together. */
export function rightsOf(user: string, { users, roles }: Inputs): Rights {
  const held = Object.keys(users?.[user] ?? {});
  const permissions = held.flatMap((role) =>
    Object.entries(roles?.[role] ?? {}).map(([text, access]) => ({ ...parseRange(text), access })),
  );
  return { isRoot: held.includes(rootRole), permissions: byRange(permissions) };
}

// What `of` allows and `than` does not.
function missing(of: Rights, than: Rights): string[] {
  if (than.isRoot) return [];
  const root = of.isRoot ? [`role ${rootRole}`] : [];
  const single = (["read", "write"] as const).map((access) =>
    of.permissions
      .filter((each) => each.access === "readwrite" || each.access === access)
      .filter((each) => !covers(than.permissions, { ...each, access }))
      .map(rangeText),
  );
  const [read = [], write = []] = single;
  const both = read.filter((range) => write.includes(range));
  const words = (access: string, ranges: string[]) => ranges.map((range) => `${access} ${range}`);
  return [
    ...root,
    ...words("readwrite", both),
    ...words(
      "read",
      read.filter((range) => !both.includes(range)),
    ),
    ...words(
      "write",
      write.filter((range) => !both.includes(range)),
    ),
  ];
}
