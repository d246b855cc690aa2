import type { Change, Preview } from "./preview";

/** What an authority was declared to be. */
export interface AuthorityState {
  /** The names of the generations that are trusted. */
  generations: string[];
  signing?: string;
  /** Not trusted, and the key is kept. */
  distrusted?: string[];
  /** Which generation signed the cross certificate of another one. */
  crossSignedBy?: Record<string, string>;
  retired?: string[];
}

/** What members and clients trust. */
export interface TrustRecord {
  client: AuthorityState;
  peer: AuthorityState;
}

/** What the record says of one certificate. */
export interface RecordedCertificate {
  /** Where it stands in the arguments, such as `members["etcd-1"].peer`. */
  path: string;
  kind: string;
  validUntil: string;
  /** The generation that signed it. */
  signedBy: string;
  /** Sorted, joined with ", ". */
  hosts?: string;
  keyAlgorithm?: string;
  renewNow?: string;
  rotateKey?: string;
  validityPeriodHours?: number;
  earlyRenewalHours?: number;
}

/** What an update leaves behind. */
export interface IssuedRecord {
  trust: TrustRecord;
  certificates: Record<string, RecordedCertificate>;
  leftOut?: string[];
}

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
    const record = <Recorded>(suffix: string): Pair<Recorded> => {
      const change = own.find((each) => each.type === stashType && each.name === `${name}-${suffix}`);
      return {
        ...(change?.old && { last: change.old.inputs?.["input"] as Recorded }),
        ...(change?.next && { next: change.next.inputs?.["input"] as Recorded }),
      };
    };
    const issued = known(record<IssuedRecord>("issued"), isIssued);
    const trust = known(record<TrustRecord>("trust"), isTrust);
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
    const pair = own === `${name}-issued` ? issued : own === `${name}-trust` ? trust : undefined;
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
