import type { Side } from "../../naming";
import { clientGeneration, logicalName } from "../../naming";
import type { AuthorityState, TrustRecord } from "../../pki/authority/trust";
import { certificatesIn } from "../../x509";
import type { Row } from "../expiry/report";
import type { StackResource } from "../stack-resources";
import { nameIn, pkiType } from "../stack-resources";

/** What a generation does now. */
export type Role = "signs" | "trusted" | "distrusted";

/** One generation of one authority. */
export interface Generation {
  cluster: string;
  /** The ports it is for: its own, and the peers' where they have no authority of their own. */
  sides: Side[];
  name: string;
  role: Role;
  /** Which generation signed its key and name as well; empty: none. */
  crossSignedBy: string;
  /** Its certificate's line of the report; nothing where the state has no certificate that can be read. */
  row?: Row;
}

/** The generations of every `EtcdPki` in a stack, those that sign first. */
export const generationsIn = (resources: StackResource[], rows: Row[]): Generation[] =>
  resources
    .filter(({ type }) => type === pkiType)
    .flatMap(({ urn }) => {
      const children = resources.filter(({ parent, type }) => parent === urn && type === stashType);
      const trust = children.find((child) => nameIn(child.urn) === logicalName.trust(nameIn(urn)))?.inputs?.["input"];
      return isTrust(trust) ? sidesOf(nameIn(urn), trust, children, rows) : [];
    });

const stashType = "pulumi:index:Stash";

const isTrust = (value: unknown): value is TrustRecord => {
  const { client, peer } = (value ?? {}) as Partial<TrustRecord>;
  return Array.isArray(client?.generations) && Array.isArray(peer?.generations);
};

function sidesOf(cluster: string, trust: TrustRecord, stashes: StackResource[], rows: Row[]): Generation[] {
  const rowOf = (side: Side, name: string): Row | undefined => {
    const stash = stashes.find(({ urn }) => nameIn(urn) === logicalName.generation(cluster, side, name));
    const fingerprint = fingerprintIn(stash?.outputs?.["output"]);
    return rows.find((row) => row.fingerprint === fingerprint);
  };
  return (["client", "peer"] as const).flatMap((side) => {
    const own = (name: string) => side === "client" || clientGeneration(name) === undefined;
    return namesIn(trust[side])
      .filter(([name]) => own(name))
      .map(([name, role]): Generation => {
        const row = rowOf(side, name);
        const isShared = side === "client" && namesIn(trust.peer).some(([peer]) => clientGeneration(peer) === name);
        const crossSignedBy = trust[side].crossSignedBy?.[name] ?? "";
        return {
          cluster,
          sides: isShared ? ["client", "peer"] : [side],
          name,
          role,
          crossSignedBy,
          ...(row && { row }),
        };
      });
  });
}

function namesIn({ generations, signing, distrusted = [] }: AuthorityState): [string, Role][] {
  const role = (name: string): Role => (name === signing ? "signs" : "trusted");
  return [
    ...generations.map((name): [string, Role] => [name, role(name)]),
    ...distrusted.map((name): [string, Role] => [name, "distrusted"]),
  ].sort(([, a], [, b]) => Number(b === "signs") - Number(a === "signs"));
}

// Its certificate, alone or beside what stands above it.
function fingerprintIn(value: unknown): string | undefined {
  const pem = typeof value === "string" ? value : (value as { certPem?: unknown } | undefined)?.certPem;
  try {
    return typeof pem === "string" ? certificatesIn(pem)[0]?.fingerprint256 : undefined;
  } catch {
    return undefined;
  }
}
