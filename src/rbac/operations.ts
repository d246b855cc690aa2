import { setTimeout as sleep } from "node:timers/promises";
import { enableAuthentication, isRecovered } from "./authentication";
import type { EtcdClient } from "./client";
import { openClient, PATIENCE_MS } from "./client";
import { InterruptedError, NoCommonNamesError } from "./errors";
import type { Connection } from "./diagnosis";
import { asksForCertificate } from "./diagnosis";
import type { AuthState, DesiredState, Names } from "./plan";
import type { Step } from "./steps";
import { difference } from "./plan";
import { BRIDGE, GUARD, ROOT, stepText } from "./steps";
import { versionWarnings } from "./versions";

/** What is declared, and which of it is whose. */
export interface Declaration {
  desired: DesiredState;
  /** The names that this declaration made: they go when it no longer names them. */
  made: Names;
  /** Whether names that are not declared go, too. */
  removeUndeclared: boolean;
  /** The names that were there before: their users may have a password. */
  adopted: Names;
}

/** What etcd holds: all users, the declared roles with their permissions, and the names of the roles beside them. */
export interface Found {
  state: AuthState;
  otherRoles: string[];
}

/** What an operation did and has to say. */
export interface Report {
  found: Found;
  summary: string;
  warnings: string[];
}

const RECOVERY_MS = 60_000;
const PASSES = 5;

// Changes of users and roles make each other fail, so this process makes one operation at a time.
let queue: Promise<unknown> = Promise.resolve();

/** Runs an operation on a connection of its own, after those before it. */
export function withClient<T>(
  connection: Connection,
  operation: (client: EtcdClient) => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const run = async () => {
    const client = await openClient(connection, patienceMs);
    try {
      return await operation(client);
    } catch (error) {
      if (error instanceof NoCommonNamesError) await isRecovered(connection);
      throw error;
    } finally {
      client.close();
    }
  };
  const result = queue.then(run, run);
  queue = result.catch(() => undefined);
  return result;
}

/** Reads everything that the declaration is about. */
export async function readState(client: EtcdClient, declaredRoles: Iterable<string>): Promise<Found> {
  const wanted = new Set(declaredRoles);
  const authentication = await client.authentication();
  const names = await client.roles();
  const own = names.filter((name) => wanted.has(name) || name.startsWith(BRIDGE));
  const roles = await inBatches(own, async (name) => (name === ROOT ? [] : client.permissionsOf(name)));
  const users = await inBatches(await client.users(), (name) => client.rolesOf(name));
  return { state: { roles, users, authentication }, otherRoles: names.filter((name) => !own.includes(name)) };
}

// Reads do not race each other, and etcd answers several in the time of one.
const BATCH = 16;

async function inBatches<T>(names: string[], read: (name: string) => Promise<T>): Promise<Map<string, T>> {
  const all = new Map<string, T>();
  for (let start = 0; start < names.length; start += BATCH) {
    const batch = names.slice(start, start + BATCH);
    const answers = await Promise.all(batch.map(read));
    batch.forEach((name, i) => all.set(name, answers[i]!));
  }
  return all;
}

/** The calls that are still missing. */
export function missingSteps({ state, otherRoles }: Found, declaration: Declaration): Step[] {
  const { desired, made, removeUndeclared } = declaration;
  const all = new Map(
    [...state.roles, ...otherRoles.map((name) => [name, []] as const)].map(([name, list]) => [name, [...list]]),
  );
  const removable = (names: Iterable<string>, own: Set<string>) =>
    new Set([...names].filter((name) => own.has(name) || name === GUARD || (removeUndeclared && name !== ROOT)));
  return difference({ ...state, roles: all }, desired, {
    users: removable(state.users.keys(), made.users),
    roles: removable(all.keys(), made.roles),
  });
}

/**
 * Brings etcd to the declaration and reads back until nothing is missing. A call that is cut off by a member or leader
 * that goes away is looked up and, if need be, made again.
 */
export async function apply(client: EtcdClient, connection: Connection, declaration: Declaration): Promise<Report> {
  const started = Date.now();
  const { desired } = declaration;
  const warnings: string[] = [];
  let steps: Step[] = [];
  for (let pass = 1; pass <= PASSES;) {
    try {
      const found = await readState(client, [...desired.roles.keys(), ...declaration.made.roles]);
      steps = missingSteps(found, declaration);
      if (steps.length === 0) {
        warnings.push(...(await versionWarnings(client)), ...undeclaredWarnings(found, declaration));
        warnings.push(...(await passwordWarnings(client, found, declaration.adopted.users)));
        return { found, warnings: [...new Set(warnings)], summary: summary(client, started) };
      }
      refuseLockOut(steps, found.state);
      if (steps.some(({ call }) => call === "authEnable")) await refuseWithoutCommonNames(connection);
      for (const step of steps) {
        if (step.call === "authEnable") warnings.push(...(await enableAuthentication(client, connection)));
        else await client.change(step);
      }
      pass++;
    } catch (error) {
      if (!(error instanceof InterruptedError) || Date.now() - started > RECOVERY_MS) throw error;
      await sleep(500);
    }
  }
  throw new Error(
    ["etcd does not keep what is written, or somebody else changes it:", ...steps.map(stepText)].join("\n"),
  );
}

const summary = ({ endpoint, calls }: EtcdClient, started: number) =>
  `${endpoint}: ${calls.changes} changes, ${calls.reads} reads, ${((Date.now() - started) / 1000).toFixed(1)} s`;

/** Deletes what was made, in the reverse order: authentication first, then users, then roles. */
export async function remove(
  client: EtcdClient,
  connection: Connection,
  made: Names,
  authentication: boolean | undefined,
): Promise<Report> {
  const desired: DesiredState = { roles: new Map(), users: new Map(), authentication };
  return apply(client, connection, {
    desired,
    made,
    removeUndeclared: false,
    adopted: { users: new Set(), roles: new Set() },
  });
}

/** Throws if the calls would lock everybody out: etcd's administrator is one user and one role, both named root. */
export function refuseLockOut(steps: Step[], { authentication }: AuthState): void {
  if (!authentication || steps.some(({ call }) => call === "authDisable")) return;
  const fatal = steps.find(
    (step) =>
      (step.call === "userDelete" && step.user === ROOT) ||
      (step.call === "roleDelete" && step.role === ROOT) ||
      (step.call === "userRevokeRole" && step.user === ROOT && step.role === ROOT),
  );
  if (!fatal) return;
  throw new Error(
    `"${stepText(fatal)}" would lock everybody out while authentication is on. ` +
      `Keep "root: {}" in components, or turn authentication off first (etcdctl auth disable).`,
  );
}

async function refuseWithoutCommonNames({ endpoints, caBundlePem }: Connection): Promise<void> {
  for (const endpoint of endpoints)
    if (!(await asksForCertificate(endpoint, caBundlePem))) throw new NoCommonNamesError(endpoint);
}

/** Tells of users and roles outside the declaration. */
export function undeclaredWarnings({ state, otherRoles }: Found, { desired }: Declaration): string[] {
  const users = [...state.users].filter(([name]) => !desired.users.has(name));
  const roles = [...state.roles.keys(), ...otherRoles].filter((name) => !desired.roles.has(name));
  const rolesText = (held: string[]) => (held.length ? ` (roles ${held.join(", ")})` : "");
  return [
    ...users.map(([name, held]) => `user ${name}${rolesText(held)} is not declared; etcd holds it all the same`),
    ...roles.map((name) => `role ${name} is not declared; etcd holds it all the same`),
  ];
}

/** Tells of users that can log in without their certificate. Only known while authentication is on. */
export async function passwordWarnings(
  client: EtcdClient,
  { state }: Found,
  users: Iterable<string>,
): Promise<string[]> {
  if (!state.authentication) return [];
  const warnings: string[] = [];
  for (const user of users) {
    if (!state.users.has(user)) continue;
    const password = await client.password(user);
    const remedy = `delete it (etcdctl user delete ${user}) and run "pulumi refresh" and "pulumi up": it is made anew without a password`;
    if (password === "empty")
      warnings.push(
        `DANGER: user ${user} has an empty password, so every certificate of the cluster can log in as it; ${remedy}`,
      );
    if (password === "set")
      warnings.push(`DANGER: user ${user} has a password, so its certificate is not the only way in; ${remedy}`);
  }
  return warnings;
}
