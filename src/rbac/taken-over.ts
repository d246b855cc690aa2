import type { ClusterIdentity } from "./cluster";
import type { Made } from "./inputs";
import { inventoryName } from "./inputs";

// One process serves all resources of an update, and each inventory of the program comes by before anything is deleted. So an
// `EtcdRbac` that goes, or that no longer names a user, knows what another one has taken over: the same one under a new name,
// above all.
const taken = new Map<string, Set<string>>();

/** Notes which names, as the inventory has them, were there before an `EtcdRbac` of the program, which holds them now. */
export function noteTakenOver({ id }: ClusterIdentity, names: string[], noLonger: string[] = []): void {
  const all = taken.get(id) ?? new Set();
  for (const name of noLonger) all.delete(name);
  for (const name of names) all.add(name);
  taken.set(id, all);
}

/** What was made, without what another `EtcdRbac` of the program has taken over. */
export function withoutTakenOver({ id }: ClusterIdentity, { users, roles, authentication }: Made): Made {
  const isFree = (name: string) => !taken.get(id)?.has(name);
  return {
    users: users.filter((name) => isFree(inventoryName.user(name))),
    roles: roles.filter((name) => isFree(inventoryName.role(name))),
    authentication: authentication && isFree(inventoryName.authentication),
  };
}
