import { createHmac } from "node:crypto";
import type { EtcdClient } from "./client";
import { openClient } from "./client";
import { NoCommonNamesError } from "./errors";
import type { Connection } from "./diagnosis";
import type { Step } from "./steps";
import { GUARD, ROOT } from "./steps";

const reason = "it guards against a lock-out";
const on: Step = { call: "authEnable", reason: "the declaration asks for authentication" };
const off: Step = { call: "authDisable", reason };
const removal: Step = { call: "userDelete", user: GUARD, reason };

// Derived, so that the next run can still use it after this one was killed; who knows the administrator's key is root anyway.
const login = ({ privateKeyPem }: Connection) => ({
  username: GUARD,
  password: createHmac("sha256", privateKeyPem).update(GUARD).digest("base64url"),
});

/**
 * Turns authentication on and proves of each member that it takes the administrator's certificate for `root`. A member
 * shows only then whether it uses common names, so a guard stands by to turn authentication off again.
 */
export async function enableAuthentication(client: EtcdClient, connection: Connection): Promise<string[]> {
  const { password } = login(connection);
  await client.addUserWithPassword(GUARD, password);
  await client.change({ call: "userGrantRole", user: GUARD, role: ROOT, reason });
  await client.change(on);
  const refusals: Error[] = [];
  const warnings: string[] = [];
  for (const endpoint of connection.endpoints) {
    const answer = await rootAnswer({ ...connection, endpoints: [endpoint] });
    if (answer instanceof NoCommonNamesError) refusals.push(answer);
    else if (answer) warnings.push(`whether ${endpoint} takes users from certificates is not known: ${answer.message}`);
  }
  if (refusals.length > 0) {
    await isRecovered(connection);
    throw new Error(
      `authentication stays off. ${refusals.map(({ message }) => message).join(" ")} Then run "pulumi up" again.`,
    );
  }
  await client.change(removal);
  return warnings;
}

/** What is wrong when the member is asked as root; undefined: nothing. */
async function rootAnswer(connection: Connection): Promise<Error | undefined> {
  try {
    const client = await openClient(connection, 0);
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

/** Turns authentication off as the guard, if the guard is there. */
export async function isRecovered(connection: Connection): Promise<boolean> {
  try {
    await once(connection, off, login(connection));
    // Not as the guard: with authentication off, etcd 3.4 refuses its token.
    await once(connection, removal);
    return true;
  } catch {
    return false;
  }
}

async function once(connection: Connection, step: Step, as?: ReturnType<typeof login>): Promise<void> {
  const client = await openClient(connection, 0, as);
  try {
    await client.change(step);
  } finally {
    client.close();
  }
}
