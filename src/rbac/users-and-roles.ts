import { isDeepStrictEqual } from "node:util";
import { isWhollyKnown } from "../pulumi";
import type { DryRun } from "./first-preview";
import { NOT_ASKED, sayFirstPlan } from "./first-preview";
import type { WithoutKey } from "./held-key";
import { withKey, withoutKey } from "./held-key";
import type { UsersAndRolesInputs } from "./inputs";
import { declaredNames } from "./inputs";
import { takenText } from "./inventory";
import { say } from "./messages";
import type { State } from "./update";
import { deleted, driftLines, refreshed, updated } from "./update";

/** What the state holds: the administrator's key is among the outputs only. */
type Inputs = WithoutKey<UsersAndRolesInputs>;

// `check` comes before `diff` in the same process, and alone knows whether this is a preview.
let isPreview = true;

/** All users, roles and authentication in one resource: changes must not race, and the credentials are held once. */
export const usersAndRoles = {
  async check(olds: Partial<Inputs>, { noted, dryRun, ...inputs }: UsersAndRolesInputs & Partial<Beside>) {
    isPreview = dryRun !== undefined;
    const failures = notNoted(inputs, noted);
    if (failures.length > 0) return { inputs: withoutKey(inputs), failures };
    if (!dryRun) return { inputs: withoutKey(inputs), failures: [] };
    const isFirst = olds.endpoints === undefined;
    const refused = isFirst ? await sayFirstPlan(inputs, known(dryRun)) : [];
    const reasons = [...refused, ...refusals(known(dryRun))];
    return { inputs: withoutKey(inputs), failures: reasons.map((reason) => ({ property: "", reason })) };
  },
  async diff(_id: string, olds: State, news: Inputs) {
    const isSame = isUnchanged(olds, news);
    // The update reads what etcd holds, and says its calls.
    if (!isSame && !isPreview) return {};
    // An inventory that changes, too, is known only after its update; until then the last one serves.
    const { adopted, inventoryClusterId } = olds;
    const next = isWhollyKnown(news.adopted) ? news : { ...news, adopted, inventoryClusterId };
    const canAsk = isWhollyKnown(next);
    if (!canAsk) say([NOT_ASKED]);
    const lines = canAsk ? await driftLines(withKey(next, olds), olds) : [];
    say(lines, isSame ? ["etcd differs from the declaration:"] : []);
    // Without an answer the engine compares the inputs itself, and shows each changed line and no other.
    return isSame ? { changes: lines.length > 0 } : {};
  },
  async create(inputs: Inputs) {
    return { id: "users-and-roles", outs: await updated("users-and-roles", withKey(inputs)) };
  },
  async update(id: string, olds: State, news: Inputs) {
    return { outs: await updated(id, withKey(news, olds), olds) };
  },
  async read(id: string, props: State) {
    const { made, cluster } = props;
    const now = await refreshed(props);
    return { id, props: { ...now, made, cluster }, inputs: withoutKey(now) };
  },
  async delete(_id: string, props: State) {
    await deleted(props);
  },
};

/** What `check` alone gets. */
export interface Beside {
  /** The names that the inventory has looked for in etcd. */
  noted: Record<string, string>;
  /** In a preview only. */
  dryRun?: DryRun & Refusal;
}

/** Whether names that etcd has already are refused. */
export interface Refusal {
  adoptExisting: boolean;
}

// With --target and --exclude an update may leave the inventory out: it puts out what it noted last, or nothing, and then a
// preview knows no names, either.
function notNoted({ adopted, ...inputs }: UsersAndRolesInputs, noted: Record<string, string> = {}) {
  const known: object = adopted !== undefined && isWhollyKnown(noted) ? noted : {};
  const missing = declaredNames(inputs).filter((name) => !(name in known));
  if (missing.length === 0) return [];
  const reason =
    `the inventory is left out of this update with --target or --exclude, so nobody knows whether etcd has already: ` +
    `${missing.join(", ")}. Nothing was changed. Take the whole EtcdRbac along, or leave all of it out`;
  return [{ property: "", reason }];
}

const known = <Value extends object>(value: Value): Partial<Value> =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => isWhollyKnown(item))) as Partial<Value>;

// What the inventory would refuse in the update, which has then made other resources.
const refusals = ({ found = [], adoptExisting }: Partial<DryRun & Refusal>) =>
  found.length > 0 && !adoptExisting ? [takenText(found)] : [];

function isUnchanged(olds: State, news: Inputs): boolean {
  const { made, cluster, ...before } = olds;
  void [made, cluster];
  return isDeepStrictEqual(defined(withoutKey(before)), defined(news));
}

// The host of dynamic providers adds its own text to all that it hands over, and undefined does not survive the way.
const defined = (props: object): object => {
  const { __provider, ...rest } = JSON.parse(JSON.stringify(props)) as { __provider?: string };
  void __provider;
  return rest;
};
