import * as pulumi from "@pulumi/pulumi";
import type { Side } from "../../naming";
import { pkiSubject, warn } from "../../refuse";
import type { AuthorityLife } from "../lifetime";
import { inWords } from "../lifetime";
import type { PkiPlan } from "../plan";
import type { Authorities } from "./authority";
import type { AuthorityState } from "./trust";
import { canCrossSign, declaration, memberBundle, quoted } from "./trust";

/** Says in words that a generation in use is near its end or has ended, since nothing renews it. */
export function announceEnds(cluster: string, plan: PkiPlan, authorities: Authorities, owner: pulumi.Resource): void {
  for (const { state, side, path } of [plan.authorities.client, plan.authorities.peer]) {
    const own = Object.values(authorities[side].generations).filter(
      (generation) => !generation.name.startsWith("client:"),
    );
    for (const { name, validUntil, life } of own.filter((generation) => inUse(state).includes(generation.name))) {
      pulumi.all([validUntil, life]).apply(([end, hours]) => {
        if (end !== undefined)
          warn(pkiSubject(cluster), endWords({ side, path, state, name, end, life: hours }), owner);
      });
    }
  }
}

const inUse = (state: AuthorityState) => [...new Set([...memberBundle(state), state.signing ?? ""])];

/** A generation in use, and how long it still lives. */
export interface Ending {
  side: Side;
  path: string;
  state: AuthorityState;
  name: string;
  end: string;
  life: AuthorityLife;
}

/** What to do about an authority in the last tenth of its life, the first step first; nothing before that. */
export function endWords({ side, path, state, name, end, life }: Ending): string[] {
  if (life.left > life.total / 10) return [];
  const hasEnded = life.left <= 0;
  const when = hasEnded ? `ended on ${end}` : `ends on ${end}, in ${inWords(life.left)}`;
  const reissue = `${path}: { ..., reissue: { ${quoted(name)}: ${quoted(end.slice(0, 7))} } }`;
  const another = state.existing?.includes(name)
    ? `give it a new certificate for its same key in ${path}.existing[${quoted(name)}].certPem, and with it ${reissue}`
    : `take a new certificate for its key: ${reissue}`;
  return [
    `the generation ${quoted(name)} of ${path} ${when}, and never renews by itself; ` +
      (hasEnded
        ? `${another}, and restart everything that trusts it`
        : `either ${another}, and restart everything once, in any order; or ${rotation(side, state, name)}`),
  ];
}

function rotation(side: Side, state: AuthorityState, name: string): string {
  const { generations, signing, distrusted = [] } = state;
  if (signing !== undefined && signing !== name) {
    const without = { ...state, generations: generations.filter((other) => other !== name) };
    return `go on with its rotation: ${declaration(side, { ...without, distrusted: [...distrusted, name].sort() })}`;
  }
  const next = generations.filter((other) => other !== name).at(-1) ?? `${Number(name) + 1 || `${name}-2`}`;
  const both = [...new Set([...generations, next])];
  return canCrossSign(name, next, state)
    ? `begin a rotation: ${declaration(side, {
        generations: both,
        signing: next,
        crossSignedBy: { ...state.crossSignedBy, [next]: name },
      })}`
    : `begin a rotation of two restarts, since it cannot sign another authority: ${declaration(side, {
        ...state,
        generations: both,
      })}`;
}
