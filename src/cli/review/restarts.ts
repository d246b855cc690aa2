import type { AuthorityChange } from "./authority";
import { authorityCertificates, hasNewKey, isSameBundle, memberBundle } from "./authority";
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
  /** The first end of the certificates that they hold, RFC 3339. Empty: not known. */
  before: string;
}

/** A check of the live cluster, to be run before an update or after it. */
export interface ReadyCheck {
  cluster: string;
  when: "before" | "after";
  stage: "sign" | "distrust" | "retire";
}

/**
 * Who must restart after this update. etcd reads its CA bundle only at start and its own pair at each handshake
 * (etcd-io/etcd#11555), so a new bundle is a reason, and a new certificate is none.
 */
export function restartsOf(cluster: Cluster): Restart[] {
  const { last, next } = cluster.trust;
  if (!last || !next) return [];
  const reissued = reissuedEnd(cluster);
  const members =
    !isSameBundle(memberBundle(last.client), memberBundle(next.client)) ||
    !isSameBundle(memberBundle(last.peer), memberBundle(next.peer));
  const clients = !isSameBundle(last.client.generations, next.client.generations);
  const row = (who: Restart["who"], kinds: string[], how: string): Restart => ({
    cluster: cluster.name,
    who,
    names: running(cluster, kinds),
    how,
    why: "a CA bundle is read only at start",
  });
  const before = (isNow: boolean) => (isNow ? "" : `, at any time before ${reissued}`);
  return [
    ...(members || reissued !== undefined
      ? [row("members", ["member"], `one at a time, each healthy before the next${before(members)}`)]
      : []),
    ...(clients || reissued !== undefined
      ? [row("clients", ["component", "proxy"], `in any order${before(clients)}`)]
      : []),
  ];
}

// What trusts a generation's old certificate trusts its new one, until the old one ends: the key is the same.
function reissuedEnd({ name: cluster, changes }: Cluster): string | undefined {
  const reissued = authorityCertificates({ changes }).filter(({ name }) => !hasNewKey({ changes }, name));
  const ends = reissued.map(({ old }) =>
    String(old?.outputs?.["validityEndTime"] ?? `the old end of ${cluster}'s authority`),
  );
  return ends.sort()[0]?.replace(/\.\d+Z$/, "Z");
}

/** Clients whose certificate is replaced. */
export function loadOnceClients(cluster: string, certificates: CertificateChange[]): LoadOnce[] {
  const held = certificates.filter(
    (each) => each.cluster === cluster && each.change === "renewed" && ["component", "upstream"].includes(each.kind),
  );
  if (held.length === 0) return [];
  const before = held.map(({ oldEnd }) => oldEnd).filter((end) => end !== "");
  return [{ cluster, names: held.map(({ identity }) => identity), before: before.sort()[0] ?? "" }];
}

/** The checks that make the stages of this update, and the one after it, safe. */
export function readyChecks(changes: AuthorityChange[]): ReadyCheck[] {
  const checks = changes.flatMap(({ cluster, stage }): ReadyCheck[] => {
    if (stage === "trust") return [{ cluster, when: "after", stage: "sign" }];
    if (stage === "sign") return crossSigned(changes) ? [] : [{ cluster, when: "before", stage: "sign" }];
    if (stage === "distrust" || stage === "retire") return [{ cluster, when: "before", stage }];
    return [];
  });
  return checks.filter((check, i) => checks.findIndex((other) => isSame(other, check)) === i);
}

// Members accept what a cross-signed generation signs without having been told of it.
const crossSigned = (changes: AuthorityChange[]) => changes.some(({ stage }) => stage === "cross-sign");

const isSame = (a: ReadyCheck, b: ReadyCheck) => a.cluster === b.cluster && a.when === b.when && a.stage === b.stage;

function running({ issued: { last, next } }: Cluster, kinds: string[]): string[] {
  return Object.entries(last?.certificates ?? {})
    .filter(([name, { kind }]) => kinds.includes(kind) && next?.certificates[name] !== undefined)
    .map(([, { path }]) => path)
    .sort();
}
