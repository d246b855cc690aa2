import { setTimeout as sleep } from "node:timers/promises";
import { enableAuthentication, letOut, proveAuthentication } from "./authentication";
import type { EtcdClient } from "./client";
import { clusterAt, ELECTION, openClient } from "./client";
import type { ClusterExpected, ClusterIdentity } from "./cluster";
import { clusterProblem } from "./cluster";
import type { Connection } from "./diagnosis";
import { asksForCertificate } from "./diagnosis";
import { InterruptedError, NoCommonNamesError, OtherClusterError, ProofPendingError } from "./errors";
import type { Declaration, Found } from "./found";
import { readState, untouched } from "./found";
import type { LoginAnswers } from "./logins";
import { loginChanges, loginProblems, noLogins, tryLogins } from "./logins";
import type { AuthState, DesiredState, Names } from "./plan";
import { difference } from "./plan";
import type { Step } from "./steps";
import { GUARD, ROOT, stepText } from "./steps";
import { versionWarnings } from "./versions";
import { passwordWarnings, undeclaredWarnings } from "./warnings";
import { watchNotes } from "./watches";

/** What an operation did and has to say. */
export interface Report {
  found: Found;
  /** The cluster in which it was. */
  cluster: ClusterIdentity;
  /** A line for each call that changed something. */
  calls: string[];
  summary: string;
  warnings: string[];
}

const RECOVERY_MS = 60_000;
const AGAIN_MS = 500;
const PASSES = 5;

// Changes of users and roles make each other fail, so this process makes one operation at a time.
let queue: Promise<unknown> = Promise.resolve();

/** Runs an operation that only reads on a connection of its own, after those before it. */
export function withClient<T>(
  connection: Connection,
  operation: (client: EtcdClient) => Promise<T>,
  patience = ELECTION,
): Promise<T> {
  const run = async () => {
    const client = await openClient(connection, patience);
    try {
      return await operation(client);
    } finally {
      client.close();
    }
  };
  const result = queue.then(run, run);
  queue = result.catch(() => undefined);
  return result;
}

/** The same for an operation that changes etcd: where an earlier one left the administrator locked out, it lets it out. */
export const withChanges = <T>(
  connection: Connection,
  operation: (client: EtcdClient) => Promise<T>,
  patience = ELECTION,
): Promise<T> =>
  withClient(
    connection,
    async (client) => {
      try {
        return await operation(client);
      } catch (error) {
        throw error instanceof NoCommonNamesError ? await letOut(connection, error.message) : error;
      }
    },
    patience,
  );

/** Throws if the cluster that answers is not the expected one. */
export async function refuseOtherCluster(client: EtcdClient, expected: ClusterExpected): Promise<ClusterIdentity> {
  // A member that lags behind shows an older revision at first. A list of users is an answer of the whole cluster.
  if (clusterProblem(await client.cluster(), expected)) await client.users();
  const shown = await client.cluster();
  const problem = clusterProblem(shown, expected);
  if (problem) throw new OtherClusterError(`${problem}.`);
  return shown;
}

async function refuseTwoClusters(client: EtcdClient, connection: Connection): Promise<void> {
  const { id } = await client.cluster();
  const others = connection.endpoints.filter((endpoint) => endpoint !== client.endpoint);
  const ids = await Promise.all(
    others.map(async (endpoint) => ({ endpoint, other: await clusterAt(connection, endpoint) })),
  );
  const strange = ids.filter(({ other }) => other !== undefined && other.id !== id);
  if (strange.length === 0) return;
  const each = strange.map(({ endpoint, other }) => `${endpoint} to the cluster ${other!.id}`).join(", ");
  throw new OtherClusterError(
    `the endpoints lead to several clusters: ${client.endpoint} to the cluster ${id}, ${each}. Nothing was changed. ` +
      `Name the members of one cluster.`,
  );
}

/** The calls that are still missing. */
export function missingSteps({ state, otherRoles }: Found, declaration: Declaration, answers?: LoginAnswers): Step[] {
  const { desired, made, removeUndeclared, logins } = declaration;
  const all = new Map(
    [...state.roles, ...otherRoles.map((name) => [name, []] as const)].map(([name, list]) => [name, [...list]]),
  );
  const removable = (names: Iterable<string>, own: Set<string>) =>
    new Set([...names].filter((name) => own.has(name) || name === GUARD || (removeUndeclared && name !== ROOT)));
  return difference(
    { ...state, roles: all },
    desired,
    { users: removable(state.users.keys(), made.users), roles: removable(all.keys(), made.roles) },
    loginChanges(state, logins, answers),
  );
}

/** What a preview says of an update: each call, and what it does not end. */
export function planLines(found: Found, declaration: Declaration): string[] {
  const steps = missingSteps(found, declaration);
  return [...steps.map(stepText), ...watchNotes(steps, found.state)];
}

/**
 * Brings etcd to the declaration, and reads back what was changed until nothing is missing. A call that is cut off by a
 * member or leader that goes away is looked up and, if need be, made again.
 */
export async function apply(client: EtcdClient, connection: Connection, declaration: Declaration): Promise<Report> {
  const started = Date.now();
  const { desired, made } = declaration;
  const roles = [...desired.roles.keys(), ...made.roles];
  const warnings: string[] = [];
  const calls: string[] = [];
  let known: Pick<AuthState, "users" | "roles"> | undefined;
  let remaining = declaration;
  let pending: ProofPendingError | undefined;
  // Of which members it is not proved yet that they take the administrator in; undefined: the proof is still to be made.
  let unproved: string[] | undefined;
  let steps: Step[] = [];
  for (let pass = 1; pass <= PASSES;) {
    try {
      const found = await readState(client, roles, known);
      // Where authentication is turned off, there is nothing to prove, and the guard goes with it.
      if (found.state.authentication && desired.authentication !== false && found.state.users.has(GUARD)) {
        unproved ??= await proveAuthentication(client, connection);
        found.state.users.delete(GUARD);
        pending = undefined;
      }
      const answers = await tryLogins(client, found.state, declaration.logins);
      const problems = loginProblems(found.state, declaration.logins, answers);
      if (problems.length > 0) throw new Error(`${problems.join(". ")}.`);
      steps = missingSteps(found, remaining, answers);
      if (steps.length === 0) {
        warnings.push(...(await versionWarnings(client)), ...undeclaredWarnings(found, declaration));
        warnings.push(...(await passwordWarnings(client, found, declaration.adopted.users, declaration)));
        const cluster = await client.cluster();
        return {
          found,
          cluster,
          calls,
          warnings: [...new Set([...(unproved ?? []), ...warnings])],
          summary: summary(client, started),
        };
      }
      refuseLockOut(steps, found.state);
      if (client.calls.changes === 0) await refuseTwoClusters(client, connection);
      if (steps.some(({ call }) => call === "authEnable")) await refuseWithoutCommonNames(connection);
      warnings.push(...watchNotes(steps, found.state));
      known = undefined;
      for (const step of steps) {
        if (step.call === "authEnable") unproved = await enableAuthentication(client, connection);
        else await client.change(step, "user" in step ? declaration.logins.passwords.get(step.user) : undefined);
        calls.push(stepText(step));
      }
      known = untouched(found, steps);
      remaining = withoutLogins(remaining, steps);
      pass++;
    } catch (error) {
      if (!(error instanceof InterruptedError)) throw error;
      if (error instanceof ProofPendingError) pending = error;
      if (Date.now() - started > RECOVERY_MS) throw pending ?? error;
      await sleep(AGAIN_MS);
    }
  }
  throw new Error(
    ["etcd does not keep what is written, or somebody else changes it:", ...steps.map(stepText)].join("\n"),
  );
}

/** The declaration without the logins that the calls have set: with authentication off etcd does not show them. */
function withoutLogins(declaration: Declaration, steps: Step[]): Declaration {
  const set = new Set(
    steps.flatMap((step) => (step.call === "userAdd" || step.call === "userChangePassword" ? step.user : [])),
  );
  const without = (names: Set<string>) => new Set([...names].filter((name) => !set.has(name)));
  const { logins } = declaration;
  return { ...declaration, logins: { ...logins, before: without(logins.before), isNew: without(logins.isNew) } };
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
  const nothing = { users: new Set<string>(), roles: new Set<string>() };
  return apply(client, connection, { desired, made, removeUndeclared: false, adopted: nothing, logins: noLogins });
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
  const asks = await Promise.all(endpoints.map((endpoint) => asksForCertificate(endpoint, caBundlePem)));
  const open = endpoints.find((_, i) => asks[i] === false);
  if (open !== undefined) throw new Error(`authentication stays off. ${new NoCommonNamesError(open).message}`);
}
