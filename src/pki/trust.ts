// How the authority of a running cluster is replaced: etcd reads its CA bundle only at start, its own pair at each
// handshake (etcd-io/etcd#11555). So a new generation is trusted everywhere before it signs anything, and the old one is
// distrusted after nothing of its own is in use.

/** What an update declares about its authority, as it is remembered in the state. */
export interface Trust {
  /** The names of the generations in the CA bundle. */
  generations: string[];
  /** The generation that signs. */
  signing: string;
  /** Generations out of the CA bundle whose keys are kept: the way back. */
  distrusted?: string[];
  /** Names that were in use once and whose keys are gone. */
  retired?: string[];
}

/** One step of a rotation. */
export interface Stage {
  name: "trust" | "sign" | "distrust";
  /** What happens, and which restarts it needs before and after. */
  words: string;
}

/** What lies between the last update and this one; nothing if the authority stays as it is. */
export function stagesOf(last: Trust, next: Trust): Stage[] {
  const { added, dropped } = differenceOf(last, next);
  return [
    ...added.map((name) => trust(name)),
    ...(last.signing === next.signing ? [] : [sign(next.signing)]),
    ...dropped.map((name) => distrust(name, next.distrusted?.includes(name) ?? false)),
  ];
}

/** What is wrong with the generations that are kept but not trusted, a sentence each. */
export const distrustedProblems = (generations: readonly string[], distrusted: readonly string[]): string[] =>
  distrusted
    .filter((name, i) => generations.includes(name) || distrusted.indexOf(name) !== i)
    .map(
      (name) =>
        `certificateAuthority.distrusted names ${quoted(name)}, which is named elsewhere, too; name each generation ` +
        `once, in generations (trusted) or in distrusted (kept for the way back)`,
    );

/** Why this update would break connections, a sentence each with the update to make first. */
export function jumpProblems(last: Trust, next: Trust): string[] {
  const { added, dropped } = differenceOf(last, next);
  return [
    ...added.filter((name) => last.retired?.includes(name)).map(reused),
    ...(added.includes(next.signing) ? [signsTooEarly(last, next.signing)] : []),
    ...(dropped.includes(last.signing) ? [stillInUse(last, next)] : []),
    ...(added.length > 0 && dropped.length > 0 && !added.includes(next.signing) && !dropped.includes(last.signing)
      ? [bothAtOnce(last, added, dropped)]
      : []),
  ];
}

/**
 * Why no generation may be dropped yet, in a sentence: certificates that the last update did not sign anew.
 *
 * @param leftOut Where these stand in the arguments.
 */
export function leftOutProblems(leftOut: readonly string[], last: Trust, next: Trust): string[] {
  const { dropped } = differenceOf(last, next);
  if (leftOut.length === 0 || dropped.length === 0) return [];
  return [
    `certificateAuthority.generations no longer names ${dropped.map(quoted).join(", ")}, and the last update left out ` +
      `${leftOut.join(", ")}, whose certificates ${quoted(last.signing)} has not signed yet; first run pulumi up for all, ` +
      `without --target and --exclude: ${declaration(last.generations, last.signing)}`,
  ];
}

function differenceOf(last: Trust, next: Trust) {
  return {
    added: next.generations.filter((name) => !last.generations.includes(name)),
    dropped: last.generations.filter((name) => !next.generations.includes(name)),
  };
}

const everything = "every member, one at a time, each healthy before the next, then every client and proxy";

const trust = (name: string): Stage => ({
  name: "trust",
  words:
    `stage 1 of 3, trust: generation ${quoted(name)} joins the CA bundle and signs nothing yet. ` +
    `Restarts before: none. Restarts after: ${everything}, since they read the bundle only at start`,
});

const sign = (name: string): Stage => ({
  name: "sign",
  words:
    `stage 2 of 3, sign: every certificate comes from generation ${quoted(name)} now. ` +
    `Restarts before: whatever has not restarted since ${quoted(name)} joined the CA bundle. ` +
    `Restarts after: no member, since etcd reads its pair anew at each handshake; only clients that read theirs at start`,
});

const distrust = (name: string, kept: boolean): Stage => ({
  name: "distrust",
  words:
    `stage 3 of 3, distrust: generation ${quoted(name)} leaves the CA bundle` +
    (kept
      ? `, and its key is kept for the way back. `
      : `, and its key is deleted: list it in certificateAuthority.distrusted to keep the way back. `) +
    `Restarts before: clients that still hold a certificate of ${quoted(name)}. Restarts after: ${everything}`,
});

const reused = (name: string) =>
  `certificateAuthority.generations names ${quoted(name)}, which was retired and whose key is gone: a name is never ` +
  `used twice; give the new generation a name of its own`;

const signsTooEarly = (last: Trust, name: string) =>
  `certificateAuthority.signing is ${quoted(name)}, which cannot sign yet: it was not in the CA bundle of the last ` +
  `update (${last.generations.join(", ")}), so nobody trusts it; first trust it: ` +
  `${declaration([...last.generations, name], last.signing)}, then restart ${everything}`;

function stillInUse(last: Trust, next: Trust): string {
  const others = last.generations.filter((name) => name !== last.signing);
  const target = others.includes(next.signing) ? next.signing : (others.at(-1) ?? "the new one");
  return (
    `certificateAuthority.generations no longer names ${quoted(last.signing)}, which signed the certificates in use; ` +
    (others.length === 0
      ? `first trust the new one beside it, then sign with that one`
      : `first sign with another one: ${declaration(last.generations, target)}, and drop ${quoted(last.signing)} in the ` +
        `update after that`)
  );
}

const bothAtOnce = (last: Trust, added: string[], dropped: string[]) =>
  `certificateAuthority.generations gains ${added.map(quoted).join(", ")} and loses ${dropped.map(quoted).join(", ")} in ` +
  `one update; make one change of trust at a time, so that there is one stage to go back to; first add: ` +
  `${declaration([...last.generations, ...added], last.signing)}`;

const declaration = (generations: string[], signing: string) =>
  `certificateAuthority: { generations: [${generations.map(quoted).join(", ")}], signing: ${quoted(signing)} }`;

const quoted = (name: string) => JSON.stringify(name);
