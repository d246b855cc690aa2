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
  /** Generations that were not made here, and so get no cross certificate. */
  existing?: string[];
  /** Those of them that can sign no other authority (a path length of 0), as far as that is known in time. */
  leavesOnly?: string[];
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
  const leftOut = inUse.filter(({ signer }) => signer !== last.signing && isLost(side, anchorsOf(last, signer), next));
  const problems = [
    ...(isNewRefused(side, last, next) ? [acceptedTooEarly(side, last, next)] : []),
    ...(isOldRefused(side, last, next) ? [stillInUse(side, last, next)] : []),
    ...(hasLostKey(last, next) ? [keyIsMissing(side, last.signing)] : []),
    ...leftOut.map((row) => wasLeftOut(side, last, row)),
  ];
  return problems.length > 0 ? problems : droppedIn(last, next).map((name) => leavesAtOnce(side, name, last, next));
}

/** Whoever has not restarted refuses the new certificates. */
const isNewRefused = (side: Side, last: AuthorityState, next: AuthorityState) =>
  certificatesOf(next).some((certificate) => isLost(side, certificate, last));

/** Whoever has restarted refuses the certificates in use. */
const isOldRefused = (side: Side, last: AuthorityState, next: AuthorityState) =>
  certificatesOf(last).some((certificate) => isLost(side, certificate, next));

/** Nothing would sign any more, and every certificate would go with its key. */
const hasLostKey = ({ signing }: AuthorityState, next: AuthorityState): boolean =>
  signing !== undefined && next.signing === undefined && (next.keyless ?? []).includes(signing);

const isLost = (side: Side, certificate: Anchors, state: AuthorityState) =>
  bundlesOf(side, state).some((bundle) => !isAccepted(certificate, bundle));

/** Generations that are trusted now and whose keys would go. */
const droppedIn = (last: AuthorityState, next: AuthorityState) =>
  last.generations.filter(
    (name) => !name.startsWith("client:") && ![...next.generations, ...(next.distrusted ?? [])].includes(name),
  );

const isSafe = (side: Side, last: AuthorityState, next: AuthorityState) =>
  !isNewRefused(side, last, next) && !isOldRefused(side, last, next) && droppedIn(last, next).length === 0;

const pathOf: Record<Side, string> = { client: "certificateAuthority", peer: "peerCertificateAuthority" };
/** How members restart. */
export const oneByOne = "every member, one at a time, each healthy before the next";
/** Who reads its files at start, beside members. */
export const clients = "every client and proxy";
/** Who reads a bundle at start. */
export const everybody = (side: Side) => (side === "peer" ? oneByOne : `${oneByOne}, then ${clients}`);

/** A step that could be made first, and what it needs. */
interface Remedy {
  state: AuthorityState;
  before?: string;
  after?: string;
}

// Of several ways the ones that are steps themselves; what the last update declared always is.
function remediesOf(side: Side, last: AuthorityState, remedies: Remedy[]): string {
  const allowed = remedies.filter(({ state }) => isSafe(side, last, state));
  const ways = allowed.length > 0 ? allowed : [{ state: last, before: "go back to what the last update declared" }];
  return ways
    .map(({ state, before = "", after = "" }) => `${before}: ${declaration(side, state)}${after}`)
    .join("; or ");
}

const plus = (names: string[], ...more: string[]) => [...new Set([...names, ...more])].sort();
const minus = (names: string[] | undefined, ...less: string[]) => (names ?? []).filter((name) => !less.includes(name));

function acceptedTooEarly(side: Side, last: AuthorityState, next: AuthorityState): string {
  const name = next.signing ?? "";
  const trusted = memberBundle(last).map(quoted).join(", ");
  if (last.signing === name) {
    const by = minus(crossSigners(last, name), ...last.generations.filter((each) => each.startsWith("client:")));
    const alone = {
      ...last,
      generations: minus(last.generations, ...by),
      distrusted: plus(last.distrusted ?? [], ...by),
    };
    return (
      `${pathOf[side]}.crossSignedBy no longer has ${quoted(name)}, and members that have not restarted trust only ` +
      `${trusted}; ` +
      remediesOf(side, last, [
        {
          state: alone,
          before: `first leave the cross certificate in place and trust ${quoted(name)} alone`,
          after: `, then restart ${oneByOne}`,
        },
      ])
    );
  }
  const trusting = { ...last, generations: plus(last.generations, name), distrusted: minus(last.distrusted, name) };
  const by = last.signing ?? "";
  return (
    `${pathOf[side]}.signing is ${quoted(name)}, which cannot sign yet: whoever has not restarted trusts only ${trusted}; ` +
    remediesOf(side, last, [
      ...(last.signing === undefined || !canCrossSign(by, name, next)
        ? []
        : [
            {
              state: { ...trusting, signing: name, crossSignedBy: { [name]: by } },
              before: `either let ${quoted(by)} sign it, too, which needs one restart`,
            },
          ]),
      { state: trusting, before: "first trust it", after: `, then restart ${everybody(side)}` },
    ])
  );
}

function stillInUse(side: Side, last: AuthorityState, next: AuthorityState): string {
  const signer = last.signing ?? (last.keyless ?? []).join(", ");
  const others = plus(minus(last.generations, signer), ...(next.signing === undefined ? [] : [next.signing]));
  return (
    `${pathOf[side]} no longer trusts ${quoted(signer)}, which signed the certificates in use; ` +
    remediesOf(
      side,
      last,
      others.slice(-1).flatMap((name) => {
        const state = { ...last, generations: plus(last.generations, name), distrusted: minus(last.distrusted, name) };
        return [
          { state: { ...state, signing: name }, before: `first sign with ${quoted(name)}` },
          ...(canCrossSign(signer, name, next)
            ? [
                {
                  state: { ...state, signing: name, crossSignedBy: { [name]: signer } },
                  before: `first sign with ${quoted(name)}, which ${quoted(signer)} signs, too`,
                },
              ]
            : []),
        ];
      }),
    ) +
    `; then leave ${quoted(signer)} out in an update of its own`
  );
}

/** Whether one generation can sign another one's key and name, as far as that is known. */
export const canCrossSign = (
  by: string,
  name: string,
  { existing = [], keyless = [], leavesOnly = [] }: AuthorityState,
) => !name.startsWith("client:") && !existing.includes(name) && !keyless.includes(by) && !leavesOnly.includes(by);

const keyIsMissing = (side: Side, name = "") =>
  `${pathOf[side]} has no private key for ${quoted(name)} any more, which signed the certificates in use, and all of them ` +
  `would go with their keys; give its privateKeyPem again, or first sign with another generation`;

const wasLeftOut = (side: Side, last: AuthorityState, { signer, paths }: InUse) =>
  `${pathOf[side]} no longer trusts ${quoted(signer)}, and the last update left out ${paths.join(", ")}, whose ` +
  `certificates are still of ${quoted(signer)}; first run pulumi up for all, without --target and --exclude: ` +
  declaration(side, last);

const leavesAtOnce = (side: Side, name: string, last: AuthorityState, next: AuthorityState) =>
  `${pathOf[side]} names generation ${quoted(name)} no longer, and with it its key would go, and with the key the way back; ` +
  remediesOf(side, last, [
    {
      state: { ...next, distrusted: plus(next.distrusted ?? [], ...droppedIn(last, next)) },
      before: "first keep it as distrusted",
    },
  ]);

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
