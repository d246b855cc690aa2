import { setTimeout as sleep } from "node:timers/promises";
import type { Etcd3 } from "etcd3";
import type { LoginAnswer } from "./calls";
import { fromPermission, isEnabled, isInterruption, logIn, perform } from "./calls";
import { connectOnce, logInBy } from "./channel";
import type { ClusterIdentity } from "./cluster";
import { seenCluster } from "./cluster";
import type { Connection } from "./diagnosis";
import { administratorProblems, connectionProblem } from "./diagnosis";
import { endpointsProblems } from "./endpoints";
import { InterruptedError, inWords, isOfLearner, OtherClusterError, UnreachableError } from "./errors";
import { silenceIpAddressWarning } from "./ip-address-warning";
import type { Permission } from "./permissions";
import type { Step } from "./steps";

/** etcd's auth API on one connection to one member at a time. It never shows what it connects with. */
export interface EtcdClient {
  readonly endpoint: string;
  readonly calls: { reads: number; changes: number };
  /** The cluster that answered, with the highest revision that it showed. */
  cluster(): Promise<ClusterIdentity>;
  version(): Promise<string>;
  users(): Promise<string[]>;
  rolesOf(user: string): Promise<string[]>;
  roles(): Promise<string[]>;
  permissionsOf(role: string): Promise<Permission[]>;
  authentication(): Promise<boolean>;
  /** Tries a login, which needs authentication to be on. */
  logIn(user: string, password: string): Promise<LoginAnswer>;
  /** Makes a step's call; the password is for one that sets it. */
  change(step: Step, password?: string): Promise<void>;
  /** The members with the URLs that they advertise. */
  members(): Promise<{ name: string; clientURLs: string[]; peerURLs: string[] }[]>;
  close(): void;
}

/** For how long a cluster that does not answer is asked again, and who hears of it. */
export interface Patience {
  ms: number;
  progress?: (line: string) => void;
}

/** The time of an election. */
export const ELECTION: Patience = { ms: 15_000 };
/** None: a preview must not wait for a cluster that is not up yet. */
export const NONE: Patience = { ms: 0 };

const DEADLINE_MS = 5000;
const AGAIN_MS = 500;
const PROGRESS_MS = 15_000;
const OLD_REVISION = /revision (in header|of auth store) is old/;
const OLD_REVISION_RETRIES = 50;
const OLD_REVISION_WAIT_MS = 20;

/** Who connects by name and password. */
export interface Credentials {
  username: string;
  password: string;
}

/**
 * Opens a connection as `root` to the first endpoint that answers, and goes on trying as long as the patience lasts; with
 * a login it comes as that user instead.
 */
export async function openClient(
  connection: Connection,
  patience = ELECTION,
  login?: Credentials,
): Promise<EtcdClient> {
  const problems = [...endpointsProblems(connection.endpoints), ...administratorProblems(connection)];
  if (problems.length > 0) throw new Error(`${problems.join(". ")}.`);
  const started = Date.now();
  const client = newClient(connection.endpoints, (endpoint) => connect(endpoint, connection, login));
  for (let told = 0; ;) {
    try {
      await client.authentication();
      return client;
    } catch (error) {
      const waited = Date.now() - started;
      if (error instanceof InterruptedError && waited < patience.ms) {
        if (waited - told > PROGRESS_MS) {
          told = waited;
          patience.progress?.(await waiting(connection, patience.ms - waited));
        }
        await sleep(AGAIN_MS);
        continue;
      }
      client.close();
      throw error instanceof InterruptedError ? await unreachable(connection) : error;
    }
  }
}

const slow = "it accepts the connection but does not answer in time; has the cluster lost its majority?";

const causes = (connection: Connection) =>
  Promise.all(
    connection.endpoints.map(async (one) => `  - ${one}: ${(await connectionProblem(one, connection)) ?? slow}`),
  );

const waiting = async (connection: Connection, leftMs: number) =>
  [
    `etcd does not answer yet, and is asked for ${Math.ceil(leftMs / 1000)} s more:`,
    ...(await causes(connection)),
  ].join("\n");

const unreachable = async (connection: Connection) =>
  new UnreachableError(["No member of etcd can be reached:", ...(await causes(connection))].join("\n"));

/** The cluster of one member; undefined: it does not show. */
export async function clusterAt(connection: Connection, endpoint: string): Promise<ClusterIdentity | undefined> {
  const client = newClient([endpoint], () => connect(endpoint, connection));
  try {
    return await client.cluster();
  } catch {
    return undefined;
  } finally {
    client.close();
  }
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

function connect(endpoint: string, connection: Connection, login?: Credentials): Etcd3 {
  // One call is one request: etcd3's own retries would hide from us that a change may have been made.
  const once = { execute: (call: () => unknown) => call() } as never;
  const etcd = new (etcd3().Etcd3)({
    hosts: endpoint,
    auth: login,
    credentials: {
      rootCertificate: Buffer.from(connection.caBundlePem),
      privateKey: Buffer.from(connection.privateKeyPem),
      certChain: Buffer.from(connection.certPem),
    },
    // etcd is on the own network; a proxy of the environment (https_proxy) is for the way out.
    grpcOptions: { "grpc.enable_http_proxy": 0 },
    // Its own dialTimeout is not used by etcd3, and without a deadline a call waits for ever.
    defaultCallOptions: () => ({ deadline: Date.now() + DEADLINE_MS }),
    faultHandling: { global: once, host: () => once },
  });
  connectOnce(etcd, connection);
  if (login) logInBy(etcd, () => connect(endpoint, connection));
  return etcd;
}

function newClient(given: string[], open: (endpoint: string) => Etcd3): EtcdClient {
  const endpoints = [...given];
  const calls = { reads: 0, changes: 0 };
  const cluster = seenCluster();
  let etcd = open(endpoints[0]!);
  // Of the member that is asked now: whether it has shown its cluster, and its version.
  let isKnown = false;
  let version: string | undefined;

  const next = () => {
    etcd.close();
    endpoints.push(endpoints.shift()!);
    etcd = open(endpoints[0]!);
    isKnown = false;
    version = undefined;
  };
  const call = async <T>(request: (etcd: Etcd3) => Promise<T>): Promise<T> => {
    const asked = etcd;
    const endpoint = endpoints[0]!;
    try {
      const answer = await retried(() => request(asked));
      if (cluster.note(answer, endpoint) && asked === etcd) isKnown = true;
      return answer;
    } catch (error) {
      if (error instanceof OtherClusterError) throw error;
      const isOver = isOfLearner(error) ? endpoints.length === 1 : !isInterruption(error);
      if (isOver) throw inWords(error as Error, endpoint);
      // Several reads may fail at once.
      if (asked === etcd) next();
      throw new InterruptedError(`${endpoint}: ${(error as Error).message}`);
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
  const status = async () => (version = (await read(({ maintenance }) => maintenance.status())).version);
  return {
    get endpoint() {
      return endpoints[0]!;
    },
    calls,
    cluster: async () => {
      if (!isKnown) await status();
      return cluster.get()!;
    },
    version: async () => version ?? (await status()),
    users: async () => (await read(({ auth }) => auth.userList())).users,
    rolesOf: async (name) => (await read(({ auth }) => auth.userGet({ name }))).roles,
    roles: async () => (await read(({ auth }) => auth.roleList())).roles,
    permissionsOf: async (role) => (await read(({ auth }) => auth.roleGet({ role }))).perm.map(fromPermission),
    authentication: () => read(({ auth }) => isEnabled(auth)),
    logIn: (name, password) => read(({ auth }) => logIn(auth, name, password)),
    change: async (step, password) => {
      if (!isKnown && cluster.get()) await status();
      calls.changes++;
      await call(({ auth }) => perform(auth, step, password));
    },
    members: async () => (await read(({ cluster: api }) => api.memberList({ linearizable: true }))).members,
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
