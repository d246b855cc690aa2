// How the authority of a running cluster is replaced. etcd reads its own pair at each handshake, and the bundle of what it
// trusts only at start (etcd-io/etcd#11555). So while an update rolls out, some programs work with what they had before it
// and others with what it brings. One rule follows: an update is safe if every certificate in use before or after it is
// accepted by everybody who trusts what was trusted before or what is trusted after.

import type { Side } from "../../naming";

/** What an update declares about one authority, as the state remembers it. */
export interface AuthorityState {
  /** The names of the trusted generations, sorted. */
  generations: string[];
  /** The generation that signs. None while only an authority without its key is in use. */
  signing?: string;
  /** Generations that are trusted no longer and whose keys are kept, sorted. */
  distrusted?: string[];
  /** Which generation's key and name another one signed as well. */
  crossSignedBy?: Record<string, string>;
  /** Generations without a private key here: certificates in use may be theirs. */
  keyless?: string[];
  /** Which generations took a new certificate for their key, and when that was asked for. */
  reissue?: Record<string, string>;
}

/** Both authorities of a cluster. Where they are one, the peer's names are those of the client's, as `client:1`. */
export interface TrustRecord {
  client: AuthorityState;
  peer: AuthorityState;
}

/** A generation that was signed by another trusted one is trusted through that: members need no restart for it. */
export const memberBundle = ({ generations, crossSignedBy = {} }: AuthorityState): string[] =>
  generations.filter((name) => !generations.includes(crossSignedBy[name] ?? ""));

/** What clients trust: all trusted generations, so that their next start may be at any time. */
export const clientBundle = ({ generations }: AuthorityState): string[] => generations;

/** The generations whose cross certificates the files of `signer` carry, the nearest first. */
export function crossSigners({ crossSignedBy = {} }: AuthorityState, signer: string): string[] {
  const by = crossSignedBy[signer];
  if (by === undefined) return [];
  const rest = Object.entries(crossSignedBy).filter(([name]) => name !== signer);
  return [by, ...crossSigners({ generations: [], crossSignedBy: Object.fromEntries(rest) }, by)];
}

/** A certificate, by the generations of which each one alone is enough to accept it. */
type Anchors = string[];

const anchorsOf = (state: AuthorityState, signer: string): Anchors => [signer, ...crossSigners(state, signer)];

const certificatesOf = (state: AuthorityState): Anchors[] =>
  state.signing === undefined ? (state.keyless ?? []).map((name) => [name]) : [anchorsOf(state, state.signing)];

const bundlesOf = (side: Side, state: AuthorityState) =>
  side === "peer" ? [memberBundle(state)] : [memberBundle(state), clientBundle(state)];

const isAccepted = (certificate: Anchors, bundle: string[]) => certificate.some((name) => bundle.includes(name));

/** A generation that signed certificates in use, and whose they are. */
export interface InUse {
  signer: string;
  /** Where the identities stand in the arguments. */
  paths: string[];
}

/**
 * Why this update would break connections or lose the way back, a sentence each with the update to make first.
 *
 * @param inUse What signed the certificates in use, where that is not `last.signing` alone: an update left some out.
 */
export function stepProblems(
  side: Side,
  last: AuthorityState,
  next: AuthorityState,
  inUse: readonly InUse[] = [],
): string[] {
  const left = last.generations.filter((name) => ![...next.generations, ...(next.distrusted ?? [])].includes(name));
  const gone = left.filter((name) => !name.startsWith("client:"));
  const isNew = certificatesOf(next).some((certificate) =>
    bundlesOf(side, last).some((bundle) => !isAccepted(certificate, bundle)),
  );
  const isLost = (certificate: Anchors) => bundlesOf(side, next).some((bundle) => !isAccepted(certificate, bundle));
  const leftOut = inUse.filter(({ signer }) => signer !== last.signing && isLost(anchorsOf(last, signer)));
  return [
    ...(isNew ? [acceptedTooEarly(side, last, next)] : []),
    ...(!isNew && certificatesOf(last).some(isLost) ? [stillInUse(side, last, next)] : []),
    ...leftOut.map((row) => wasLeftOut(side, last, row)),
    ...(isNew ? [] : gone.map((name) => leavesAtOnce(side, name, next))),
  ];
}

const pathOf: Record<Side, string> = { client: "certificateAuthority", peer: "peerCertificateAuthority" };
/** How members restart. */
export const oneByOne = "every member, one at a time, each healthy before the next";
/** Who reads its files at start, beside members. */
export const clients = "every client and proxy";
/** Who reads a bundle at start. */
export const everybody = (side: Side) => (side === "peer" ? oneByOne : `${oneByOne}, then ${clients}`);

// The certificates stay those of one generation, and the cross certificate that members still need leaves them.
const losesCross = (last: AuthorityState, next: AuthorityState) => last.signing === next.signing;

const acceptedTooEarly = (side: Side, last: AuthorityState, next: AuthorityState) =>
  losesCross(last, next) ? crossStillNeeded(side, last) : signsTooEarly(side, last, next.signing ?? "");

function crossStillNeeded(side: Side, last: AuthorityState): string {
  const { signing = "", crossSignedBy } = last;
  const by = crossSigners(last, signing).filter((name) => !name.startsWith("client:"));
  const first = declaration(side, {
    generations: last.generations.filter((name) => !crossSigners(last, signing).includes(name)),
    signing,
    distrusted: [...new Set([...(last.distrusted ?? []), ...by])].sort(),
    crossSignedBy,
  });
  return (
    `${pathOf[side]}.crossSignedBy no longer has ${quoted(signing)}, and members that have not restarted trust only ` +
    `${memberBundle(last).map(quoted).join(", ")}; first leave the cross certificate in place and trust ${quoted(signing)} alone: ` +
    `${first}, then restart ${oneByOne}`
  );
}

function signsTooEarly(side: Side, last: AuthorityState, name: string): string {
  const crossed = declaration(side, {
    generations: [...new Set([...last.generations, name])],
    signing: name,
    crossSignedBy: { ...last.crossSignedBy, [name]: last.signing ?? last.generations[0] ?? "" },
  });
  const staged = declaration(side, { ...last, generations: [...new Set([...last.generations, name])] });
  return (
    `${pathOf[side]}.signing is ${quoted(name)}, which cannot sign yet: whoever has not restarted trusts only ` +
    `${memberBundle(last).map(quoted).join(", ")}. ` +
    (last.signing === undefined
      ? `First trust it: ${staged}, then restart ${everybody(side)}`
      : `Either let ${quoted(last.signing)} sign it, too, which needs one restart: ${crossed}. Or first trust it: ` +
        `${staged}, then restart ${everybody(side)}`)
  );
}

function stillInUse(side: Side, last: AuthorityState, next: AuthorityState): string {
  const signer = last.signing ?? (last.keyless ?? []).join(", ");
  const others = last.generations.filter((name) => name !== signer);
  const target = next.signing !== undefined && others.includes(next.signing) ? next.signing : others.at(-1);
  return (
    `${pathOf[side]} no longer trusts ${quoted(signer)}, which signed the certificates in use; ` +
    (target === undefined
      ? `first add another generation and sign with that one`
      : `first sign with another one: ${declaration(side, { ...last, signing: target })}, and leave ${quoted(signer)} out in ` +
        `the update after that`)
  );
}

const wasLeftOut = (side: Side, last: AuthorityState, { signer, paths }: InUse) =>
  `${pathOf[side]} no longer trusts ${quoted(signer)}, and the last update left out ${paths.join(", ")}, whose ` +
  `certificates are still of ${quoted(signer)}; first run pulumi up for all, without --target and --exclude: ` +
  declaration(side, last);

const leavesAtOnce = (side: Side, name: string, next: AuthorityState) =>
  `${pathOf[side]} names generation ${quoted(name)} no longer, and with it its key would go, and with the key the way back; ` +
  `first keep it as distrusted: ${declaration(side, { ...next, distrusted: [...(next.distrusted ?? []), name].sort() })}`;

/** The arguments that declare a state. */
export function declaration(side: Side, state: AuthorityState): string {
  const { generations, signing, distrusted = [], crossSignedBy = {} } = state;
  const cross = Object.entries(crossSignedBy).map(([name, by]) => `${quoted(name)}: ${quoted(by)}`);
  const fields = [
    `generations: [${generations.map(quoted).join(", ")}]`,
    ...(signing !== undefined && generations.length > 1 ? [`signing: ${quoted(signing)}`] : []),
    ...(distrusted.length > 0 ? [`distrusted: [${distrusted.map(quoted).join(", ")}]`] : []),
    ...(cross.length > 0 ? [`crossSignedBy: { ${cross.join(", ")} }`] : []),
  ];
  return `${pathOf[side]}: { ${fields.join(", ")} }`;
}

/** A name as a message shows it. */
export const quoted = (name: string) => JSON.stringify(name);
