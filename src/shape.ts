// Arguments come from JavaScript and YAML, too: their shape is checked before anything reads them.

/** Says what is wrong with a value, a sentence each, naming the path. */
export type Rule = (path: string, value: unknown) => string[];

/** An `Output` or a promise: known only later. */
export const isDeferred = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  ("__pulumiOutput" in value || typeof (value as { then?: unknown }).then === "function");

/** How a message shows a value. */
export type Show = (value: unknown) => string;

/** A value as a message shows it: short, and never one that is known only later. */
export function shown(value: unknown): string {
  if (isDeferred(value)) return "an output";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

const plain =
  (wanted: string, fits: (value: unknown) => boolean): Rule =>
  (path, value) => {
    const what = path === "" ? "the whole argument" : path;
    if (isDeferred(value))
      return [`${what} is an output (or a secret), known only during the update; give plain data here`];
    return fits(value) ? [] : [`${what} is ${shown(value)}; give ${wanted}`];
  };

/** A text. */
export const text = plain("a text", (value) => typeof value === "string");
/** True or false. */
export const flag = plain("true or false", (value) => typeof value === "boolean");
/** A number. */
export const number = plain("a number", (value) => typeof value === "number");

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** One of an enumeration's values. */
export const oneOf = (values: Record<string, string>): Rule =>
  plain(`one of ${Object.values(values).join(", ")}`, (value) => Object.values(values).includes(value as string));

/** A list. */
export const list =
  (rule: Rule): Rule =>
  (path, value) => {
    const problems = plain("a list, such as [...]", Array.isArray)(path, value);
    return problems.length > 0 ? problems : (value as unknown[]).flatMap((item, i) => rule(`${path}[${i}]`, item));
  };

/** An object whose keys are the user's names. */
export const record =
  (rule: Rule): Rule =>
  (path, value) => {
    const problems = plain("an object whose keys are names", isObject)(path, value);
    if (problems.length > 0) return problems;
    return Object.entries(value as object).flatMap(([name, item]) => rule(`${path}[${JSON.stringify(name)}]`, item));
  };

/** An object with these fields, all of them optional, and no other. */
export const fields =
  (rules: Record<string, Rule>): Rule =>
  (path, value) => {
    const allowed = Object.keys(rules).join(", ");
    const problems = plain(`an object with ${allowed}`, isObject)(path, value);
    if (problems.length > 0) return problems;
    return Object.entries(value as object).flatMap(([name, item]) => {
      const at = path === "" ? name : `${path}.${name}`;
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
      if (rule === undefined) return [`${at} is no argument; allowed are ${allowed}`];
      return item === undefined ? [] : rule(at, item);
    });
  };

/** A value that may be an output. */
export const input =
  (rule: Rule): Rule =>
  (path, value) =>
    isDeferred(value) ? [] : rule(path, value);

/** A text that may be an output and is never shown: it may be a key. */
export const secretText: Rule = (path, value) =>
  value === undefined || typeof value === "string" || isDeferred(value) ? [] : [`${path} is no text; give PEM as text`];

/** Whatever it is, somebody else looks at it. */
export const anything: Rule = () => [];
