import { OtherClusterError } from "./errors";

// etcd's cluster id is a hash of the first members' peer URLs and the cluster token (etcd, server/etcdserver/api/membership,
// `genID`). Two clusters started from nothing with the same ones have the same id, so the revision is looked at, too: it
// only ever grows, and a cluster that was rebuilt or restored begins again below.

/** A cluster as its answers show it: the id, and the revision of its keys, which is the highest that was seen. */
export interface ClusterIdentity {
  id: string;
  revision: string;
}

/** What the state and the declaration say of the cluster. */
export interface ClusterExpected {
  /** The one that the last update changed. */
  remembered?: ClusterIdentity;
  /** The argument `clusterId`: an id, or an id and a revision with an `@` between them. */
  named?: string;
  /** The same argument in the last update. */
  namedBefore?: string;
}

const idOf = (named: string) => named.split("@")[0]!;
const isLower = (a: string, b: string) => BigInt(a) < BigInt(b);

/** Whether the cluster is not the one that the state describes: another, a rebuilt or a restored one. */
export const isAnother = (shown: ClusterIdentity, remembered: ClusterIdentity | undefined): boolean =>
  remembered !== undefined && (shown.id !== remembered.id || isLower(shown.revision, remembered.revision));

const takeOver =
  "What it holds is then looked at anew: users and roles of declared names that are there already are an error, or are " +
  "taken over with adoptExisting: true";

/** Why nothing may be changed in the cluster that answers; undefined: it is the right one, or the one that is named anew. */
export function clusterProblem(shown: ClusterIdentity, expected: ClusterExpected): string | undefined {
  const { remembered, named, namedBefore } = expected;
  if (named !== undefined && idOf(named) !== shown.id)
    return (
      `clusterId names the cluster ${idOf(named)}, but the endpoints lead to the cluster ${shown.id}. Nothing was changed. ` +
      `Correct the endpoints, or, if this is the cluster that you mean, give clusterId: "${shown.id}"`
    );
  const isNamedAnew = named !== undefined && named !== namedBefore;
  const lowest = isNamedAnew ? (named.split("@")[1] ?? "0") : (remembered?.revision ?? "0");
  if (!isNamedAnew && remembered && shown.id !== remembered.id)
    return (
      `the endpoints lead to the cluster ${shown.id}, but this declaration was last made in the cluster ${remembered.id}. ` +
      `Nothing was changed. If an address has moved (DNS, a virtual IP, corrected endpoints), lead it back. If this is the ` +
      `right cluster now (it was rebuilt, or restored from a snapshot), give clusterId: "${shown.id}". ${takeOver}`
    );
  if (isLower(shown.revision, lowest))
    return (
      `the cluster ${shown.id} is at revision ${shown.revision}, but was at ${lowest} before: it was rebuilt, or restored ` +
      `from an older snapshot. Nothing was changed. If that was on purpose, give clusterId: "${shown.id}@${shown.revision}". ` +
      takeOver
    );
  return undefined;
}

/** What is wrong with the argument `clusterId`. */
export const clusterIdProblems = (named: string | undefined): string[] =>
  named === undefined || /^[1-9]\d*(@\d+)?$/.test(named)
    ? []
    : [
        `clusterId is ${JSON.stringify(named)}; give etcd's cluster id in decimal, such as "14841639068965178418" ` +
          `(cluster_id in etcdctl endpoint status --write-out=json)`,
      ];

/** Keeps what a connection's answers show of their cluster, and refuses an answer of another one. */
export function seenCluster() {
  let seen: ClusterIdentity | undefined;
  return {
    get: () => seen,
    /** Notes an answer; false: it shows nothing, as etcd's refusals do. */
    note: (answer: unknown, endpoint: string): boolean => {
      const { header } = answer as { header?: { cluster_id: string; revision: string } };
      if (!header) return false;
      const { cluster_id: id, revision } = header;
      if (seen && seen.id !== id)
        throw new OtherClusterError(
          `${endpoint} answers for the cluster ${id}, where ${seen.id} answered before: the endpoints lead to several ` +
            `clusters. Name the members of one cluster.`,
        );
      seen = { id, revision: seen && isLower(revision, seen.revision) ? seen.revision : revision };
      return true;
    },
  };
}
