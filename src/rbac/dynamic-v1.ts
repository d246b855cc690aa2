import { isDeepStrictEqual } from "node:util";
import type { EtcdClient } from "./client";
import { UnreachableError } from "./errors";
import type { ConnectionInputs, Made, UsersAndRolesInputs } from "./inputs";
import { inventoryName, madeBy, toConnection, toDeclaration, toFoundInputs } from "./inputs";
import type { Report } from "./operations";
import { apply, missingSteps, passwordWarnings, readState, remove, undeclaredWarnings, withClient } from "./operations";
import { stepText } from "./steps";
import { versionWarnings } from "./versions";

// The stacks' states call this module by its path and these names for as long as they live: neither may ever change.

interface InventoryInputs extends ConnectionInputs {
  names: Record<string, string>;
  adoptExisting: boolean;
}
type Inventory = InventoryInputs & { adopted: Record<string, string> };
type UsersAndRoles = UsersAndRolesInputs & { made: Made };

/** Notes what was there before anything is made, so that an update that is killed can tell its own work from others'. */
export const inventory = {
  async check(_olds: unknown, inputs: InventoryInputs) {
    return { inputs };
  },
  async diff(_id: string, olds: Inventory, news: InventoryInputs) {
    return isDeepStrictEqual(olds.names, news.names) ? { changes: false } : {};
  },
  async create(inputs: InventoryInputs) {
    return { id: "inventory", outs: { ...inputs, adopted: await foundBefore(inputs, Object.keys(inputs.names)) } };
  },
  async update(_id: string, olds: Inventory, news: InventoryInputs) {
    const added = Object.keys(news.names).filter((name) => !(name in olds.names));
    const kept = Object.entries(olds.adopted).filter(([name]) => name in news.names);
    return { outs: { ...news, adopted: { ...Object.fromEntries(kept), ...(await foundBefore(news, added)) } } };
  },
  async read(id: string, props: Inventory) {
    return { id, props };
  },
  async delete() {},
};

async function foundBefore(inputs: InventoryInputs, names: string[]): Promise<Record<string, string>> {
  if (names.length === 0) return {};
  const held = await withClient(toConnection(inputs), async (client) => [
    ...(await client.users()).map(inventoryName.user),
    ...(await client.roles()).map(inventoryName.role),
    ...((await client.authentication()) ? [inventoryName.authentication] : []),
  ]);
  const taken = names.filter((name) => held.includes(name)).sort();
  if (taken.length > 0 && !inputs.adoptExisting)
    throw new Error(
      `etcd has already: ${taken.join(", ")}. To take this over and set it to the declaration, give adoptExisting: true; ` +
        `it then stays when the declaration goes.`,
    );
  return Object.fromEntries(taken.map((name) => [name, "was there before"]));
}

/** All users, roles and authentication in one resource: changes must not race, and the credentials are held once. */
export const usersAndRoles = {
  async check(_olds: unknown, inputs: UsersAndRolesInputs) {
    return { inputs };
  },
  async diff(_id: string, olds: UsersAndRoles, news: UsersAndRolesInputs) {
    const { made, ...before } = withoutProvider(olds);
    const isSame = isDeepStrictEqual(before, withoutProvider(news));
    // An inventory that changes, too, is known only after its update; until then the last one serves.
    const next = isKnown(news.adopted) ? news : { ...news, adopted: olds.adopted };
    const canAsk = isKnown(next);
    if (!canAsk) print(["etcd is not asked in this preview, since how to reach it is known only in the update"]);
    const lines = canAsk ? await driftLines(next, made) : [];
    print(isSame ? ["etcd differs from the declaration:", ...lines] : lines, lines.length);
    // Without an answer the engine compares the inputs itself, and shows each changed line and no other.
    return isSame ? { changes: lines.length > 0 } : {};
  },
  async create(inputs: UsersAndRolesInputs) {
    return { id: "users-and-roles", outs: await applied("users-and-roles", inputs) };
  },
  async update(id: string, olds: UsersAndRoles, news: UsersAndRolesInputs) {
    return { outs: await applied(id, news, olds.made) };
  },
  async read(id: string, props: UsersAndRoles) {
    const { made, ...inputs } = props;
    const read = async (client: EtcdClient) => {
      const { adopted } = toDeclaration(inputs, made);
      const found = await readState(client, [...Object.keys(inputs.roles), ...made.roles, ...adopted.roles]);
      const users = [...Object.keys(inputs.users), ...made.users];
      warn([
        ...(await versionWarnings(client)),
        ...undeclaredWarnings(found, toDeclaration(inputs, made)),
        ...(await passwordWarnings(client, found, new Set(users))),
      ]);
      return toFoundInputs(inputs, found, made);
    };
    const now = await unlessGone(inputs, () => withClient(toConnection(inputs, process.env), read));
    return { id, props: { ...(now ?? inputs), made }, inputs: now ?? inputs };
  },
  async delete(_id: string, props: UsersAndRoles) {
    const connection = toConnection(props, process.env);
    const names = { users: new Set(props.made.users), roles: new Set(props.made.roles) };
    const remover = (client: EtcdClient) =>
      remove(client, connection, names, props.made.authentication ? false : undefined);
    const report = await unlessGone(props, () => withClient(connection, remover));
    if (report) print([report.summary]);
  },
};

async function applied(id: string, inputs: UsersAndRolesInputs, before?: Made) {
  const declaration = toDeclaration(inputs, before);
  const connection = toConnection(inputs);
  const outs = { ...inputs, made: madeBy(inputs, declaration) };
  const report = await withClient(connection, async (client): Promise<Report> => {
    try {
      return await apply(client, connection, declaration);
    } catch (error) {
      if (client.calls.changes === 0) throw error;
      // The engine then knows of what was made, and the next update goes on from there.
      const { message } = error as Error;
      const users = [...declaration.made.users];
      const roles = [...declaration.made.roles];
      const authentication = outs.made.authentication || before?.authentication === true;
      const properties = { ...outs, made: { users, roles, authentication } };
      throw Object.assign(error as Error, { id, properties, reasons: [message] });
    }
  });
  warn(report.warnings);
  print([report.summary]);
  return outs;
}

async function driftLines(inputs: UsersAndRolesInputs, made: Made): Promise<string[]> {
  const declaration = toDeclaration(inputs, made);
  const read = (client: EtcdClient) =>
    readState(client, [...declaration.desired.roles.keys(), ...declaration.made.roles]);
  try {
    // A preview must not wait for a cluster that is not up yet.
    return missingSteps(await withClient(toConnection(inputs), read, 0), declaration).map(stepText);
  } catch (error) {
    warn([`etcd could not be compared with the declaration: ${(error as Error).message}`]);
    return [];
  }
}

async function unlessGone<T>(props: UsersAndRolesInputs, operation: () => Promise<T>): Promise<T | undefined> {
  try {
    return await operation();
  } catch (error) {
    if (!(error instanceof UnreachableError) || !props.skipDeleteIfUnreachable) throw error;
    warn([`${error.message}\nIt is taken for gone, since skipDeleteIfUnreachable is set.`]);
    return undefined;
  }
}

/** The engine's placeholder for a value that only the update knows. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const isKnown = (value: object | undefined) => !JSON.stringify(value ?? {}).includes(UNKNOWN);

// The engine adds the provider's text to what it hands over, and undefined properties do not survive the way.
const withoutProvider = <T extends object>(props: T): T => {
  const { __provider, ...rest } = JSON.parse(JSON.stringify(props)) as T & { __provider?: string };
  void __provider;
  return rest as T;
};

const LINES = 50;

// What a dynamic provider prints, the engine shows under "Diagnostics".
function print(lines: string[], count = lines.length): void {
  if (count === 0) return;
  const more = lines.length > LINES ? [`... and ${lines.length - LINES} more`] : [];
  console.log([...lines.slice(0, LINES), ...more].join("\n"));
}

const warn = (warnings: string[]): void => {
  if (warnings.length > 0) console.warn(warnings.map((line) => `warning: ${line}`).join("\n"));
};
