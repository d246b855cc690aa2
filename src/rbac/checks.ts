import type { ComponentArgs, PermissionArgs } from "../args";
import { Access, Login } from "../args";
import { presetProblems } from "../presets/index";
import type { AdministratorArgs, EtcdRbacArgs } from "./args";
import type { Rule } from "../shape";
import { anything, fields, flag, input, isDeferred, list, number, oneOf, record, shown, text } from "../shape";
import { clusterIdProblems } from "./cluster";
import { withPresets } from "./declared";
import { endpointsProblems } from "./endpoints";
import { permissionProblems, writeOnly } from "./permission-checks";
import { BRIDGE, GUARD, ROOT } from "./steps";

/** Everything wrong with the arguments, a sentence each. */
export function problemsIn(given: EtcdRbacArgs): string[] {
  const args = given ?? {};
  const problems = [...missing(args), ...shapeOf("", args)];
  if (problems.length > 0) return problems;
  const wrongPresets = Object.entries(args.components).flatMap(([name, { presets = [] }]) =>
    presets.flatMap((one, i) => presetProblems(`components[${JSON.stringify(name)}].presets[${i}]`, one)),
  );
  if (wrongPresets.length > 0) return wrongPresets;
  return problemsOf({ ...args, components: withPresets(args.components) });
}

function problemsOf(args: EtcdRbacArgs): string[] {
  return [
    ...endpointsProblems(args.endpoints),
    ...rootProblems(args),
    ...Object.keys(args.components).flatMap((name) => nameProblems(`components[${JSON.stringify(name)}]`, name)),
    ...Object.keys(args.roles ?? {}).flatMap((name) => roleNameProblems(name, args)),
    ...Object.entries(args.components).flatMap(([name, own]) => unknownRoles(name, own, args)),
    ...grants(args).flatMap(({ path, list }) => list.flatMap((one, i) => permissionProblems(`${path}[${i}]`, one))),
    ...Object.entries(args.components).flatMap(([name, own]) => loginProblems(name, own)),
    ...clusterIdProblems(args.clusterId),
    ...waitProblems(args.waitSeconds),
  ];
}

/** What is legal but risky, a sentence each. */
export function warningsIn(given: EtcdRbacArgs): string[] {
  const args = { ...given, components: withPresets(given.components) };
  return [
    ...Object.entries(args.components).flatMap(([name, own]) => withoutRights(name, own)),
    ...grants(args).flatMap(({ path, list }) => writeOnly(path, list)),
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
    fields({ ...certificate, permissions, roles: list(text), presets, login: oneOf(Login), password: anything }),
  ),
  roles: record(permissions),
  enableAuthentication: flag,
  adoptExisting: flag,
  removeUndeclared: flag,
  clusterId: text,
  waitSeconds: number,
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

function loginProblems(name: string, { login, password }: ComponentArgs): string[] {
  const path = `components[${JSON.stringify(name)}]`;
  if (login !== Login.Password)
    return password === undefined
      ? []
      : [`${path}.password is given, but it logs in by its common name; give login: "${Login.Password}"`];
  if (name === ROOT)
    return [`${path}.login is "${Login.Password}", but the administrator's certificate is root's; leave login out`];
  return password === undefined ? [] : passwordProblems(name, password);
}

/** What etcd's hash takes: bcrypt, whose newer versions refuse more, and whose older ones do not look at the rest. */
const LONGEST_PASSWORD_BYTES = 72;

/** What is wrong with a component's password, once it is known. It is never shown. */
export function passwordProblems(name: string, password: unknown): string[] {
  const path = `components[${JSON.stringify(name)}].password`;
  if (isDeferred(password)) return [];
  if (typeof password !== "string") return [`${path} is no text; give the password as text`];
  if (password === "") return [`${path} is empty, so everybody could log in as ${name}; give one`];
  const bytes = Buffer.byteLength(password);
  if (bytes <= LONGEST_PASSWORD_BYTES) return [];
  return [`${path} has ${bytes} bytes, and etcd takes at most ${LONGEST_PASSWORD_BYTES}; give a shorter one`];
}

const waitProblems = (seconds: number | undefined) =>
  seconds === undefined || (Number.isFinite(seconds) && seconds >= 0)
    ? []
    : [`waitSeconds is ${shown(seconds)}; give seconds, 0 or more`];

const withoutRights = (name: string, { permissions: own, roles }: ComponentArgs): string[] =>
  own || roles || name === ROOT
    ? []
    : [
        `components[${JSON.stringify(name)}] has no permissions and no roles: its user may do nothing; write permissions: [] if that is meant`,
      ];

const unusedRoles = ({ components, roles = {} }: EtcdRbacArgs): string[] =>
  Object.keys(roles)
    .filter((role) => !Object.values(components).some((one) => one.roles?.includes(role)))
    .map((role) => `roles[${JSON.stringify(role)}] is given to no component`);
