import { isDeepStrictEqual } from "node:util";
import type { KeyAlgorithm, SubjectArgs } from "../../args";
import type { Side } from "../../naming";
import { authorityCommonName, clientGeneration, logicalName, ofClientAuthority } from "../../naming";
import type { CertificateAuthorityArgs, EtcdPkiArgs, ExistingAuthorityArgs } from "../args";
import { defaultKeyAlgorithm } from "../keys";
import { authorityValidityPeriodHours } from "../lifetime";
import { extensionsOf, parsedCertificate } from "../../x509";
import type { AuthorityState, TrustRecord } from "./trust";
import { crossSigners } from "./trust";

/** One authority: what it declares, and its generations as rows. */
export interface AuthorityPlan {
  side: Side;
  /** Where it stands in the arguments, for messages. */
  path: string;
  state: AuthorityState;
  /** The generations of its own, those that are kept but not trusted included. */
  generations: GenerationPlan[];
  crosses: CrossPlan[];
}

/** One key and certificate of an authority's. */
export interface GenerationPlan {
  /** The name of the `EtcdPki`, for messages. */
  cluster: string;
  side: Side;
  name: string;
  path: string;
  logicalName: string;
  commonName: string;
  subject: SubjectArgs;
  isTrusted: boolean;
  existing?: ExistingAuthorityArgs;
  keyAlgorithm: KeyAlgorithm;
  validityPeriodHours: number;
  /** A change takes a new certificate for the same key. */
  reissue: string;
}

/** A generation's key and name, signed by another generation. */
export interface CrossPlan {
  logicalName: string;
  generation: string;
  by: string;
}

/** Both authorities. With a shared one, the peer's has no generation of its own and means the client's. */
export function planAuthorities(cluster: string, args: EtcdPkiArgs): Record<Side, AuthorityPlan> {
  const client = planAuthority(cluster, "client", "certificateAuthority", args.certificateAuthority ?? {});
  const peer = args.sharedAuthority
    ? { ...client, side: "peer" as const, state: sharedState(client.state), generations: [], crosses: [] }
    : planAuthority(cluster, "peer", "peerCertificateAuthority", args.peerCertificateAuthority ?? {}, client.state);
  return { client, peer };
}

function planAuthority(
  cluster: string,
  side: Side,
  path: string,
  args: CertificateAuthorityArgs,
  client?: AuthorityState,
): AuthorityPlan {
  const state = stateOf(args, client);
  const names = [...state.generations, ...(state.distrusted ?? [])].filter((name) => !clientGeneration(name));
  const crosses = Object.entries(state.crossSignedBy ?? {}).filter(([name]) => names.includes(name));
  return {
    side,
    path,
    state,
    generations: names.map((name) => ({
      cluster,
      side,
      name,
      path: `${path}.generations, ${JSON.stringify(name)}`,
      logicalName: logicalName.generation(cluster, side, name),
      commonName: authorityCommonName(cluster, side, name),
      subject: args.subject ?? {},
      isTrusted: state.generations.includes(name),
      existing: args.existing?.[name],
      keyAlgorithm: args.keyAlgorithm ?? defaultKeyAlgorithm,
      validityPeriodHours: args.validityPeriodHours ?? authorityValidityPeriodHours,
      reissue: args.reissue?.[name] ?? "",
    })),
    crosses: crosses.map(([generation, by]) => ({
      logicalName: logicalName.cross(cluster, side, generation, by),
      generation,
      by,
    })),
  };
}

function stateOf(args: CertificateAuthorityArgs, client?: AuthorityState): AuthorityState {
  const generations = args.generations ?? ["1"];
  const isKeyless = (name: string) => {
    const own = clientGeneration(name);
    if (own !== undefined) return client?.keyless?.includes(own) ?? false;
    return args.existing?.[name] !== undefined && args.existing[name].privateKeyPem === undefined;
  };
  const keyless = generations.filter(isKeyless);
  const existing = Object.keys(args.existing ?? {}).sort();
  const leavesOnly = existing.filter((name) => hasPathLengthZero(args.existing?.[name]?.certPem));
  const only = generations.length === 1 && keyless.length === 0 ? generations[0] : undefined;
  const signing = args.signing ?? only;
  // What is empty is left out, as the state holds a record thrice. Sorted: the order of the arguments moves nothing.
  return {
    generations: [...generations].sort(),
    ...(signing !== undefined && { signing }),
    ...(args.distrusted?.length && { distrusted: [...args.distrusted].sort() }),
    ...(Object.keys(args.crossSignedBy ?? {}).length > 0 && { crossSignedBy: args.crossSignedBy }),
    ...(keyless.length > 0 && { keyless: keyless.sort() }),
    ...(existing.length > 0 && { existing }),
    ...(leavesOnly.length > 0 && { leavesOnly }),
    ...(Object.keys(args.reissue ?? {}).length > 0 && { reissue: args.reissue }),
  };
}

const hasPathLengthZero = (certPem: unknown) =>
  typeof certPem === "string" && parsedCertificate(certPem) !== undefined && extensionsOf(certPem).pathLength === 0;

const sharedState = ({ generations, signing, crossSignedBy, keyless }: AuthorityState): AuthorityState => ({
  generations: generations.map(ofClientAuthority),
  ...(signing !== undefined && { signing: ofClientAuthority(signing) }),
  ...(crossSignedBy && {
    crossSignedBy: Object.fromEntries(
      Object.entries(crossSignedBy).map(([name, by]) => [ofClientAuthority(name), ofClientAuthority(by)]),
    ),
  }),
  ...(keyless && { keyless: keyless.map(ofClientAuthority) }),
});

/** The existing authorities among those that verify what an authority signs: the one that signs, and who cross-signed it. */
export function existingSigners(
  authorities: Record<Side, AuthorityPlan>,
  side: Side,
  signing = authorities[side].state.signing,
): ExistingAuthorityArgs[] {
  const { state, generations } = authorities[side];
  if (signing === undefined) return [];
  return [signing, ...crossSigners(state, signing)].flatMap((name) => {
    const reference = side === "peer" ? clientGeneration(name) : undefined;
    if (reference !== undefined) return existingSigners(authorities, "client", reference);
    return generations.find((row) => row.name === name)?.existing ?? [];
  });
}

/** The authorities that a step is about: where the peers' is the client's before and after it, that one alone. */
export const sidesOf = (last: TrustRecord, next: TrustRecord): Side[] =>
  isMirror(last) && isMirror(next) ? ["client"] : ["client", "peer"];

const isMirror = ({ client, peer }: TrustRecord) => isDeepStrictEqual(peer, sharedState(client));
