import type { AuthorityState, Cluster, TrustRecord } from "./records";

/** The two authorities of a cluster. */
export const authorities = ["client", "peer"] as const;
export type Authority = (typeof authorities)[number];

/** One step of a change of authority. */
export type Stage = "cross-sign" | "trust" | "sign" | "distrust" | "retire" | "reissue" | "new key";

/** What an update does to one generation. */
export interface AuthorityChange {
  cluster: string;
  authority: Authority;
  stage: Stage;
  generation: string;
  /** What becomes of its private key. */
  key: "kept" | "deleted" | "new";
  /** What that means, in words that go on from the generation's name. */
  meaning: string;
}

/** What etcd's members trust: not a generation that comes with a cross certificate, as long as its signer is trusted. */
export const memberBundle = ({ generations, crossSignedBy = {} }: AuthorityState): string[] =>
  generations.filter((name) => !generations.includes(crossSignedBy[name] ?? name) || crossSignedBy[name] === undefined);

/** Whether two bundles hold the same generations. Their order changes nothing. */
export const isSameBundle = (a: string[], b: string[]): boolean =>
  [...a].sort().join("\0") === [...b].sort().join("\0");

/** What changes of a cluster's authorities. The first authority is no change: nothing trusts it yet. */
export function authorityChanges(cluster: Cluster): AuthorityChange[] {
  const { last, next } = cluster.trust;
  const declared =
    last && next ? authorities.flatMap((authority) => stagesOf(cluster.name, authority, last, next)) : [];
  return [...declared, ...madeAnew(cluster)];
}

function stagesOf(cluster: string, authority: Authority, last: TrustRecord, next: TrustRecord): AuthorityChange[] {
  const [was, is] = [last[authority], next[authority]];
  const [keptBefore, kept] = [withKeys(was), withKeys(is)];
  const added = without(is.generations, was.generations);
  const dropped = without(was.generations, is.generations);
  const stages = [
    ...added.map((name) => trusted(name, was, is)),
    ...(is.signing !== undefined && was.signing !== is.signing ? [signs(is.signing, was.signing)] : []),
    ...dropped.map((name) => distrusted(name, kept.includes(name))),
    ...without(without(keptBefore, was.generations), kept).map(retired),
    ...is.generations.flatMap((name) => uncrossed(name, was.crossSignedBy?.[name], is.crossSignedBy?.[name])),
  ];
  return stages.map((stage) => ({ cluster, authority, ...stage }));
}

type Step = Omit<AuthorityChange, "cluster" | "authority">;

const withKeys = ({ generations, distrusted = [] }: AuthorityState) => [...generations, ...distrusted];

const without = (names: string[], others: string[]) => names.filter((name) => !others.includes(name));

function trusted(generation: string, was: AuthorityState, is: AuthorityState): Step {
  const isBack = was.distrusted?.includes(generation) ?? false;
  const key = isBack ? "kept" : "new";
  const signer = is.crossSignedBy?.[generation];
  if (signer === undefined || !is.generations.includes(signer))
    return { stage: "trust", generation, key, meaning: isBack ? "is trusted again" : "joins the CA bundle" };
  const meaning = `joins the clients' CA bundle; generation ${signer} signs its name and key, so members accept it already`;
  return { stage: "cross-sign", generation, key, meaning };
}

const signs = (generation: string, before = "none"): Step => ({
  stage: "sign",
  generation,
  key: "kept",
  meaning: `signs every certificate, instead of ${before}`,
});

const distrusted = (generation: string, isKept: boolean): Step => ({
  stage: "distrust",
  generation,
  key: isKept ? "kept" : "deleted",
  meaning: isKept
    ? "leaves the CA bundle, and its key is kept for the way back"
    : "leaves the CA bundle, and its key is deleted, so there is no way back",
});

const retired = (generation: string): Step => ({
  stage: "retire",
  generation,
  key: "deleted",
  meaning: "loses its key, so there is no way back",
});

const uncrossed = (generation: string, was: string | undefined, is: string | undefined): Step[] =>
  was === undefined || is !== undefined
    ? []
    : [
        {
          stage: "retire",
          generation,
          key: "kept",
          meaning: `is enough by itself: its cross certificate by ${was} leaves the certificate files`,
        },
      ];

const signedType = "tls:index/selfSignedCert:SelfSignedCert";
const keyType = "tls:index/privateKey:PrivateKey";

/** The generations' certificates that are made again. */
export const authorityCertificates = ({ changes }: Pick<Cluster, "changes">) =>
  changes.filter(({ type, operation }) => type === signedType && operation === "replace");

/** Whether a generation gets another key, which is then another generation under the same name. */
export const hasNewKey = ({ changes }: Pick<Cluster, "changes">, logicalName: string): boolean =>
  changes.some(({ type, name }) => type === keyType && name === logicalName);

function madeAnew(cluster: Cluster): AuthorityChange[] {
  return authorityCertificates(cluster).map(({ name }) => {
    const authority: Authority = name.startsWith(`${cluster.name}-peers-ca-`) ? "peer" : "client";
    const generation = name.slice(`${cluster.name}-${authority === "peer" ? "peers-" : ""}ca-`.length);
    const step: Step = hasNewKey(cluster, name)
      ? { stage: "new key", generation, key: "new", meaning: "gets a new key, which nobody trusts" }
      : { stage: "reissue", generation, key: "kept", meaning: "gets a later end and keeps its key" };
    return { cluster: cluster.name, authority, ...step };
  });
}
