import { isDeepStrictEqual } from "node:util";

/** What happens to a resource. A replacement counts once, whatever steps the engine makes of it. */
export type Operation = "create" | "update" | "replace" | "delete";

/** A resource's state in a preview, as far as a review reads it. Pulumi has already taken secrets out. */
export interface State {
  parent?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** One resource that changes. */
export interface Change {
  operation: Operation;
  urn: string;
  /** Its own type, without its parents'. */
  type: string;
  name: string;
  /** Type and name of the resource that it belongs to. */
  parent: { type: string; name: string };
  old?: State;
  next?: State;
  /** The properties that make a replacement necessary. */
  reasons: string[];
  /** The properties that change, those that are secret among them. */
  properties: string[];
}

/** What the program or the engine said. */
export interface Message {
  severity: "error" | "warning";
  text: string;
  /** Type of the resource that it is about; empty if none was named. */
  type: string;
}

/** What `pulumi preview --json` says. */
export interface Preview {
  changes: Change[];
  messages: Message[];
}

/** What the engine writes for a value that only the update will know. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

interface Digest {
  steps?: Step[];
  diagnostics?: { urn?: string; message?: string; severity?: string }[];
}

interface Step {
  op: string;
  urn: string;
  oldState?: State;
  newState?: State;
  replaceReasons?: string[];
  diffReasons?: string[];
}

/**
 * Reads the output of `pulumi preview --json`.
 *
 * @throws {Error} If it is something else, or if a private key is in it.
 */
export function readPreview(text: string): Preview {
  const digest = parse(text);
  refuseKeys(digest);
  const changes = (digest.steps ?? []).flatMap(toChange);
  const seen = new Set<string>();
  return {
    changes: changes.filter(({ urn }) => !seen.has(urn) && seen.add(urn)),
    messages: (digest.diagnostics ?? []).flatMap(toMessage).filter(isFirst),
  };
}

const howToMake = "give what `pulumi preview --json` prints";

function parse(text: string): Digest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    const isStream = text.trimStart().startsWith('{"') && text.trim().includes("\n{");
    throw new Error(
      isStream
        ? `this is a stream of events, not one JSON document; unset PULUMI_ENABLE_STREAMING_JSON_PREVIEW and ${howToMake}`
        : `this is not JSON; ${howToMake}`,
    );
  }
  const digest = parsed as Digest & { deployment?: unknown };
  if (digest?.deployment !== undefined) throw new Error(`this is the state of a stack, not a preview; ${howToMake}`);
  if (!Array.isArray(digest?.steps) && !Array.isArray(digest?.diagnostics))
    throw new Error(`this is no preview: it has neither steps nor diagnostics; ${howToMake}`);
  return digest;
}

function refuseKeys(value: unknown): void {
  if (typeof value === "string" && holdsKey(value))
    throw new Error(
      `a private key is in it in clear, and whoever reads this preview has that key; make the value a secret in the ` +
        `program, rotate the key, and ${howToMake}`,
    );
  if (typeof value === "object" && value !== null) Object.values(value).forEach(refuseKeys);
}

const keyBegin = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

// A Kubernetes Secret has it in base64.
const holdsKey = (text: string): boolean =>
  keyBegin.test(text) ||
  (/^[A-Za-z0-9+/\s]{40,}={0,2}$/.test(text) && keyBegin.test(Buffer.from(text, "base64").toString("latin1")));

const operations: Record<string, Operation> = {
  create: "create",
  import: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  "import-replacement": "replace",
};

function toChange({ op, urn, oldState, newState, replaceReasons, diffReasons }: Step): Change[] {
  const operation = operations[op];
  if (operation === undefined) return [];
  const { type, name } = nameOf(urn);
  return [
    {
      operation,
      urn,
      type,
      name,
      parent: nameOf((newState ?? oldState)?.parent ?? ""),
      ...(oldState && { old: oldState }),
      ...(newState && { next: newState }),
      reasons: replaceReasons ?? [],
      properties: diffReasons ?? [],
    },
  ];
}

/** The resource's own type and its name: `urn:pulumi:stack::project::type$type::name`. */
function nameOf(urn: string): { type: string; name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.split("$").at(-1) ?? "", name: name.join("::") };
}

/** What the engine adds to a refusal. */
const footer = "preview failed";

function toMessage({ urn = "", message = "", severity }: NonNullable<Digest["diagnostics"]>[number]): Message[] {
  if (severity !== "error" && severity !== "warning") return [];
  const text = message
    // eslint-disable-next-line no-control-regex
    .replace(/<\{%[^%]*%\}>|\x1b\[[0-9;]*m/g, "")
    .replace(/^(error|warning): /, "")
    .trim();
  return text === "" || text === footer ? [] : [{ severity, text, type: nameOf(urn).type }];
}

const isFirst = (message: Message, i: number, all: Message[]) =>
  all.findIndex((other) => isDeepStrictEqual(other.text, message.text)) === i;
