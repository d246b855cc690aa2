import { shown } from "../shape";

/** What a Secret holds, as the record says it. A text that is not known yet is none of these. */
export interface Held {
  /** Its namespace and name in Kubernetes. */
  object?: unknown;
  /** Whether it is made: not known in the preview that would make it, false where an update left it out before that. */
  made?: unknown;
  /** The keys by which its certificate can be verified. */
  signedBy?: unknown;
  /** The keys in its CA bundle. */
  trusts?: unknown;
  /** The keys in the CA bundle that it should have: others where the update left it out. */
  declared?: unknown;
  /** The key of the generation that is declared to sign: known before a new certificate is. */
  signing?: unknown;
}

/** What every Secret of an `EtcdSecrets` holds, by logical name. */
export type Published = Record<string, Held>;

/**
 * Why an update must not be. A program that reads its files at its start goes on with what the Secret held until now, while
 * others have what it holds next: each must accept the other. An update that left a Secret out breaks that in the next one.
 */
export function stepProblems(last: Published, next: Published): string[] {
  const made = Object.entries(last).filter(([, held]) => held.made !== false);
  const trust = made.flatMap(([name, before]) => trustProblems(before, next[name]));
  return [...trust, ...made.flatMap(([name, before]) => renamedProblems(name, before, next))];
}

function trustProblems(before: Held, next: Held | undefined): string[] {
  if (next === undefined) return [];
  const [oldLeaf, oldBundle, newBundle] = [keys(before.signedBy), keys(before.trusts), keys(next.trusts)];
  const newLeaf = keys(next.signedBy) ?? expectedSigner(before, next);
  const secret = typeof before.object === "string" ? `the Secret ${before.object}` : `a Secret`;
  return [
    ...(isUnproven(before, next)
      ? [
          `${secret} holds another CA bundle (${listed(oldBundle)}) than the last update declared, since that left it out, and ` +
            `which generation signs its new certificate is known only after the update; give it the generation that EtcdPki says ` +
            `for its certificate, or run pulumi up --skip-preview, which looks at the new certificate itself`,
        ]
      : []),
    ...(isRefused(newLeaf, oldBundle) && areOfOneAuthority(oldLeaf, oldBundle)
      ? [
          `${secret} holds a CA bundle (${listed(oldBundle)}) that does not accept the certificate it would get (signed by ` +
            `${listed(newLeaf)}), and so none of the others that are issued with it; ${remedy}`,
        ]
      : []),
    ...(isRefused(oldLeaf, newBundle) && areOfOneAuthority(oldLeaf, oldBundle)
      ? [
          `${secret} holds a certificate (signed by ${listed(oldLeaf)}) that the CA bundle it would get ` +
            `(${listed(newBundle)}) does not accept, nor do the others; ${remedy}`,
        ]
      : []),
  ];
}

// A new certificate is not known in the preview of its issue, its signer is. One that comes into the bundle together with its
// first certificates is cross-signed, and so accepted; one that should have been there before is not, where it is missing.
function expectedSigner(before: Held, next: Held): string[] | undefined {
  const signing = keys(next.signing);
  return isRefused(signing, keys(before.declared)) ? undefined : signing;
}

// A preview that cannot tell must not pass what the update would refuse halfway.
const isUnproven = (before: Held, next: Held) =>
  !isKnown(next.signedBy) &&
  keys(next.signing) === undefined &&
  lacks(keys(before.trusts), keys(before.declared)) &&
  areOfOneAuthority(keys(before.signedBy), keys(before.trusts));

// The engine's stand-in for what only the update will know has hyphens in it.
const isKnown = (text: unknown) => typeof text === "string" && /^[0-9a-f ]*$/.test(text);

const remedy =
  `an update left it out. Declare again what the last update declared, run it without --target and --exclude, then take this ` +
  `step. A Secret that is to carry the certificate of another cluster needs another name`;

// The same object under another logical name is created and then deleted: it would be gone.
function renamedProblems(from: string, { object }: Held, next: Published): string[] {
  if (typeof object !== "string") return [];
  const isMoved = (name: string, held: Held) => name !== from && held.object === object && held.made !== true;
  const [to] = Object.entries(next).find(([name, held]) => isMoved(name, held)) ?? [];
  if (to === undefined) return [];
  return [
    `the Secret ${object} was ${shown(from)} in the state and would be ${shown(to)}, so it would be made and then deleted, since ` +
      `another Secret shares its name now or did before; rename it in the state first: pulumi state rename '<its URN>' ` +
      `${shown(to)}`,
  ];
}

/** Known, and not one of them is trusted. */
const isRefused = (signers: string[] | undefined, trusted: string[] | undefined) =>
  signers !== undefined && trusted !== undefined && !signers.some((key) => trusted.includes(key));

const lacks = (trusted: string[] | undefined, declared: string[] | undefined) =>
  trusted !== undefined && declared !== undefined && !declared.every((key) => trusted.includes(key));

// Where servers and clients have different authorities, a bundle says nothing about the certificate beside it.
const areOfOneAuthority = (signers: string[] | undefined, trusted: string[] | undefined) =>
  !isRefused(signers, trusted);

const keys = (text: unknown): string[] | undefined =>
  typeof text === "string" && /^[0-9a-f]{16}( [0-9a-f]{16})*$/.test(text) ? text.split(" ") : undefined;

const listed = (ids: string[] | undefined) => (ids ?? []).join(", ");
