import type { Answer, KeyPair, Request } from "./ask";
import { ask, placeOf } from "./ask";

/** A member as its cluster knows it. */
export interface Member {
  name: string;
  clientURLs: string[];
  peerURLs: string[];
}

/** Which of a member's ports. */
export type Port = "client" | "peer";

const memberList: Record<Port, Request> = {
  client: { method: "POST", path: "/v3/cluster/member/list" },
  peer: { method: "GET", path: "/members" },
};

/** Every member of the cluster, as the first one says that answers; undefined if none does. */
export async function membersOf(
  asked: { address: string; port: Port }[],
  pairs: Record<Port, KeyPair | undefined>,
): Promise<Member[] | undefined> {
  for (const { address, port } of asked) {
    const members = membersIn(await ask(address, pairs[port], memberList[port]));
    if (members !== undefined) return members;
  }
  return undefined;
}

function membersIn({ outcome, body }: Answer): Member[] | undefined {
  if (outcome !== "accepted") return undefined;
  try {
    const parsed = JSON.parse(body) as unknown;
    const list = Array.isArray(parsed) ? parsed : (parsed as { members?: unknown }).members;
    if (!Array.isArray(list) || list.length === 0) return undefined;
    return list.map((member: Partial<Member>) => ({
      name: member.name ?? "",
      clientURLs: member.clientURLs ?? [],
      peerURLs: member.peerURLs ?? [],
    }));
  } catch {
    return undefined;
  }
}

/** The member at an address, if the cluster advertises it there. */
export const memberAt = (members: Member[], address: string, port: Port): Member | undefined =>
  members.find((member) => urlsOf(member, port).some((url) => isSamePlace(url, address)));

/** Members of which no address was asked. */
export const membersLeftOut = (members: Member[], asked: { address: string; port: Port }[], port: Port): Member[] => {
  const addresses = asked.filter((each) => each.port === port).map(({ address }) => address);
  return members.filter((member) => !addresses.some((address) => memberAt([member], address, port)));
};

const urlsOf = ({ clientURLs, peerURLs }: Member, port: Port) => (port === "client" ? clientURLs : peerURLs);

function isSamePlace(a: string, b: string): boolean {
  const [one, other] = [placeOf(a), placeOf(b)];
  return one.host === other.host && one.port === other.port;
}
