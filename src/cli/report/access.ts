import type { Access } from "../../args";
import { coverage, intersection } from "../../rbac/coverage";
import type { Permission } from "../../rbac/permissions";
import { parseRange, rangeText } from "../../rbac/permissions";
import type { Inputs } from "../review/access";
import { isUsersAndRoles, rightsOf } from "../review/access";
import type { StackResource } from "../stack-resources";
import { nameIn } from "../stack-resources";

/** What a user may do with all keys of a range; `part`: with some of them. */
export type Right = Access | "part";

/** Who may do what in one cluster, as one `EtcdRbac` declares it. */
export interface AccessOf {
  /** Its name. */
  component: string;
  /** Whether it turns authentication on. Without, etcd asks nobody who he is. */
  authentication: boolean;
  /** Whether users and roles are secret in the state, so that nothing is known of them. */
  isHidden: boolean;
  users: User[];
  /** By the keys' order. Who has the role `root` is in none: he may do everything. */
  ranges: RangeRights[];
}

/** A user of etcd's. */
export interface User {
  name: string;
  roles: string[];
  /** Whether he has the role `root`, which may do everything. */
  isRoot: boolean;
  login: "certificate" | "password";
}

/** One range of keys that some role names, and who may do what with it. */
export interface RangeRights {
  /** Such as `prefix /calico/`. */
  range: string;
  /** By the user's name; who may do nothing is not in it. */
  rights: Record<string, Right>;
}

/** What every `EtcdRbac` in a stack declares. */
export const accessIn = (resources: StackResource[]): AccessOf[] => resources.filter(isUsersAndRoles).map(accessOf);

function accessOf({ inputs = {}, parent }: StackResource): AccessOf {
  const component = nameIn(parent);
  const authentication = inputs["enableAuthentication"] === true;
  const { users, roles } = inputs as Inputs;
  if (!isMap(users) || !isMap(roles)) return { component, authentication, isHidden: true, users: [], ranges: [] };
  const logins = isMap(inputs["logins"]) ? inputs["logins"] : {};
  const held = Object.keys(users)
    .sort()
    .map((name) => ({ name, ...rightsOf(name, { users, roles }) }));
  return {
    component,
    authentication,
    isHidden: false,
    users: held.map(({ name, isRoot }) => ({
      name,
      isRoot,
      roles: Object.keys(users[name] ?? {}),
      login: name in logins ? "password" : "certificate",
    })),
    ranges: rangesOf(held.filter(({ isRoot }) => !isRoot)),
  };
}

// A secret is a map, too, with Pulumi's signature as its key.
const isMap = (value: unknown): value is Record<string, unknown> & object =>
  typeof value === "object" && value !== null && !("4dabf18193072939515e22adb298388d" in value);

interface Held {
  name: string;
  permissions: Permission[];
}

function rangesOf(users: Held[]): RangeRights[] {
  const ranges = [...new Set(users.flatMap(({ permissions }) => permissions.map(rangeText)))].map(parseRange);
  const judges = users.map(({ name, permissions }) => ({ name, permissions, covers: coverage(permissions) }));
  return ranges
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.rangeEnd < b.rangeEnd ? 1 : -1))
    .map((range) => {
      const right = ({ permissions, covers }: (typeof judges)[number]): Right | undefined =>
        (["readwrite", "read", "write"] as const).find((access) => covers({ ...range, access })) ??
        (intersection(permissions, [{ ...range, access: "readwrite" }]).length > 0 ? "part" : undefined);
      const rights = judges.map((judge) => [judge.name, right(judge)]).filter(([, found]) => found !== undefined);
      return { range: rangeText(range), rights: Object.fromEntries(rights) as Record<string, Right> };
    });
}
