import type { Side } from "../../naming";
import type { AuthorityChange } from "./authority";
import type { Cluster } from "./records";

/** A check of the live cluster, to be run before an update or after it. */
export interface ReadyCheck {
  cluster: string;
  when: "before" | "after";
  stage: "sign" | "distrust" | "retire";
  /** Which ports must be asked. */
  sides: Side[];
  /** A host of each member, as far as the preview knows one. */
  hosts: string[];
}

/** The checks that make the stages of this update, and the one after it, safe. */
export function readyChecks(cluster: Cluster, changes: AuthorityChange[]): ReadyCheck[] {
  const needed = changes.flatMap((change) => checkFor(change).map((check) => ({ ...check, side: change.side })));
  const keys = [...new Set(needed.map(({ when, stage }) => JSON.stringify({ when, stage })))];
  return keys.map((key) => {
    const { when, stage } = JSON.parse(key) as Pick<ReadyCheck, "when" | "stage">;
    const same = needed.filter((check) => check.when === when && check.stage === stage);
    const sides = [...new Set(same.map(({ side }) => side))];
    return { cluster: cluster.name, when, stage, sides, hosts: memberHosts(cluster) };
  });
}

function checkFor({ stage, isCrossSigned }: AuthorityChange): Pick<ReadyCheck, "when" | "stage">[] {
  if (stage === "reissue") return [];
  if (stage === "trust") return [{ when: "after", stage: "sign" }];
  // Members accept what a cross-signed generation signs without having been told of it.
  return stage === "sign" && isCrossSigned ? [] : [{ when: "before", stage }];
}

const memberHosts = ({ issued: { last, next } }: Cluster): string[] =>
  Object.values((last ?? next)?.certificates ?? {})
    .filter(({ kind }) => kind === "member")
    .map(({ hosts = "" }) => hosts.split(", ").find((host) => isReachable(host)) ?? "MEMBER")
    .sort();

// A secret or an unknown host is no address, and neither is this machine's own.
const isReachable = (host: string) =>
  /^[\w.:*-]+$/.test(host) && !/^(localhost|127\.|::1$|\*)|^[\da-f-]{36}$/.test(host);

const ports: Record<Side, { flag: string; port: number }> = {
  client: { flag: "--endpoint", port: 2379 },
  peer: { flag: "--peer-endpoint", port: 2380 },
};

/** The command that runs a check, with etcd's own ports. */
export function readyCommand({ stage, sides, hosts }: ReadyCheck): string {
  const addresses = (side: Side) =>
    hosts.map((host) => `https://${host.includes(":") ? `[${host}]` : host}:${ports[side].port}`).join(",");
  const flags = sides.map((side) => `${ports[side].flag} ${addresses(side)}`);
  return [`etcd-pki ready --for ${stage} --stack`, ...flags].join(" ");
}
