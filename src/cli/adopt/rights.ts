import type { ComponentArgs, PermissionArgs } from "../../args";
import type { Permission } from "../../rbac/permissions";
import { permissionProblems } from "../../rbac/permission-checks";
import { allows, endOf, prefixRange, rangeText, sameRange } from "../../rbac/permissions";
import type { Held } from "./cluster";
import type { Finding } from "./lint";

/** What etcd holds as a declaration of `EtcdRbac`, with which its first update changes nothing. */
export interface Rights {
  /** A component for each user. */
  components: Record<string, Pick<ComponentArgs, "permissions" | "roles">>;
  /** The roles that are not one user's own. */
  roles: Record<string, PermissionArgs[]>;
  findings: Finding[];
}

const root = "root";

/** Writes users and roles as a declaration. */
export function rightsOf({ users, roles }: Held): Rights {
  const rights: Rights = { components: {}, roles: {}, findings: [] };
  const holders = (role: string) => [...users].filter(([, held]) => held.includes(role)).map(([user]) => user);
  // A component's permissions are a role of its name: that is how it stands in etcd already, if nobody else has it.
  const isOwn = (role: string, user: string) => role === user && holders(role).length === 1;
  for (const [user, held] of [...users].sort(byName)) {
    const own = held.find((role) => isOwn(role, user) && user !== root);
    const permissions = own === undefined ? [] : declared(own, roles.get(own) ?? [], rights.findings);
    const others = held.filter(
      (role) => (permissions.length > 0 ? role !== own : true) && !(user === root && role === root),
    );
    rights.components[user] = {
      ...(permissions.length > 0 && { permissions }),
      ...(others.length > 0 && { roles: others.sort() }),
      // Says that a user without rights is meant.
      ...(permissions.length + others.length === 0 && user !== root && { permissions: [] }),
    };
  }
  if (users.get(root)?.includes(root) && !roles.has(root)) rights.findings.push(noRootRole);
  const used = new Set(Object.values(rights.components).flatMap((component) => component.roles ?? []));
  for (const [role, permissions] of [...roles].sort(byName)) {
    if (used.has(role) && role !== root) rights.roles[role] = declared(role, permissions, rights.findings);
    else if (role !== root && holders(role).length === 0) rights.findings.push(unused(role));
  }
  return rights;
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);

const noRootRole: Finding = {
  severity: "warning",
  subject: 'role "root"',
  reason: "the user root has it, but it was never added",
  remedy: "nothing: the first update adds it, and root stays what it is",
};

const unused = (role: string): Finding => ({
  severity: "warning",
  subject: `role ${JSON.stringify(role)}`,
  reason: "no user has it",
  remedy: "nothing: the program leaves it out, and it stays in etcd until removeUndeclared is set",
});

function declared(role: string, permissions: Permission[], findings: Finding[]): PermissionArgs[] {
  const declarable = permissions.filter((one) => argsOf(one) !== undefined);
  return permissions.flatMap((one) => {
    const wider = declarable.find((other) => other !== one && contains(other, one));
    const args = argsOf(one);
    if (wider === undefined && args !== undefined) return [args];
    findings.push({
      severity: wider ? "warning" : "refused",
      subject: `role ${JSON.stringify(role)}`,
      reason: wider
        ? `${one.access} on ${rangeText(one)} is covered by ${wider.access} on ${rangeText(wider)}`
        : `${one.access} on ${rangeText(one)} cannot be declared: its key is not UTF-8 or begins or ends with a space, or its range has no end`,
      remedy: wider
        ? "nothing: the program leaves it out, the first update revokes it, and nobody loses a right"
        : "the first update would take it away: grant a prefix or a range with an end in its place, and revoke it",
    });
    return [];
  });
}

const contains = (a: Permission, b: Permission) =>
  allows(a.access, b.access) && a.key <= b.key && endsAfter(endOf(a), endOf(b));

const endsAfter = (a: string | undefined, b: string | undefined) => a === undefined || (b !== undefined && b <= a);

// What EtcdRbac asks to be said twice stands in etcd already, so it is meant.
const marks = [
  {},
  { allowPartialPrefix: true },
  { allowLiteralAsterisk: true },
  { allowPartialPrefix: true, allowLiteralAsterisk: true },
];

const argsOf = (held: Permission): PermissionArgs | undefined => {
  const args = rangeArgs(held);
  return args && marks.map((mark) => ({ ...args, ...mark })).find((each) => permissionProblems("", each).length === 0);
};

function rangeArgs({ key, rangeEnd, access }: Permission): PermissionArgs | undefined {
  const [from, to] = [textOf(key), textOf(rangeEnd)];
  if (from === undefined) return undefined;
  if (rangeEnd === "") return { key: from, access };
  if (sameRange({ key, rangeEnd }, prefixRange(""))) return { prefix: "", access };
  if (sameRange({ key, rangeEnd }, prefixRange(key))) return { prefix: from, access };
  return to === undefined || rangeEnd === "\0" ? undefined : { from, to, access };
}

// A key is a string of one character a byte.
function textOf(key: string): string | undefined {
  const bytes = Buffer.from(key, "latin1");
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes) ? text : undefined;
}
