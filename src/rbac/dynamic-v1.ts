import { isDeepStrictEqual } from "node:util";
import type { ConnectionInputs, NotedBefore, UsersAndRolesInputs } from "./inputs";
import { say } from "./messages";
import type { State } from "./update";
import { deleted, driftLines, notedBefore, refreshed, updated } from "./update";

// The stacks' states call this module by its path and these names for as long as they live: neither may ever change.

interface InventoryInputs extends ConnectionInputs, NotedBefore {
  names: Record<string, string>;
  adoptExisting: boolean;
}
type Inventory = InventoryInputs & { adopted: Record<string, string> };

/** Notes what was there before anything is made, so that an update that is killed can tell its own work from others'. */
export const inventory = {
  async check(_olds: unknown, inputs: InventoryInputs) {
    return { inputs };
  },
  async diff(_id: string, olds: Inventory, news: InventoryInputs) {
    const isSame = isDeepStrictEqual([olds.names, olds.clusterId], [news.names, news.clusterId]);
    return isSame ? { changes: false } : {};
  },
  async create(inputs: InventoryInputs) {
    return { id: "inventory", outs: { ...inputs, ...(await notedBefore(inputs)) } };
  },
  async update(_id: string, olds: Inventory, news: InventoryInputs) {
    return { outs: { ...news, ...(await notedBefore(news, olds)) } };
  },
  async read(id: string, props: Inventory) {
    return { id, props };
  },
  async delete() {},
};

/** All users, roles and authentication in one resource: changes must not race, and the credentials are held once. */
export const usersAndRoles = {
  async check(_olds: unknown, inputs: UsersAndRolesInputs) {
    return { inputs };
  },
  async diff(_id: string, olds: State, news: UsersAndRolesInputs) {
    const { made, cluster, ...before } = olds;
    void [made, cluster];
    const isSame = isDeepStrictEqual(withoutProvider(before), withoutProvider(news));
    // An inventory that changes, too, is known only after its update; until then the last one serves.
    const { adopted, inventoryClusterId } = olds;
    const next = isKnown(news.adopted) ? news : { ...news, adopted, inventoryClusterId };
    const canAsk = isKnown(next);
    if (!canAsk) say(["etcd is not asked in this preview, since how to reach it is known only in the update"]);
    const lines = canAsk ? await driftLines(next, olds) : [];
    say(lines, isSame ? ["etcd differs from the declaration:"] : []);
    // Without an answer the engine compares the inputs itself, and shows each changed line and no other.
    return isSame ? { changes: lines.length > 0 } : {};
  },
  async create(inputs: UsersAndRolesInputs) {
    return { id: "users-and-roles", outs: await updated("users-and-roles", inputs) };
  },
  async update(id: string, olds: State, news: UsersAndRolesInputs) {
    return { outs: await updated(id, news, olds) };
  },
  async read(id: string, props: State) {
    const { made, cluster } = props;
    const now = await refreshed(props);
    return { id, props: { ...now, made, cluster }, inputs: now };
  },
  async delete(_id: string, props: State) {
    await deleted(props);
  },
};

/** The engine's placeholder for a value that only the update knows. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const isKnown = (value: object | undefined) => !JSON.stringify(value ?? {}).includes(UNKNOWN);

// The engine adds the provider's text to what it hands over, and undefined properties do not survive the way.
const withoutProvider = <T extends object>(props: T): T => {
  const { __provider, ...rest } = JSON.parse(JSON.stringify(props)) as T & { __provider?: string };
  void __provider;
  return rest as T;
};
