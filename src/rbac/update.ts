import { isDeepStrictEqual } from "node:util";
import type { EtcdClient, Patience } from "./client";
import { NONE } from "./client";
import type { ClusterIdentity } from "./cluster";
import { isAnother } from "./cluster";
import { OtherClusterError, UnreachableError } from "./errors";
import { readState } from "./found";
import type { LastUpdate, UsersAndRolesInputs } from "./inputs";
import { madeBy, madeByFailed, toConnection, toDeclaration, toExpected, toFoundInputs } from "./inputs";
import { tryLogins } from "./logins";
import { say, warn } from "./messages";
import { apply, planLines, refuseOtherCluster, remove, withChanges, withClient } from "./operations";
import { withoutTakenOver } from "./taken-over";
import { versionWarnings } from "./versions";
import { passwordWarnings, undeclaredWarnings } from "./warnings";

/** What the state holds of users and roles after an update. */
export type State = UsersAndRolesInputs & LastUpdate;

/** How long an update waits where the declaration says nothing: machines need minutes to boot. */
const WAIT_SECONDS = 300;

/** The patience of an update. */
export const patienceOf = ({ waitSeconds = WAIT_SECONDS }: { waitSeconds?: number }): Patience => ({
  ms: waitSeconds * 1000,
  progress: (line) => say([line]),
});

/** Brings etcd to the declaration, and returns what the state holds from then on. */
export async function updated(id: string, inputs: UsersAndRolesInputs, last?: State): Promise<State> {
  if (last && isOnlyForDelete(inputs, last)) return { ...inputs, made: last.made, cluster: last.cluster };
  const connection = toConnection(inputs);
  const outs = await withChanges(
    connection,
    async (client): Promise<State> => {
      const shown = await refuseOtherCluster(client, toExpected(inputs, last));
      const before = ownBefore(shown, last);
      const declaration = toDeclaration(inputs, before);
      try {
        const { cluster, calls, summary, warnings } = await apply(client, connection, declaration);
        warn(warnings);
        // A first update makes what its preview said, and all of it.
        if (last) say(calls);
        say([summary]);
        return { ...inputs, made: madeBy(inputs, declaration), cluster };
      } catch (error) {
        if (client.calls.changes === 0) throw error;
        // The engine then knows of what was made, and the next update goes on from there.
        const { message } = error as Error;
        const made = madeByFailed(inputs, declaration, before);
        const { logins, passwords } = before ?? {};
        // An undefined property would keep Pulumi's server from answering at all.
        const properties = JSON.parse(JSON.stringify({ ...inputs, logins, passwords, made, cluster: shown })) as object;
        throw Object.assign(error as Error, { id, properties, reasons: [message] });
      }
    },
    patienceOf(inputs),
  );
  return outs;
}

// What was made in another cluster, or is another one's by now, is none of ours.
function ownBefore(shown: ClusterIdentity, last?: State): State | undefined {
  if (!last || isAnother(shown, last.cluster)) return undefined;
  return { ...last, made: withoutTakenOver(shown, last.made) };
}

// The switch for a cluster that is gone must not need the cluster.
function isOnlyForDelete(inputs: UsersAndRolesInputs, last: State): boolean {
  const rest = ({ skipDeleteIfUnreachable, waitSeconds, made, cluster, ...others }: Partial<State>) => {
    void [skipDeleteIfUnreachable, waitSeconds, made, cluster];
    return JSON.parse(JSON.stringify(others)) as object;
  };
  return inputs.skipDeleteIfUnreachable && !last.skipDeleteIfUnreachable && isDeepStrictEqual(rest(inputs), rest(last));
}

/** What an update would do: a line for each call, and what to know of them. None where etcd does not answer. */
export async function driftLines(inputs: UsersAndRolesInputs, last: State): Promise<string[]> {
  if (isOnlyForDelete(inputs, last)) return [];
  const read = async (client: EtcdClient) => {
    const shown = await refuseOtherCluster(client, toExpected(inputs, last));
    const declaration = toDeclaration(inputs, ownBefore(shown, last));
    const { desired, made } = declaration;
    return planLines(await readState(client, [...desired.roles.keys(), ...made.roles]), declaration);
  };
  try {
    return await withClient(toConnection(inputs), read, NONE);
  } catch (error) {
    // The update would refuse it, too, when it has changed other resources. Pulumi prints the stack of what a diff throws.
    if (error instanceof OtherClusterError) throw Object.assign(error, { stack: "" });
    warn([`etcd could not be compared with the declaration: ${(error as Error).message}`]);
    return [];
  }
}

/** What etcd holds of the declaration, as the inputs that would have made it. Where etcd does not answer, what was known. */
export async function refreshed(state: State): Promise<UsersAndRolesInputs> {
  const { made, cluster, ...inputs } = state;
  void cluster;
  const read = async (client: EtcdClient) => {
    await refuseOtherCluster(client, { remembered: state.cluster });
    const declaration = toDeclaration(inputs, state);
    const found = await readState(client, [...declaration.desired.roles.keys(), ...declaration.made.roles]);
    const answers = await tryLogins(client, found.state, declaration.logins);
    warn([
      ...(await versionWarnings(client)),
      ...undeclaredWarnings(found, declaration),
      ...(await passwordWarnings(client, found, declaration.made.users, declaration)),
    ]);
    return toFoundInputs(inputs, found, made, answers);
  };
  try {
    return await withClient(toConnection(inputs, process.env), read);
  } catch (error) {
    warn([`etcd could not be asked, so what was known of its users and roles stays: ${(error as Error).message}`]);
    return inputs;
  }
}

/** Takes back what was made. */
export async function deleted(state: State): Promise<void> {
  const connection = toConnection(state, process.env);
  try {
    const { summary, warnings } = await withChanges(connection, async (client) => {
      const made = withoutTakenOver(await refuseOtherCluster(client, { remembered: state.cluster }), state.made);
      const names = { users: new Set(made.users), roles: new Set(made.roles) };
      return remove(client, connection, names, made.authentication ? false : undefined);
    });
    warn(warnings.filter((line) => line.startsWith("open watches")));
    say([summary]);
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof OtherClusterError)) throw error;
    if (!state.skipDeleteIfUnreachable) throw Object.assign(error, { message: `${error.message}\n${whenGone}` });
    warn([`${error.message}\nThe cluster is taken for gone, since skipDeleteIfUnreachable is set.`]);
  }
}

const whenGone =
  `If the cluster is gone for good, set skipDeleteIfUnreachable: true, run "pulumi up", which does not need etcd for ` +
  `that, and then this again.`;
