import { isDeepStrictEqual } from "node:util";
import { specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc";

/** Properties as Pulumi sends them: a secret is an object with a signature, an unknown value a certain text. */
export type Properties = Record<string, unknown>;

export const UNKNOWN = unknownValue;

const isObject = (value: unknown): value is Properties => typeof value === "object" && value !== null;

export const isSecret = (value: unknown): value is { value: unknown } =>
  isObject(value) && value[specialSigKey] === specialSecretSig;

export const secret = (value: unknown): Properties => ({ [specialSigKey]: specialSecretSig, value });

/** Rewrites a tree from the top; `undefined` from the visitor means: go on into it. */
export function rewrite(value: unknown, visit: (value: unknown) => { value: unknown } | undefined): unknown {
  const found = visit(value);
  if (found) return found.value;
  if (Array.isArray(value)) return value.map((item) => rewrite(item, visit));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rewrite(item, visit)]));
}

/** The same without secret markers. */
export const plain = <T>(value: T): T =>
  rewrite(value, (item) => (isSecret(item) ? { value: plain(item.value) } : undefined)) as T;

function contains(value: unknown, test: (value: unknown) => boolean): boolean {
  return test(value) || (isObject(value) && Object.values(value).some((item) => contains(item, test)));
}

export const hasSecret = (value: unknown): boolean => contains(value, isSecret);

/** Marks the named top-level properties as secrets. */
export function markSecrets(properties: Properties, names: Iterable<string>): Properties {
  const secrets = new Set(names);
  const mark = (key: string, value: unknown) => (secrets.has(key) && !isSecret(value) ? secret(value) : value);
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, mark(key, value)]));
}

export const secretNames = (properties: Properties): string[] =>
  Object.keys(properties).filter((key) => hasSecret(properties[key]));

/** The top-level properties in which two sets differ. */
export function changedKeys(olds: Properties, news: Properties): string[] {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...keys].filter((key) => !isDeepStrictEqual(plain(olds[key]), plain(news[key]))).sort();
}

const mask = (value: unknown) => rewrite(value, (item) => (isSecret(item) ? { value: "[secret]" } : undefined));

/** The same as far as a log may show it: a secret in place of another is no change. */
export const visibleChanges = (olds: Properties, news: Properties): string[] =>
  changedKeys(mask(olds) as Properties, mask(news) as Properties);
