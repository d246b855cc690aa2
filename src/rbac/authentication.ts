import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isNotEnabled } from "./calls";
import type { Credentials, EtcdClient } from "./client";
import { ELECTION, NONE, openClient } from "./client";
import type { Connection } from "./diagnosis";
import { InterruptedError, NoCommonNamesError, ProofPendingError, UnreachableError } from "./errors";
import type { Step } from "./steps";
import { GUARD, ROOT, switchOn } from "./steps";

const reason = "it guards against a lock-out";
const addition: Step = { call: "userAdd", user: GUARD, hasPassword: true, reason };
const promotion: Step = { call: "userGrantRole", user: GUARD, role: ROOT, reason };
const newLogin: Step = { call: "userChangePassword", user: GUARD, reason };
const removal: Step = { call: "userDelete", user: GUARD, reason };
const off: Step = { call: "authDisable", reason };

/** For how long the guard tries to turn authentication off again: some elections. */
const RESCUE_MS = 30_000;
const AGAIN_MS = 500;

// Made from the administrator's key, so that the next run can still use it after this one was killed, and a person can,
// too, with what every system has; who holds that key is root anyway.
const guardLogin = ({ privateKeyPem }: Connection): Credentials => ({
  username: GUARD,
  password: createHash("sha256").update(`${GUARD}\n${privateKeyPem.trim()}\n`).digest("hex"),
});

const byHand = (endpoint: string) =>
  `PASSWORD=$( (echo ${GUARD}; awk 1 root.key) | sha256sum | cut -c 1-64); ` +
  `etcdctl --endpoints ${endpoint} --cacert ca.crt --cert root.crt --key root.key --user ${GUARD}:$PASSWORD auth disable`;

/**
 * Turns authentication on and proves that the administrator still gets in. A member shows only then whether it takes users
 * from certificates, so a guard with a password stands by to turn authentication off again.
 */
export async function enableAuthentication(client: EtcdClient, connection: Connection): Promise<string[]> {
  await client.change(addition, guardLogin(connection).password);
  await client.change(promotion);
  await client.change(switchOn);
  return proveAuthentication(client, connection);
}

/**
 * Proves of each member that it takes the administrator's certificate for `root`, and takes the guard away once that is proved
 * of all. An earlier run that was cut off may have left the guard: the proof is still to be made then.
 * @returns the members that did not answer, a sentence each: the guard stays for them
 */
export async function proveAuthentication(client: EtcdClient, connection: Connection): Promise<string[]> {
  const answers = await Promise.all(
    connection.endpoints.map(async (endpoint) => ({ endpoint, error: await rootAnswer(connection, endpoint) })),
  );
  const refusals = answers.filter(({ error }) => error instanceof NoCommonNamesError).map(({ error }) => error!);
  if (refusals.length > 0) throw await letOut(connection, refusals.map(({ message }) => message).join(" "));
  const silent = answers.filter(({ error }) => error !== undefined);
  if (silent.length === answers.length)
    throw new ProofPendingError(
      `authentication is on, but no member answered the administrator since. Run "pulumi up" again: it goes on with the ` +
        `proof, and turns authentication off if the administrator is locked out. ${silent[0]!.error!.message}`,
    );
  // The guard may be older than the administrator's key.
  await client.change(silent.length > 0 ? newLogin : removal, guardLogin(connection).password);
  return silent.map(
    ({ endpoint, error }) =>
      `whether ${endpoint} takes users from certificates is not known yet, and the user ${GUARD} stays until it is. Start ` +
      `this member, or take it out of endpoints if it is gone, and run "pulumi up" again. ${error!.message}`,
  );
}

/** What is wrong when the member is asked as root; undefined: nothing. */
async function rootAnswer(connection: Connection, endpoint: string): Promise<Error | undefined> {
  try {
    const client = await openClient({ ...connection, endpoints: [endpoint] }, NONE);
    try {
      await client.users();
    } finally {
      client.close();
    }
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Turns authentication off as the guard, and says how that ended. */
export async function letOut(connection: Connection, why: string): Promise<Error> {
  const outcome = await turnOff(connection);
  if (outcome === "off") return new Error(`authentication is off again. ${why} Then run "pulumi up" again.`);
  if (outcome === "no guard")
    return new Error(
      `authentication is on, and the administrator is locked out: ${why} Or turn it off as another user with the role root.`,
    );
  return new Error(
    `AUTHENTICATION IS ON, AND THE ADMINISTRATOR IS LOCKED OUT. ${why} It could not be turned off again: ` +
      `${outcome.message}\nRun "pulumi up" again, which tries that first. Or turn it off yourself, with the administrator's certificate and ` +
      `key as root.crt and root.key, and caBundlePem as ca.crt:\n${byHand(connection.endpoints[0]!)}`,
  );
}

async function turnOff(connection: Connection): Promise<"off" | "no guard" | Error> {
  const end = Date.now() + RESCUE_MS;
  for (;;) {
    try {
      await once(connection, off, guardLogin(connection));
      break;
    } catch (error) {
      // An earlier try was cut off, but carried out.
      if (isNotEnabled(error)) break;
      if (/invalid user ID or password/.test((error as Error).message)) return "no guard";
      const isOver = !(error instanceof InterruptedError || error instanceof UnreachableError) || Date.now() > end;
      if (isOver) return error as Error;
      await sleep(AGAIN_MS);
    }
  }
  // Not as the guard: with authentication off, etcd 3.4 refuses its token. What stays of it, the next run deletes.
  await once(connection, removal).catch(() => undefined);
  return "off";
}

async function once(connection: Connection, step: Step, login?: Credentials): Promise<void> {
  const client = await openClient(connection, ELECTION, login);
  try {
    await client.change(step);
  } finally {
    client.close();
  }
}
