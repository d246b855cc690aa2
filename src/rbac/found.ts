import type { EtcdClient } from "./client";
import type { DeclaredLogins } from "./logins";
import type { AuthState, DesiredState, Names } from "./plan";
import { isBridge, ROOT } from "./steps";
import type { Step } from "./steps";

/** What is declared, and which of it is whose. */
export interface Declaration {
  desired: DesiredState;
  /** The names that this declaration made or took over: they go when it no longer names them. */
  made: Names;
  /** Whether names that are not declared go, too. */
  removeUndeclared: boolean;
  /** The names that were there before: their users may have a password. */
  adopted: Names;
  logins: DeclaredLogins;
}

/** What etcd holds: all users, the declared roles with their permissions, and the names of the roles beside them. */
export interface Found {
  state: AuthState;
  otherRoles: string[];
}

/** Reads everything that the declaration is about, but for what is known already. */
export async function readState(
  client: EtcdClient,
  declaredRoles: Iterable<string>,
  known: Pick<AuthState, "users" | "roles"> = { users: new Map(), roles: new Map() },
): Promise<Found> {
  const wanted = new Set(declaredRoles);
  const authentication = await client.authentication();
  const names = await client.roles();
  const own = names.filter((name) => wanted.has(name) || isBridge(name));
  const roles = await inBatches(own, async (name) =>
    name === ROOT ? [] : (known.roles.get(name) ?? (await client.permissionsOf(name))),
  );
  const users = await inBatches(
    await client.users(),
    async (name) => known.users.get(name) ?? (await client.rolesOf(name)),
  );
  return { state: { roles, users, authentication }, otherRoles: names.filter((name) => !own.includes(name)) };
}

/** What the calls have not touched. */
export function untouched({ state }: Found, steps: Step[]): Pick<AuthState, "users" | "roles"> {
  const names = (kind: "user" | "role") =>
    new Set(steps.flatMap((step) => (kind in step ? (step as Record<typeof kind, string>)[kind] : [])));
  const without = <T>(all: Map<string, T>, touched: Set<string>) =>
    new Map([...all].filter(([name]) => !touched.has(name)));
  const [users, roles] = [names("user"), names("role")];
  // A role that is deleted leaves its users, too.
  const deleted = new Set(steps.flatMap((step) => (step.call === "roleDelete" ? step.role : [])));
  for (const [user, held] of state.users) if (held.some((role) => deleted.has(role))) users.add(user);
  return { users: without(state.users, users), roles: without(state.roles, roles) };
}

// Reads do not race each other, and etcd answers many in the time of one: what counts on a long line are round trips.
const BATCH = 64;

/** Reads something of each name, several at a time. */
export async function inBatches<T>(names: string[], read: (name: string) => Promise<T>): Promise<Map<string, T>> {
  const all = new Map<string, T>();
  for (let start = 0; start < names.length; start += BATCH) {
    const batch = names.slice(start, start + BATCH);
    const answers = await Promise.all(batch.map(read));
    batch.forEach((name, i) => all.set(name, answers[i]!));
  }
  return all;
}
