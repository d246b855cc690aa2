import { isDeepStrictEqual } from "node:util";
import { isWhollyKnown } from "../pulumi";
import type { EtcdClient } from "./client";
import { NONE } from "./client";
import type { ClusterIdentity } from "./cluster";
import { isAnother } from "./cluster";
import { UnreachableError } from "./errors";
import type { WithoutKey } from "./held-key";
import { withKey, withoutKey } from "./held-key";
import type { ConnectionInputs } from "./inputs";
import { inventoryName, toConnection } from "./inputs";
import { refuseOtherCluster, withClient } from "./operations";
import { noteTakenOver } from "./taken-over";
import { patienceOf } from "./update";

/** What the state holds of an `Inventory`. */
export interface InventoryInputs extends ConnectionInputs {
  names: Record<string, string>;
  adoptExisting: boolean;
  clusterId?: string;
  waitSeconds?: number;
}
type State = WithoutKey<InventoryInputs> & { adopted: Record<string, string>; cluster?: ClusterIdentity };

/** Notes what was there before anything is made, so that an update that is killed can tell its own work from others'. */
export const inventory = {
  /** In a preview it also says what it found, which only a preview's inputs hold. */
  async check(olds: Partial<State>, { dryRun, ...inputs }: InventoryInputs & { dryRun?: boolean }) {
    const found = dryRun ? await foundInPreview(inputs, addedNames(olds, inputs)) : undefined;
    return { inputs: { ...withoutKey(inputs), ...(found && { found }) } };
  },
  async diff(_id: string, olds: State, news: WithoutKey<InventoryInputs>) {
    const isSame = isDeepStrictEqual([olds.names, olds.clusterId], [news.names, news.clusterId]);
    if (isSame && olds.cluster) noteTakenOver(olds.cluster, Object.keys(olds.adopted));
    return isSame ? { changes: false } : {};
  },
  async create(inputs: WithoutKey<InventoryInputs>) {
    return { id: "inventory", outs: { ...withoutKey(inputs), ...(await noted(withKey(inputs))) } };
  },
  async update(_id: string, olds: State, news: WithoutKey<InventoryInputs>) {
    return { outs: { ...withoutKey(news), ...(await noted(withKey(news, olds), olds)) } };
  },
  async read(id: string, props: State) {
    return { id, props };
  },
  async delete() {},
};

const addedNames = (olds: Pick<Partial<State>, "names">, news: Pick<State, "names">) =>
  Object.keys(news.names).filter((name) => !(name in (olds.names ?? {})));

/** What was there before, and in which cluster. In another cluster than the last time nothing is known of any name. */
async function noted(inputs: InventoryInputs, olds?: State) {
  const expected = { remembered: olds?.cluster, named: inputs.clusterId, namedBefore: olds?.clusterId };
  return withClient(
    toConnection(inputs),
    async (client) => {
      const cluster = await refuseOtherCluster(client, expected);
      const last = isAnother(cluster, olds?.cluster) ? undefined : olds;
      const found = await foundIn(client, addedNames(last ?? {}, inputs));
      if (found.length > 0 && !inputs.adoptExisting) throw new Error(`${takenText(found)}.`);
      const before = Object.keys(last?.adopted ?? {});
      const adopted = [...before.filter((name) => name in inputs.names), ...found];
      noteTakenOver(cluster, adopted, before);
      return { cluster, adopted: Object.fromEntries(adopted.map((name) => [name, "was there before"])) };
    },
    patienceOf(inputs),
  );
}

/** What to do about names that etcd has already. */
export const takenText = (names: string[]) =>
  `etcd has already: ${names.join(", ")}. To take this over and set it to the declaration, give adoptExisting: true; ` +
  `it then stays when the whole declaration goes. If this EtcdRbac had another name until now, give that as an alias instead`;

async function foundIn(client: EtcdClient, names: string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const held = [
    ...(await client.users()).map(inventoryName.user),
    ...(await client.roles()).map(inventoryName.role),
    ...((await client.authentication()) ? [inventoryName.authentication] : []),
  ];
  return names.filter((name) => held.includes(name)).sort();
}

// `UsersAndRoles` tells why etcd could not be asked.
async function foundInPreview(inputs: InventoryInputs, names: string[]): Promise<string[] | undefined> {
  const { endpoints, caBundlePem, administrator } = inputs;
  if (!isWhollyKnown({ endpoints, caBundlePem, administrator })) return undefined;
  try {
    return await withClient(toConnection(inputs), (client) => foundIn(client, names), NONE);
  } catch (error) {
    if (error instanceof UnreachableError) return undefined;
    throw error;
  }
}
