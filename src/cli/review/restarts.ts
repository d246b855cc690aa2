import type { AuthorityState } from "../../pki/authority/trust";
import { isWayBack } from "../../pki/authority/stages";
import { clientBundle, memberBundle } from "../../pki/authority/trust";
import type { IssuedRecord } from "../../pki/certificate/record";
import type { AuthorityChange } from "./authority";
import type { CertificateChange } from "./certificates";
import type { Cluster } from "./records";

/** Who must restart, and why. They stand in the order in which it must happen. */
export interface Restart {
  cluster: string;
  who: "members" | "clients";
  /** Where they stand in the arguments. Only who runs already: what is new starts anyway. */
  names: string[];
  /** How, in words that go on from "restart". */
  how: string;
  why: string;
}

/** Who holds a certificate that is replaced, and needs a restart only if it reads its files once, at start. */
export interface LoadOnce {
  cluster: string;
  names: string[];
  /** The next stage of a rotation, or the first end of the certificates that they hold, RFC 3339. Empty: not known. */
  before: string;
}

/**
 * Who must restart after this update. etcd reads its CA bundle only at start and its own pair at each handshake
 * (etcd-io/etcd#11555), so a new bundle is a reason, and a new certificate is none.
 */
export function restartsOf(cluster: Cluster, changes: AuthorityChange[]): Restart[] {
  const { last, next } = cluster.trust;
  if (!last || !next) return [];
  const isReissued = changes.some(({ stage }) => stage === "reissue");
  const changesBundle = (bundleOf: (state: AuthorityState) => string[], ...sides: ("client" | "peer")[]) =>
    sides.some((side) => !isSameBundle(bundleOf(last[side]), bundleOf(next[side])));
  const members = changesBundle(memberBundle, "client", "peer");
  const clients = changesBundle(clientBundle, "client") && !isAtLeisure(changes, next.client);
  const gateways = gatewayChanges(cluster);
  const row = (who: Restart["who"], kinds: string[], isNow: boolean, how: string): Restart => ({
    cluster: cluster.name,
    who,
    names: running(cluster, kinds),
    how: isNow ? how : `${how}, at any time before the authority's old certificate ends`,
    why: "a CA bundle is read only at start",
  });
  return [
    ...(members || isReissued ? [row("members", ["member"], members, oneAtATime)] : []),
    ...(gateways.length > 0 && !members
      ? [
          {
            ...row("members", ["member"], true, `${oneAtATime}, with its new config`),
            names: gateways,
            why: "--client-cert-file is read only at start",
          },
        ]
      : []),
    ...(clients || isReissued ? [row("clients", ["component", "proxy"], clients, "in any order")] : []),
  ];
}

const oneAtATime = "one at a time, each healthy before the next";

/** The members whose gateway gets a pair of its own or loses it. */
function gatewayChanges(cluster: Cluster): string[] {
  const { last, next } = cluster.issued;
  const has = (record: IssuedRecord | undefined, path: string) =>
    Object.values(record?.certificates ?? {}).some((row) => row.path === `${path}.gateway`);
  return running(cluster, ["member"]).filter((path) => has(last, path) !== has(next, path));
}

// Clients that go on trusting a generation that is distrusted everywhere else lose nothing until their next start, nor do those
// that trust only the new one while the old one is trusted again.
const isAtLeisure = (changes: AuthorityChange[], next: AuthorityState) =>
  changes
    .filter(({ side }) => side === "client")
    .every(
      ({ stage, isCrossSigned, generations }) =>
        (stage === "distrust" && isCrossSigned) ||
        (stage === "trust" && generations.every((name) => isWayBack(next, name))),
    );

const isSameBundle = (a: string[], b: string[]) => [...a].sort().join("\0") === [...b].sort().join("\0");

/** Clients whose certificate is replaced, and that need not restart anyway. */
export function loadOnceClients(
  cluster: string,
  certificates: CertificateChange[],
  changes: AuthorityChange[],
  restarts: Restart[],
): LoadOnce[] {
  const restarted = restarts.flatMap(({ names }) => names);
  const held = certificates.filter(
    (each) =>
      each.cluster === cluster &&
      each.change === "renewed" &&
      ["component", "upstream"].includes(each.kind) &&
      !restarted.includes(each.identity),
  );
  if (held.length === 0) return [];
  const isStage = changes.some(({ side, stage }) => side === "client" && stage === "sign");
  const [firstEnd = ""] = held.map(({ oldEnd }) => oldEnd).sort();
  const before = isStage ? "the next stage" : firstEnd;
  return [{ cluster, names: held.map(({ identity }) => identity), before }];
}

function running({ issued: { last, next } }: Cluster, kinds: string[]): string[] {
  return Object.entries(last?.certificates ?? {})
    .filter(([name, { kind }]) => kinds.includes(kind) && next?.certificates[name] !== undefined)
    .map(([, { path }]) => path)
    .sort();
}
