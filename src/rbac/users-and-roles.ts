import { isDeepStrictEqual } from "node:util";
import { isWhollyKnown } from "../pulumi";
import type { EtcdClient } from "./client";
import { UnreachableError } from "./errors";
import type { DryRun } from "./first-preview";
import { NOT_ASKED, sayFirstPlan } from "./first-preview";
import type { WithoutKey } from "./held-key";
import { withKey, withoutKey } from "./held-key";
import type { Made, UsersAndRolesInputs } from "./inputs";
import { madeBy, toConnection, toDeclaration, toFoundInputs } from "./inputs";
import { takenText } from "./inventory";
import { say, warn } from "./messages";
import type { Report } from "./operations";
import { apply, missingSteps, passwordWarnings, readState, remove, undeclaredWarnings, withClient } from "./operations";
import { stepText } from "./plan";
import { versionWarnings } from "./versions";

/** What the state holds: the administrator's key is among the outputs only. */
type Inputs = WithoutKey<UsersAndRolesInputs>;
type State = UsersAndRolesInputs & { made: Made };

/** All users, roles and authentication in one resource: changes must not race, and the credentials are held once. */
export const usersAndRoles = {
  async check(olds: Partial<Inputs>, { dryRun, ...inputs }: UsersAndRolesInputs & { dryRun?: DryRun & Refusal }) {
    if (dryRun && olds.endpoints === undefined) await sayFirstPlan(inputs, known(dryRun));
    return { inputs: withoutKey(inputs), failures: dryRun ? refusals(known(dryRun)) : [] };
  },
  async diff(_id: string, olds: State, news: Inputs) {
    const { made, ...before } = olds;
    const isSame = isDeepStrictEqual(defined(withoutKey(before)), defined(news));
    // An inventory that changes, too, is known only after its update; until then the last one serves.
    const next = isWhollyKnown(news.adopted) ? news : { ...news, adopted: olds.adopted };
    const canAsk = isWhollyKnown(next);
    if (!canAsk) say([NOT_ASKED]);
    const lines = canAsk ? await driftLines(withKey(next, olds), made) : [];
    say(lines, isSame ? ["etcd differs from the declaration:"] : []);
    // Without an answer the engine compares the inputs itself, and shows each changed line and no other.
    return isSame ? { changes: lines.length > 0 } : {};
  },
  async create(inputs: Inputs) {
    return { id: "users-and-roles", outs: await applied("users-and-roles", withKey(inputs)) };
  },
  async update(id: string, olds: State, news: Inputs) {
    return { outs: await applied(id, withKey(news, olds), olds.made) };
  },
  async read(id: string, props: State) {
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
    const now = (await unlessGone(inputs, () => withClient(toConnection(inputs, process.env), read))) ?? inputs;
    return { id, props: { ...now, made }, inputs: withoutKey(now) };
  },
  async delete(_id: string, props: State) {
    const connection = toConnection(props, process.env);
    const names = { users: new Set(props.made.users), roles: new Set(props.made.roles) };
    const remover = (client: EtcdClient) =>
      remove(client, connection, names, props.made.authentication ? false : undefined);
    const report = await unlessGone(props, () => withClient(connection, remover));
    if (report) say([report.summary]);
  },
};

interface Refusal {
  adoptExisting: boolean;
}

const known = <Value extends object>(value: Value): Partial<Value> =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => isWhollyKnown(item))) as Partial<Value>;

// What the inventory would refuse in the update, which has then made other resources.
const refusals = ({ found = [], adoptExisting }: Partial<DryRun & Refusal>) =>
  found.length > 0 && !adoptExisting ? [{ property: "components", reason: takenText(found) }] : [];

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
  say([report.summary]);
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

// The host of dynamic providers adds its own text to all that it hands over, and undefined does not survive the way.
const defined = (props: object): object => {
  const { __provider, ...rest } = JSON.parse(JSON.stringify(props)) as { __provider?: string };
  void __provider;
  return rest;
};
