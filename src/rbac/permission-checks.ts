import type { PermissionArgs } from "../args";
import { Access } from "../args";
import { shown } from "../shape";
import { coverage } from "./coverage";
import type { Permission } from "./permissions";
import { bytes, permission, rangeText } from "./permissions";

/** What is wrong with one permission, a sentence each. */
export function permissionProblems(path: string, one: PermissionArgs): string[] {
  const { key, prefix, from, to, access } = one;
  const problems =
    access === undefined ? [`${path}.access is missing; give one of ${Object.values(Access).join(", ")}`] : [];
  const forms = [key !== undefined, prefix !== undefined, from !== undefined || to !== undefined].filter(Boolean);
  if (forms.length !== 1)
    return [...problems, `${path} has ${forms.length} of key, prefix and from with to; give exactly one of them`];
  if (key === "") problems.push(`${path}.key is empty; etcd has no empty key`);
  problems.push(...literalProblems(path, one));
  if (prefix !== undefined) problems.push(...prefixProblems(`${path}.prefix`, prefix, one));
  if (from === "" || to === "") problems.push(`${path} has an empty from or to; etcd has no empty key`);
  if ((from === undefined) !== (to === undefined)) problems.push(`${path} has only one of from and to; give both`);
  if (from && to && !(bytes(from) < bytes(to)))
    problems.push(
      `${path}: from ${shown(from)} is not below to ${shown(to)}, so no key is between them; swap or correct them`,
    );
  return problems;
}

/** What looks like a key and cannot be meant: a wildcard, which etcd does not know, and a space that came with a copy. */
function literalProblems(path: string, one: PermissionArgs): string[] {
  return (["key", "prefix", "from", "to"] as const).flatMap((name) => {
    const text = one[name] ?? "";
    const at = `${path}.${name}`;
    if (/^\s|\s$/.test(text)) return [`${at} ${shown(text)} begins or ends with a space; leave it out`];
    if (!text.includes("*") || one.allowLiteralAsterisk) return [];
    const stem = text.replace(/\.?\*+$/, "");
    const remedy = stem && !stem.includes("*") ? `write prefix ${shown(stem)}` : "name the prefix before it";
    return [
      `${at} ${shown(text)} has a wildcard, but to etcd an asterisk is a character as any other; ${remedy}, ` +
        `or set allowLiteralAsterisk: true if the character is meant`,
    ];
  });
}

function prefixProblems(path: string, prefix: string, one: PermissionArgs): string[] {
  if (one.allowPartialPrefix) return [];
  if (prefix === "")
    return [
      `${path} is empty, which is every key of etcd; name a prefix, or set allowPartialPrefix: true if that is meant`,
    ];
  if (!/[\p{L}\p{N}]$/u.test(prefix)) return [];
  return [
    `${path} ${shown(prefix)} has no delimiter at its end, so it covers ${shown(`${prefix}2`)}, too; write ` +
      `${shown(`${prefix}/`)}, or, for a program that lists ${shown(prefix)} itself, as Traefik, APISIX and k3s do, keep it ` +
      `and set allowPartialPrefix: true, since etcd refuses a request that is not covered whole`,
  ];
}

/** Permissions that let write what they do not let read. */
export function writeOnly(path: string, list: PermissionArgs[]): string[] {
  const isAllowed = coverage(list.map(permission));
  return list
    .filter(({ access }) => access === "write")
    .filter((one) => !isAllowed({ ...permission(one), access: "read" }))
    .map(
      (one) =>
        `${path}: ${words(permission(one))} without read; who updates by transactions, as Kubernetes and Calico do, needs both`,
    );
}

const words = (one: Permission) => `${one.access} on ${rangeText(one)}`;
