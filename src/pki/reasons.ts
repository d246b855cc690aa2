import { leafValidityPeriodHours } from "./profiles";
import { defaultKeyAlgorithm } from "./keys";
import { hoursAfter, staggeredEarlyRenewalHours } from "./renewal";
import type { Trust } from "./trust";

/** What a certificate is made from, beside its key and authority. */
export interface Ingredients {
  keyAlgorithm: string;
  renewNow: string;
  rotateKey: string;
  hosts: string;
  validityPeriodHours: number;
  earlyRenewalHours: number;
}

/** What the last complete update left behind, by logical name. */
export interface IssuedRecord {
  trust: Trust;
  /** When each certificate ends: a new one ends at another time. Unknown in the preview of the update that issues it. */
  validUntil: Record<string, string>;
  /** What each was made from, without its defaults, since the state holds this thrice. */
  madeFrom: Record<string, Partial<Ingredients> | typeof secretIngredients>;
  /** Whose certificates another generation signed than the one that signs now: the update left them out. */
  leftOut?: string[];
}

/** Stands for what a certificate was made from, if a secret is among it. */
export const secretIngredients = "secret";

/** What is worth recording of a certificate's ingredients; nothing if all are defaults. */
export function withoutDefaults(name: string, ingredients: Ingredients): Partial<Ingredients> | undefined {
  const defaults = defaultsOf(name, ingredients.validityPeriodHours);
  const own = Object.entries(ingredients).filter(([key, value]) => value !== defaults[key as keyof Ingredients]);
  return own.length === 0 ? undefined : Object.fromEntries(own);
}

/**
 * Why certificates are issued anew: a sentence for each reason, with all that share it.
 *
 * @param paths Where each certificate's identity stands in the arguments, by logical name.
 * @param now When the update began.
 */
export function renewalReasons(
  last: IssuedRecord,
  next: IssuedRecord,
  paths: Record<string, string>,
  now: Date,
): string[] {
  const byReason = new Map<string, string[]>();
  for (const [name, path] of Object.entries(paths)) {
    const end = last.validUntil[name];
    if (end === undefined || end === next.validUntil[name] || isOlderThan(now, name, next)) continue;
    const reason = reasonOf({ name, path, end }, last, next, now);
    byReason.set(reason, [...(byReason.get(reason) ?? []), path]);
  }
  return [...byReason].map(([reason, all]) => `a new certificate for ${listed(all)}: ${reason}`);
}

// Issued since the last record, but by an update before this one, which --target kept from recording it.
function isOlderThan(time: Date, name: string, { validUntil, madeFrom }: IssuedRecord): boolean {
  const own = madeFrom[name];
  if (!isKnown(own)) return false;
  const start = hoursAfter(String(validUntil[name]), -ingredientsOf(name, own).validityPeriodHours);
  // A certificate begins with a whole second.
  return start !== undefined && Date.parse(start) + 1000 <= time.getTime();
}

function reasonOf(
  { name, path, end }: Record<"name" | "path" | "end", string>,
  last: IssuedRecord,
  next: IssuedRecord,
  now: Date,
): string {
  const [was, is] = [last.madeFrom[name], next.madeFrom[name]];
  const old = isKnown(was) ? ingredientsOf(name, was) : undefined;
  const renewFrom = old && hoursAfter(end, -old.earlyRenewalHours);
  const reasons = [
    ...(last.trust.signing === next.trust.signing ? [] : [`generation ${text(next.trust.signing)} signs now`]),
    ...(last.leftOut?.includes(path) ? ["the last update left it out"] : []),
    ...(old && isKnown(is) ? changes(old, ingredientsOf(name, is)) : []),
    ...(renewFrom && Date.parse(renewFrom) <= now.getTime()
      ? [`its renewal window opened on ${renewFrom}, and it ends on ${end}`]
      : []),
  ];
  return reasons.length > 0 ? reasons.join("; ") : "what it is made from changed";
}

// Another window alone is no reason: it issues nothing.
const changes = (old: Ingredients, fresh: Ingredients) =>
  (["keyAlgorithm", "renewNow", "rotateKey", "hosts", "validityPeriodHours"] as const)
    .filter((key) => old[key] !== fresh[key])
    .map((key) => `${key} changed from ${text(old[key])} to ${text(fresh[key])}`);

const ingredientsOf = (name: string, own: Partial<Ingredients> = {}): Ingredients => ({
  ...defaultsOf(name, own.validityPeriodHours ?? leafValidityPeriodHours),
  ...own,
});

const defaultsOf = (name: string, validityPeriodHours: number): Ingredients => ({
  keyAlgorithm: defaultKeyAlgorithm,
  renewNow: "",
  rotateKey: "",
  hosts: "",
  validityPeriodHours: leafValidityPeriodHours,
  earlyRenewalHours: staggeredEarlyRenewalHours(name, validityPeriodHours),
});

const shownPaths = 8;
const listed = (paths: string[]) =>
  paths.length <= shownPaths
    ? paths.join(", ")
    : `${paths.slice(0, shownPaths).join(", ")} and ${paths.length - shownPaths} more`;

// Not a secret, and not the engine's own stand-in for a value that only the update will know.
const isKnown = (own: IssuedRecord["madeFrom"][string] | undefined): own is Partial<Ingredients> | undefined =>
  own !== secretIngredients && !(own && "__pulumiUnknown" in own);

const text = (value: unknown) => (value === "" ? "none" : JSON.stringify(value));
