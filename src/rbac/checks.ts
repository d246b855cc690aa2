import type { ComponentArgs, PermissionArgs } from "../args";
import { Access, Login } from "../args";
import type { AdministratorArgs, EtcdRbacArgs } from "./args";
import type { Rule } from "../shape";
import { anything, fields, flag, input, isDeferred, list, oneOf, record, shown, text } from "../shape";
import { endpointsProblems } from "./endpoints";
import type { Permission } from "./permissions";
import { allows, endOf, keyRange, permission, rangeText, sameRange } from "./permissions";
import { covers } from "./coverage";
import { BRIDGE, GUARD, ROOT } from "./steps";

/** Everything wrong with the arguments, a sentence each. */
export function problemsIn(given: EtcdRbacArgs): string[] {
  const args = given ?? {};
  const problems = [...missing(args), ...shapeOf("", args)];
  if (problems.length > 0) return problems;
  return [
    ...endpointsProblems(args.endpoints),
    ...rootProblems(args),
    ...Object.keys(args.components).flatMap((name) => nameProblems(`components[${JSON.stringify(name)}]`, name)),
    ...Object.keys(args.roles ?? {}).flatMap((name) => roleNameProblems(name, args)),
    ...Object.entries(args.components).flatMap(([name, own]) => unknownRoles(name, own, args)),
    ...grants(args).flatMap(({ path, list }) => list.flatMap((one, i) => permissionProblems(`${path}[${i}]`, one))),
    ...grants(args).flatMap(({ path, list }) => coveredProblems(path, list)),
  ];
}

/** What is legal but risky, a sentence each. */
export function warningsIn(args: EtcdRbacArgs): string[] {
  return [
    ...Object.entries(args.components).flatMap(([name, own]) => withoutRights(name, own)),
    ...grants(args).flatMap(({ path, list }) => writeOnly(path, list)),
    ...sharedWrites(args),
    ...unusedRoles(args),
  ];
}

const permissions = list(
  fields({
    key: text,
    prefix: text,
    from: text,
    to: text,
    access: oneOf(Access),
    allowPartialPrefix: flag,
    allowLiteralAsterisk: flag,
  }),
);

const presets = list(fields({ name: text, version: text, prefix: text }));

// A key must not be shown, whatever it is.
const administrator: Rule = (path, value) => {
  if (typeof value !== "object" || value === null)
    return [`${path} is no certificate with its key; give an EtcdPki's components.root`];
  return (["certPem", "privateKeyPem"] as const).flatMap((name) => {
    const pem = (value as Partial<AdministratorArgs>)[name];
    return pem === undefined || typeof pem === "string" || isDeferred(pem)
      ? []
      : [`${path}.${name} is no text; give PEM`];
  });
};

// The same components as EtcdPki's, which looks at their certificates.
const certificate: Record<
  Exclude<keyof ComponentArgs, "permissions" | "roles" | "presets" | "login" | "password">,
  Rule
> = {
  hosts: anything,
  keyAlgorithm: anything,
  validityPeriodHours: anything,
  earlyRenewalHours: anything,
  subject: anything,
  renewNow: anything,
  rotateKey: anything,
  certRequestPem: anything,
};

const shapeOf: Rule = fields({
  endpoints: input(list(input(text))),
  caBundlePem: input(text),
  administrator,
  components: record(
    fields({ ...certificate, permissions, roles: list(text), presets, login: oneOf(Login), password: input(text) }),
  ),
  roles: record(permissions),
  enableAuthentication: flag,
  adoptExisting: flag,
  removeUndeclared: flag,
  skipDeleteIfUnreachable: flag,
});

const missing = (args: EtcdRbacArgs): string[] => [
  ...(["endpoints", "caBundlePem", "administrator", "components"] as const)
    .filter((name) => args[name] === undefined)
    .map((name) => `${name} is missing`),
  ...(["certPem", "privateKeyPem"] as const)
    .filter((name) => args.administrator && args.administrator[name] === undefined)
    .map((name) => `administrator.${name} is missing; give an EtcdPki's components.root`),
];

function rootProblems({ components, enableAuthentication = true }: EtcdRbacArgs): string[] {
  const root = components[ROOT];
  if (root?.permissions?.length)
    return [`components.root has permissions, but etcd's superuser has them all; leave them out`];
  if (root || !enableAuthentication) return [];
  return [`components has no root, and etcd enables authentication only with that user; add "root: {}"`];
}

function nameProblems(path: string, name: string): string[] {
  if (!/^[^\s\p{C}]+$/u.test(name)) return [`${path}: the name is empty or has a space in it; rename it`];
  if (name === GUARD) return [`${path}: this name is this package's own; rename it`];
  if (name.startsWith(BRIDGE)) return [`${path}: names that begin with ${BRIDGE} are this package's own; rename it`];
  return [];
}

function roleNameProblems(name: string, { components }: EtcdRbacArgs): string[] {
  const path = `roles[${JSON.stringify(name)}]`;
  const problems = nameProblems(path, name);
  if (problems.length > 0) return problems;
  if (name === ROOT) return [`${path}: root is etcd's own role and always there; leave it out`];
  if (!components[name]?.permissions?.length) return [];
  return [
    `${path}: component ${JSON.stringify(name)} has permissions, which make a role of the same name; rename the role`,
  ];
}

function unknownRoles(component: string, { roles = [] }: ComponentArgs, args: EtcdRbacArgs): string[] {
  const known = Object.keys(args.roles ?? {});
  return roles
    .filter((role) => role !== ROOT && !known.includes(role))
    .map(
      (role) =>
        `components[${JSON.stringify(component)}].roles has ${shown(role)}, which is not declared; ` +
        `declare it in roles (there are: ${[...known, ROOT].join(", ")})`,
    );
}

interface Grants {
  path: string;
  role: string;
  list: PermissionArgs[];
}

const grants = ({ components, roles = {} }: EtcdRbacArgs): Grants[] => [
  ...Object.entries(components).map(([role, { permissions: list = [] }]) => ({
    path: `components[${JSON.stringify(role)}].permissions`,
    role,
    list,
  })),
  ...Object.entries(roles).map(([role, list]) => ({ path: `roles[${JSON.stringify(role)}]`, role, list })),
];

function permissionProblems(
  path: string,
  { key, prefix, from, to, access, allowPartialPrefix }: PermissionArgs,
): string[] {
  const problems: string[] = [];
  const forms = [key !== undefined, prefix !== undefined, from !== undefined || to !== undefined].filter(
    Boolean,
  ).length;
  if (access === undefined) problems.push(`${path}.access is missing; give one of ${Object.values(Access).join(", ")}`);
  if (forms !== 1)
    return [...problems, `${path} has ${forms} of key, prefix and from with to; give exactly one of them`];
  if (key === "") problems.push(`${path}.key is empty; etcd has no empty key`);
  if (prefix !== undefined && !allowPartialPrefix) problems.push(...prefixProblems(`${path}.prefix`, prefix));
  if (from === "" || to === "") problems.push(`${path} has an empty from or to; etcd has no empty key`);
  if ((from === undefined) !== (to === undefined)) problems.push(`${path} has only one of from and to; give both`);
  if (from && to && !(keyRange({ key: from, access }).key < keyRange({ key: to, access }).key))
    problems.push(
      `${path}: from ${shown(from)} is not below to ${shown(to)}, so no key is between them; swap or correct them`,
    );
  return problems;
}

function prefixProblems(path: string, prefix: string): string[] {
  const meant = "or set allowPartialPrefix: true if that is meant";
  if (prefix === "") return [`${path} is empty, which is every key of etcd; name a prefix, ${meant}`];
  if (!/[\p{L}\p{N}]$/u.test(prefix)) return [];
  return [
    `${path} ${shown(prefix)} has no delimiter at its end, so it covers ${shown(`${prefix}2`)}, too; ` +
      `write ${shown(`${prefix}/`)}, ${meant}`,
  ];
}

function coveredProblems(path: string, list: PermissionArgs[]): string[] {
  const held = list.map(permission);
  return held.flatMap((one, i) => {
    const other = held.findIndex((each, j) => j !== i && covers([each], one) && !(j > i && covers([one], each)));
    if (other < 0) return [];
    return [`${path}[${i}] (${words(one)}) is covered by ${path}[${other}] (${words(held[other]!)}); leave it out`];
  });
}

const words = (one: Permission) => `${one.access} on ${rangeText(one)}`;

const withoutRights = (name: string, { permissions: own, roles }: ComponentArgs): string[] =>
  own || roles || name === ROOT
    ? []
    : [
        `components[${JSON.stringify(name)}] has no permissions and no roles: its user may do nothing; write permissions: [] if that is meant`,
      ];

function writeOnly(path: string, list: PermissionArgs[]): string[] {
  const held = list.map(permission);
  return list
    .filter(({ access }) => access === "write")
    .filter((one) => !covers(held, { ...permission(one), access: "read" }))
    .map(
      (one) =>
        `${path}: ${words(permission(one))} without read; who updates by transactions, as Kubernetes and Calico do, needs both`,
    );
}

/** Two roles that may write the same keys, unless one of them may write the whole range of the other's permission. */
function sharedWrites(args: EtcdRbacArgs): string[] {
  const writes = grants(args)
    .flatMap(({ role, list }) => list.map((one) => ({ role, one: permission(one) })))
    .filter(({ one }) => allows(one.access, "write"))
    .map((write) => ({ ...write, end: endOf(write.one) }))
    .sort((a, b) => (a.one.key < b.one.key ? -1 : a.one.key > b.one.key ? 1 : 0));
  return writes.flatMap(({ role, one, end }, i) => {
    const found: string[] = [];
    for (let j = i + 1; j < writes.length; j++) {
      const other = writes[j]!;
      if (end !== undefined && other.one.key >= end) break;
      if (other.role === role || isOnPurpose(one, other.one)) continue;
      found.push(
        `${JSON.stringify(role)} (${rangeText(one)}) and ${JSON.stringify(other.role)} (${rangeText(other.one)}) may write the same keys`,
      );
    }
    return found;
  });
}

const isOnPurpose = (a: Permission, b: Permission) => {
  const write = (one: Permission): Permission => ({ ...one, access: "write" });
  return !sameRange(a, b) && (covers([write(a)], write(b)) || covers([write(b)], write(a)));
};

const unusedRoles = ({ components, roles = {} }: EtcdRbacArgs): string[] =>
  Object.keys(roles)
    .filter((role) => !Object.values(components).some((one) => one.roles?.includes(role)))
    .map((role) => `roles[${JSON.stringify(role)}] is given to no component`);
