import * as pulumi from "@pulumi/pulumi";
import { pkiSubject, warn } from "../../refuse";
import type { AuthorityLife } from "../lifetime";
import { inWords } from "../lifetime";
import type { PkiPlan } from "../plan";
import type { Authorities } from "./authority";
import type { AuthorityState } from "./trust";
import { declaration, memberBundle } from "./trust";

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
  side: "client" | "peer";
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
  const next = state.generations.filter((other) => other !== name).at(-1) ?? `${Number(name) + 1 || `${name}-2`}`;
  const rotation = declaration(side, {
    generations: [...new Set([...state.generations, next])],
    signing: next,
    crossSignedBy: { ...state.crossSignedBy, [next]: name },
  });
  const reissue = `${path}: { ..., reissue: { ${JSON.stringify(name)}: ${JSON.stringify(end.slice(0, 7))} } }`;
  return [
    `the generation ${JSON.stringify(name)} of ${path} ${when}, and never renews by itself; ` +
      (hasEnded
        ? `take a new certificate for its key: ${reissue}, and restart everything that trusts it`
        : `either take a new certificate for its key (${reissue}, and one restart of everything, in any order), or begin a ` +
          `rotation: ${rotation}`),
  ];
}
