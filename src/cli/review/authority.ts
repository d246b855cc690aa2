import type { Side } from "../../naming";
import type { Stage } from "../../pki/authority/stages";
import { stagesOf } from "../../pki/authority/stages";
import type { AuthorityState, TrustRecord } from "../../pki/authority/trust";
import type { Cluster } from "./records";

/** What an update does to generations of one authority. */
export interface AuthorityChange {
  cluster: string;
  /** Which port it is for. */
  side: Side;
  /** `retire` is also what takes a key away. */
  stage: Stage["name"];
  isCrossSigned: boolean;
  generations: string[];
  /** Whether their private keys go, and with them the way back. */
  losesKey: boolean;
  /** Whether the last update kept the generation as distrusted. */
  isKept: boolean;
  /** What that means and who must restart, in words. */
  words: string;
}

/** What changes of a cluster's authorities. The first authority is no change: nothing trusts it yet. */
export function authorityChanges({ name: cluster, trust: { last, next } }: Cluster): AuthorityChange[] {
  if (!last || !next) return [];
  return sidesOf(last, next).flatMap((side) => [
    ...stagesOf(side, last[side], next[side]).map(({ name, isCrossSigned, generations, words }) => {
      const stage = { cluster, side, stage: name, isCrossSigned, generations, losesKey: false, isKept: false };
      return { ...stage, words: withoutPlace(words, side, name) };
    }),
    ...withoutKey(last[side], next[side]).map((generation): AuthorityChange => {
      const words = `the key of generation ${JSON.stringify(generation)} is deleted, and with it the way back`;
      const stage = { cluster, side, stage: "retire" as const, isCrossSigned: false, generations: [generation] };
      return { ...stage, losesKey: true, isKept: last[side].distrusted?.includes(generation) ?? false, words };
    }),
  ]);
}

// Where the peers have no authority of their own, the client's stages are theirs.
const sidesOf = (last: TrustRecord, next: TrustRecord): Side[] =>
  isMirror(last.peer) && isMirror(next.peer) ? ["client"] : ["client", "peer"];
const isMirror = ({ generations }: AuthorityState) => generations.every((name) => name.startsWith("client:"));

const withoutKey = (last: AuthorityState, next: AuthorityState) => {
  const withKey = ({ generations, distrusted = [] }: AuthorityState) => [...generations, ...distrusted];
  // The key of one that was not made here is somebody's who keeps it.
  const own = (name: string) => !name.startsWith("client:") && !last.existing?.includes(name);
  return withKey(last).filter((name) => own(name) && !withKey(next).includes(name));
};

// Port and stage have columns of their own.
const withoutPlace = (words: string, side: Side, name: string) => words.replace(`${side} port, ${name}: `, "");
