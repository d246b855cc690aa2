import { logicalName } from "../../naming";
import type { TrustRecord } from "../../pki/authority/trust";
import type { IssuedRecord } from "../../pki/certificate/record";
import type { Change, Preview } from "./preview";

/** A record before the update and after it. */
export interface Pair<Recorded> {
  last?: Recorded;
  next?: Recorded;
}

/** Everything that a preview says about one `EtcdPki`. */
export interface Cluster {
  name: string;
  trust: Pair<TrustRecord>;
  issued: Pair<IssuedRecord>;
  /** Its own resources that change, by type. */
  changes: Change[];
}

const pkiType = "etcd-pki:index:EtcdPki";
const stashType = "pulumi:index:Stash";

/** The clusters of a preview that change, by name. */
export function clustersIn({ changes }: Preview): Cluster[] {
  const names = new Set(changes.filter(({ parent }) => parent.type === pkiType).map(({ parent }) => parent.name));
  return [...names].sort().map((name) => {
    const own = changes.filter(({ parent }) => parent.type === pkiType && parent.name === name);
    const record = <Recorded>(logical: string): Pair<Recorded> => {
      const change = own.find((each) => each.type === stashType && each.name === logical);
      return {
        ...(change?.old && { last: change.old.inputs?.["input"] as Recorded }),
        ...(change?.next && { next: change.next.inputs?.["input"] as Recorded }),
      };
    };
    const issued = known(record<IssuedRecord>(logicalName.issued(name)), isIssued);
    const trust = known(record<TrustRecord>(logicalName.trust(name)), isTrust);
    return { name, issued, trust: trust.next || trust.last ? trust : trustIn(issued), changes: own };
  });
}

// The preview leaves out a record that stays as it is. What was issued says what is trusted, too.
const trustIn = ({ last, next }: Pair<IssuedRecord>): Pair<TrustRecord> => ({
  ...(last && { last: last.trust }),
  ...(next && { next: next.trust }),
});

/** Whether records of this cluster change that say nothing: they are secret, or another version wrote them. */
export const isUnreadable = ({ name, changes, issued, trust }: Cluster): boolean =>
  changes.some(({ type, name: own, old, next }) => {
    if (type !== stashType) return false;
    const pair = own === logicalName.issued(name) ? issued : own === logicalName.trust(name) ? trust : undefined;
    return pair !== undefined && ((old && pair.last === undefined) || (next && pair.next === undefined));
  });

function known<Recorded>({ last, next }: Pair<Recorded>, fits: (value: unknown) => boolean): Pair<Recorded> {
  return { ...(fits(last) && { last: last as Recorded }), ...(fits(next) && { next: next as Recorded }) };
}

const isTrust = (value: unknown) => {
  const { client, peer } = (value ?? {}) as Partial<TrustRecord>;
  return Array.isArray(client?.generations) && Array.isArray(peer?.generations);
};

const isIssued = (value: unknown) => {
  const { trust, certificates } = (value ?? {}) as Partial<IssuedRecord>;
  return isTrust(trust) && typeof certificates === "object" && certificates !== null;
};
