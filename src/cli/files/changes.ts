import { certificatesIn } from "../../x509";
import type { PlannedFile, Reader } from "./plan";
import { contains } from "./plan";

/** A file that was there before, and is another one now. */
export interface ChangedFile extends PlannedFile {
  old: string;
}

/** What a process has to do for the files that changed. */
export type Action =
  /** Restart, one member after the other. */
  | "restart member"
  /** Restart, unless it reads its files anew by itself. */
  | "restart"
  /** Nothing now: what it trusts too much goes with its next ordinary start. */
  | "restart some day"
  /** Nothing: it reads the file anew by itself. */
  | "none";

/** What one identity's processes have to do, and for what. */
export interface Consequence {
  identity: string;
  action: Action;
  because: string;
}

/**
 * What each process has to do. etcd reads its own pair at each handshake and its CA bundle only at start; of other
 * programs nothing is known, so they count as ones that read everything at start.
 */
export function consequencesOf(changed: ChangedFile[]): Consequence[] {
  const byIdentity = new Map<string, Consequence>();
  for (const file of changed) {
    for (const reader of file.readers) {
      const { name } = reader.identity;
      const consequence = {
        identity: name,
        ...(reader.identity.kind === "member" ? forMember : forClient)(file, reader),
      };
      const before = byIdentity.get(name);
      if (before === undefined || weight(consequence) > weight(before)) byIdentity.set(name, consequence);
    }
  }
  return [...byIdentity.values()];
}

type Judgement = Pick<Consequence, "action" | "because">;

const weights: Action[] = ["none", "restart some day", "restart", "restart member"];
const weight = ({ action }: Judgement) => weights.indexOf(action);

function forMember({ old, content }: ChangedFile, reader: Reader): Judgement {
  if (reader.role === "config") return { action: "restart member", because: "what starts it changed" };
  if (reader.role !== "bundle")
    return { action: "none", because: "it reads its certificate and key at each handshake" };
  // It trusts what the old file had. Clients may get more in the same file: that is nothing that it needs.
  if (!contains(old, reader.content)) return { action: "restart member", because: "its CA bundle gained an authority" };
  return contains(content, old)
    ? { action: "none", because: "its CA bundle has nothing new for it" }
    : { action: "restart member", because: "its CA bundle lost an authority" };
}

function forClient({ old, content }: ChangedFile, { role }: Reader): Judgement {
  if (role === "config") return { action: "restart", because: "what starts it changed" };
  if (role === "bundle")
    return contains(old, content)
      ? { action: "restart some day", because: "its CA bundle lost an authority" }
      : { action: "restart", because: "its CA bundle gained an authority" };
  if (keyOf(old) !== keyOf(content)) return { action: "restart", because: "its key changed" };
  return leafOf(old) === leafOf(content)
    ? { action: "none", because: "only what follows its certificate changed" }
    : { action: "restart", because: "its certificate changed" };
}

const keyOf = (text: string) => /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+/.exec(text)?.[0];
const leafOf = (text: string) => certificatesIn(text)[0]?.fingerprint256;

/** The consequences in the words of the command's end, a line each; members come last and in order. */
export function inWords(consequences: Consequence[]): string[] {
  const of = (action: Action) =>
    consequences.filter((each) => each.action === action).map(({ identity, because }) => `${identity} (${because})`);
  const say = (names: string[], sentence: string) => (names.length === 0 ? [] : [`${sentence}: ${names.join(", ")}`]);
  return [
    ...say(of("restart"), "Restart, unless it reads its files anew by itself"),
    ...say(of("restart member"), "Restart one after the other, each healthy before the next"),
    ...say(of("restart some day"), "No haste, with the next ordinary start"),
    ...say(of("none"), "No restart"),
  ];
}
