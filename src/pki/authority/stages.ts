import type { Side } from "../../naming";
import type { AuthorityState } from "./trust";
import { clientBundle, clients, crossSigners, everybody, memberBundle, oneByOne, quoted } from "./trust";

/** One step of a rotation, as data: what a reviewer asks, and the sentence that says it. */
export interface Stage {
  side: Side;
  name: "trust" | "sign" | "distrust" | "retire" | "reissue";
  /** With a cross certificate one restart is enough. */
  isCrossSigned: boolean;
  /** The generations it is about. */
  generations: string[];
  /** Whether members read another bundle at their next start. */
  changesMemberBundle: boolean;
  /** Whether clients read another bundle at their next start. */
  changesClientBundle: boolean;
  words: string;
}

/** What lies between the last update and this one; nothing if the authority stays as it is. */
export function stagesOf(side: Side, last: AuthorityState, next: AuthorityState): Stage[] {
  const added = next.generations.filter((name) => !last.generations.includes(name));
  const dropped = last.generations.filter((name) => !next.generations.includes(name));
  const signs = last.signing !== next.signing && next.signing !== undefined;
  const carries = (state: AuthorityState) => (state.signing === undefined ? [] : crossSigners(state, state.signing));
  const retired = signs ? [] : carries(last).filter((name) => !carries(next).includes(name));
  const facts = {
    side,
    isCrossSigned: next.signing !== undefined && carries(next).length > 0,
    changesMemberBundle: text(memberBundle(last)) !== text(memberBundle(next)),
    changesClientBundle: text(clientBundle(last)) !== text(clientBundle(next)),
  };
  const stage = (name: Stage["name"], generations: string[], words: string): Stage => ({
    ...facts,
    name,
    generations,
    words: `${portOf[side]}, ${words}`,
  });
  const joins = added.filter((name) => !(signs && name === next.signing && facts.isCrossSigned));
  const reissued = Object.entries(next.reissue ?? {}).flatMap(([name, when]) =>
    last.reissue?.[name] !== when && last.generations.includes(name) ? [name] : [],
  );
  return [
    ...joins.map((name) =>
      stage(
        "trust",
        [name],
        isWayBack(next, name) ? returnWords(side, name) : trustWords(side, name, facts.changesMemberBundle),
      ),
    ),
    ...(signs ? [stage("sign", [next.signing as string], signWords(side, next, facts.isCrossSigned))] : []),
    ...dropped.map((name) => stage("distrust", [name], distrustWords(side, name, facts))),
    ...(retired.length > 0 ? [stage("retire", retired, retireWords(retired))] : []),
    ...reissued.map((name) => stage("reissue", [name], reissueWords(side, name))),
  ];
}

/** Whether a generation is trusted again because the one that signs has a cross certificate by it. */
export const isWayBack = (next: AuthorityState, name: string) => crossSigners(next, next.signing ?? "").includes(name);

const portOf: Record<Side, string> = { client: "client port", peer: "peer port" };

const trustWords = (side: Side, name: string, isRead: boolean) =>
  `trust: generation ${quoted(name)} joins the CA bundle and signs nothing yet. Restart before: nothing. ` +
  `Restart after: ${isRead ? everybody(side) : "nothing"}, since a bundle is read only at start`;

// Whoever trusts only the new one accepts what it signs, and so does whoever trusts only the old one.
const returnWords = (side: Side, name: string) =>
  `trust: generation ${quoted(name)} is in the CA bundle again, as the way back, and signs nothing. Restart before: nothing. ` +
  `Restart after: ${oneByOne}` +
  (side === "peer"
    ? ""
    : `; no client, unless ${quoted(name)} is to sign again: then those that started since it left`);

const signWords = (side: Side, { signing = "", ...state }: AuthorityState, isCrossSigned: boolean) => {
  const by = crossSigners(state, signing).map(quoted).join(", ");
  const what = `sign: every certificate comes from generation ${quoted(signing)} now`;
  const before = isCrossSigned
    ? ` and carries its cross certificate by ${by}. Restart before: nothing. `
    : `. Restart before: whatever has not restarted since ${quoted(signing)} joined the CA bundle. `;
  if (side === "peer") return `${what}${before}Restart after: nothing, since a member reads its pair at each handshake`;
  return (
    `${what}${before}Restart after: no member; ${clients} that reads its files at start, in any order. ` +
    `The next stage must wait until all of them have`
  );
};

const distrustWords = (
  side: Side,
  name: string,
  { changesMemberBundle, isCrossSigned }: Pick<Stage, "changesMemberBundle" | "isCrossSigned">,
) => {
  const before = side === "peer" ? "nothing" : `whatever still holds a certificate of ${quoted(name)}`;
  const alone = isCrossSigned || !changesMemberBundle;
  const after = [
    ...(changesMemberBundle ? [alone || side === "peer" ? oneByOne : everybody(side)] : ["no member"]),
    ...(alone && side === "client" ? ["clients read the new bundle at their next ordinary start"] : []),
  ].join("; ");
  return `distrust: generation ${quoted(name)} leaves the CA bundle. Restart before: ${before}. Restart after: ${after}`;
};

const reissueWords = (side: Side, name: string) =>
  `reissue: generation ${quoted(name)} takes a new certificate for its same key, and what either of the two signed verifies ` +
  `with both. Restart before: nothing. Restart after: ${everybody(side)}, once before the old one ends, in any order`;

const retireWords = (names: string[]) =>
  `retire: the cross certificate by ${names.map(quoted).join(", ")} leaves the certificate files. Restart before: nothing. ` +
  `Restart after: nothing`;

const text = (names: string[]) => JSON.stringify([...names].sort());
