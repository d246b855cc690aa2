import { isDeepStrictEqual } from "node:util";
import { isWhollyKnown } from "../pulumi";
import { UnreachableError } from "./errors";
import type { WithoutKey } from "./held-key";
import { withKey, withoutKey } from "./held-key";
import type { ConnectionInputs } from "./inputs";
import { inventoryName, toConnection } from "./inputs";
import { withClient } from "./operations";

/** What the state holds of an `Inventory`. */
export interface InventoryInputs extends ConnectionInputs {
  names: Record<string, string>;
  adoptExisting: boolean;
}
type State = WithoutKey<InventoryInputs> & { adopted: Record<string, string> };

/** Notes what was there before anything is made, so that an update that is killed can tell its own work from others'. */
export const inventory = {
  /** In a preview it also says what it found, which only a preview's inputs hold. */
  async check(olds: Partial<State>, { dryRun, ...inputs }: InventoryInputs & { dryRun?: boolean }) {
    const found = dryRun ? await foundInPreview(inputs, addedNames(olds, inputs)) : undefined;
    return { inputs: { ...withoutKey(inputs), ...(found && { found }) } };
  },
  async diff(_id: string, olds: State, news: WithoutKey<InventoryInputs>) {
    return isDeepStrictEqual(olds.names, news.names) ? { changes: false } : {};
  },
  async create(inputs: WithoutKey<InventoryInputs>) {
    return { id: "inventory", outs: { ...withoutKey(inputs), adopted: await taken(withKey(inputs), inputs.names) } };
  },
  async update(_id: string, olds: State, news: WithoutKey<InventoryInputs>) {
    const kept = Object.entries(olds.adopted).filter(([name]) => name in news.names);
    const added = Object.fromEntries(addedNames(olds, news).map((name) => [name, "declared"]));
    const adopted = { ...Object.fromEntries(kept), ...(await taken(withKey(news, olds), added)) };
    return { outs: { ...withoutKey(news), adopted } };
  },
  async read(id: string, props: State) {
    return { id, props };
  },
  async delete() {},
};

const addedNames = (olds: Pick<Partial<State>, "names">, news: Pick<State, "names">) =>
  Object.keys(news.names).filter((name) => !(name in (olds.names ?? {})));

async function taken(inputs: InventoryInputs, names: Record<string, string>): Promise<Record<string, string>> {
  const found = await foundIn(inputs, Object.keys(names));
  if (found.length > 0 && !inputs.adoptExisting) throw new Error(`${takenText(found)}.`);
  return Object.fromEntries(found.map((name) => [name, "was there before"]));
}

/** What to do about names that etcd has already. */
export const takenText = (names: string[]) =>
  `etcd has already: ${names.join(", ")}. To take this over and set it to the declaration, give adoptExisting: true; ` +
  `it then stays when the declaration goes`;

async function foundIn(inputs: ConnectionInputs, names: string[], patienceMs?: number): Promise<string[]> {
  if (names.length === 0) return [];
  const read = withClient(
    toConnection(inputs),
    async (client) => [
      ...(await client.users()).map(inventoryName.user),
      ...(await client.roles()).map(inventoryName.role),
      ...((await client.authentication()) ? [inventoryName.authentication] : []),
    ],
    patienceMs,
  );
  const held = await read;
  return names.filter((name) => held.includes(name)).sort();
}

// A preview must not wait for a cluster that is not up yet, and `UsersAndRoles` tells why etcd could not be asked.
async function foundInPreview(inputs: InventoryInputs, names: string[]): Promise<string[] | undefined> {
  const { endpoints, caBundlePem, administrator } = inputs;
  if (!isWhollyKnown({ endpoints, caBundlePem, administrator })) return undefined;
  try {
    return await foundIn(inputs, names, 0);
  } catch (error) {
    if (error instanceof UnreachableError) return undefined;
    throw error;
  }
}
