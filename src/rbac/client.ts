import { setTimeout as sleep } from "node:timers/promises";
import type { Etcd3 } from "etcd3";
import type { Access } from "../args";
import type { Connection } from "./diagnosis";
import { administratorProblems, connectionProblem } from "./diagnosis";
import { endpointsProblems } from "./endpoints";
import { silenceIpAddressWarning } from "./ip-address-warning";
import type { Permission } from "./permissions";
import type { Step } from "./plan";
import { InterruptedError, inWords, UnreachableError } from "./errors";

/** etcd's auth API on one connection to one member at a time. It never shows what it connects with. */
export interface EtcdClient {
  readonly endpoint: string;
  readonly calls: { reads: number; changes: number };
  users(): Promise<string[]>;
  rolesOf(user: string): Promise<string[]>;
  roles(): Promise<string[]>;
  permissionsOf(role: string): Promise<Permission[]>;
  authentication(): Promise<boolean>;
  version(): Promise<string>;
  /** The members with the URLs that they advertise. */
  members(): Promise<{ name: string; clientURLs: string[]; peerURLs: string[] }[]>;
  /** Whether the user can log in with a password; needs authentication to be on. */
  password(user: string): Promise<"none" | "empty" | "set">;
  change(step: Step): Promise<void>;
  addUserWithPassword(user: string, password: string): Promise<void>;
  close(): void;
}

const DEADLINE_MS = 5000;
/** For how long a cluster that does not answer is asked again: the time of an election or of a start, in milliseconds. */
export const PATIENCE_MS = 15_000;
const AGAIN_MS = 500;
const OLD_REVISION = /revision (in header|of auth store) is old/;
const OLD_REVISION_RETRIES = 50;
const OLD_REVISION_WAIT_MS = 20;
// What etcd3 makes of gRPC's codes for a member or a leader that went away in the middle.
const INTERRUPTIONS = [
  "GRPCUnavailableError",
  "GRPCDeadlineExceededError",
  "GRPCCancelledError",
  "GRPCInternalError",
  "GRPCAbortedError",
  "GRPCResourceExhastedError",
];
// etcd3's own spelling. It sends any other word as "read" without a word.
const TYPES = { read: "Read", write: "Write", readwrite: "Readwrite" } as const;
const ACCESS: Record<string, Access> = { Read: "read", Write: "write", Readwrite: "readwrite" };
const toBytes = (key: string) => Buffer.from(key, "latin1");
const fromBytes = (key: Buffer | string) => Buffer.from(key as Buffer).toString("latin1");

/**
 * Opens a connection as `root` to the first endpoint that answers, and goes on trying for `patienceMs`; with a login it
 * comes as that user instead.
 */
export async function openClient(
  connection: Connection,
  patienceMs = PATIENCE_MS,
  login?: { username: string; password: string },
): Promise<EtcdClient> {
  const problems = [...endpointsProblems(connection.endpoints), ...administratorProblems(connection)];
  if (problems.length > 0) throw new Error(`${problems.join(". ")}.`);
  const end = Date.now() + patienceMs;
  const client = newClient(connection, (endpoint) => connect(endpoint, connection, login));
  for (;;) {
    try {
      await client.authentication();
      return client;
    } catch (error) {
      if (error instanceof InterruptedError && Date.now() < end) {
        await sleep(AGAIN_MS);
        continue;
      }
      client.close();
      throw error instanceof InterruptedError ? await unreachable(connection) : error;
    }
  }
}

async function unreachable(connection: Connection): Promise<UnreachableError> {
  const slow = "it accepts the connection but does not answer in time; has the cluster lost its majority?";
  const causes = await Promise.all(
    connection.endpoints.map(async (one) => `  - ${one}: ${(await connectionProblem(one, connection)) ?? slow}`),
  );
  return new UnreachableError(["No member of etcd can be reached:", ...causes].join("\n"));
}

let loaded: typeof import("etcd3") | undefined;

/** etcd3, loaded only by who uses it. */
function etcd3(): typeof import("etcd3") {
  if (loaded) return loaded;
  silenceIpAddressWarning();
  try {
    return (loaded = require("etcd3") as typeof import("etcd3"));
  } catch (error) {
    if ((error as { code?: string }).code !== "MODULE_NOT_FOUND") throw error;
    throw new Error('EtcdRbac needs the package etcd3, which is not installed: run "npm install etcd3".');
  }
}

function connect(endpoint: string, connection: Connection, auth?: { username: string; password: string }): Etcd3 {
  // One call is one request: etcd3's own retries would hide from us that a change may have been made.
  const once = { execute: (call: () => unknown) => call() } as never;
  return new (etcd3().Etcd3)({
    hosts: endpoint,
    auth,
    credentials: {
      rootCertificate: Buffer.from(connection.caBundlePem),
      privateKey: Buffer.from(connection.privateKeyPem),
      certChain: Buffer.from(connection.certPem),
    },
    // Its own dialTimeout is not used by etcd3, and without a deadline a call waits for ever.
    defaultCallOptions: () => ({ deadline: Date.now() + DEADLINE_MS }),
    faultHandling: { global: once, host: () => once },
  });
}

function newClient(connection: Connection, open: (endpoint: string) => Etcd3): EtcdClient {
  const endpoints = [...connection.endpoints];
  const calls = { reads: 0, changes: 0 };
  let etcd = open(endpoints[0]!);

  const next = () => {
    etcd.close();
    endpoints.push(endpoints.shift()!);
    etcd = open(endpoints[0]!);
  };
  const call = async <T>(request: (etcd: Etcd3) => Promise<T>): Promise<T> => {
    const asked = etcd;
    try {
      return await retried(() => request(asked));
    } catch (error) {
      const { name, message } = error as Error & { constructor: { name: string } };
      const kind = (error as Error).constructor.name;
      if (!INTERRUPTIONS.includes(kind)) throw inWords(error as Error, endpoints[0]!);
      // Several reads may fail at once.
      if (asked === etcd) next();
      throw new InterruptedError(`${name}: ${message}`);
    }
  };
  // A read can be asked again of every member.
  const read = async <T>(request: (etcd: Etcd3) => Promise<T>): Promise<T> => {
    calls.reads++;
    for (let tries = 1; ; tries++) {
      try {
        return await call(request);
      } catch (error) {
        if (!(error instanceof InterruptedError) || tries >= endpoints.length) throw error;
      }
    }
  };
  const change = async (request: (etcd: Etcd3) => Promise<unknown>) => {
    calls.changes++;
    await call(request);
  };
  return {
    get endpoint() {
      return endpoints[0]!;
    },
    calls,
    users: () => read(async ({ auth }) => (await auth.userList()).users),
    rolesOf: (name) => read(async ({ auth }) => (await auth.userGet({ name })).roles),
    roles: () => read(async ({ auth }) => (await auth.roleList()).roles),
    permissionsOf: (role) => read(async ({ auth }) => (await auth.roleGet({ role })).perm.map(fromPermission)),
    authentication: () => read(({ auth }) => isEnabled(auth)),
    version: () => read(async ({ maintenance }) => (await maintenance.status()).version),
    members: () => read(async ({ cluster }) => (await cluster.memberList({ linearizable: true })).members),
    password: (name) => read(({ auth }) => passwordOf(auth, name)),
    change: (step) => change(({ auth }) => perform(auth, step)),
    addUserWithPassword: (name, password) => change(({ auth }) => auth.userAdd({ name, password })),
    close: () => etcd.close(),
  };
}

// Each change of users and roles makes requests that were on their way fail like this; they were not carried out.
async function retried<T>(request: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await request();
    } catch (error) {
      if (!OLD_REVISION.test((error as Error).message) || tries > OLD_REVISION_RETRIES) throw error;
      await sleep(OLD_REVISION_WAIT_MS);
    }
  }
}

const fromPermission = (perm: { permType: unknown; key: Buffer; range_end: Buffer }): Permission => ({
  key: fromBytes(perm.key),
  rangeEnd: fromBytes(perm.range_end),
  access: ACCESS[String(perm.permType)]!,
});

// etcd 3.4 has no AuthStatus, and 3.5 and 3.6 give it to root only; a login is answered by all, for all.
async function isEnabled(auth: Etcd3["auth"]): Promise<boolean> {
  try {
    await auth.authenticate({ name: "root", password: "" });
    return true;
  } catch (error) {
    if (INTERRUPTIONS.includes((error as Error).constructor.name)) throw error;
    return !/authentication is not enabled/.test((error as Error).message);
  }
}

async function passwordOf(auth: Etcd3["auth"], name: string): Promise<"none" | "empty" | "set"> {
  try {
    await auth.authenticate({ name, password: "" });
    return "empty";
  } catch (error) {
    const { message, constructor } = error as Error;
    if (/no password user/.test(message)) return "none";
    if (constructor.name === "EtcdAuthenticationFailedError") return "set";
    throw error;
  }
}

// The raw calls only: etcd3's Role.revoke([...]) grants, and its User.create cannot make a user without a password.
function perform(auth: Etcd3["auth"], step: Step): Promise<unknown> {
  switch (step.call) {
    case "authEnable":
      return auth.authEnable();
    case "authDisable":
      return auth.authDisable();
    case "roleAdd":
      return auth.roleAdd({ name: step.role });
    case "roleDelete":
      return auth.roleDelete({ role: step.role });
    case "userAdd":
      return auth.userAdd({ name: step.user, options: { no_password: true } });
    case "userDelete":
      return auth.userDelete({ name: step.user });
    case "userGrantRole":
      return auth.userGrantRole({ user: step.user, role: step.role });
    case "userRevokeRole":
      return auth.userRevokeRole({ name: step.user, role: step.role });
    case "roleGrantPermission": {
      const { key, rangeEnd, access } = step.permission;
      const perm = { key: toBytes(key), range_end: toBytes(rangeEnd), permType: TYPES[access] };
      return auth.roleGrantPermission({ name: step.role, perm });
    }
    case "roleRevokePermission":
      return auth.roleRevokePermission({
        role: step.role,
        key: toBytes(step.range.key),
        range_end: toBytes(step.range.rangeEnd),
      });
  }
}
