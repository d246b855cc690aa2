import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ComponentArgs, PermissionArgs } from "../../../src/args";
import { type EtcdClient, NONE } from "../../../src/rbac/client";
import type { Connection } from "../../../src/rbac/diagnosis";
import { type Declaration, readState } from "../../../src/rbac/found";
import { noLogins } from "../../../src/rbac/logins";
import { apply, remove, type Report, withChanges, withClient } from "../../../src/rbac/operations";
import { type AuthState, desiredState } from "../../../src/rbac/plan";
import { type Step } from "../../../src/rbac/steps";
import type { EtcdVersion } from "../etcd-binaries";
import { type Cluster, startCluster } from "../etcd-cluster";
import { type KeyPair, type TestAuthority, testAuthority } from "../issue-certificates";
import type { Finished } from "../run";

export interface RbacCluster {
  cluster: Cluster;
  ca: TestAuthority;
  root: KeyPair;
  connection: Connection;
  client(commonName: string): Promise<KeyPair>;
  /** etcdctl as root, or as somebody else. */
  etcdctl(line: string, as?: KeyPair): Promise<Finished>;
  stop(): Promise<void>;
}

/** A cluster without users, and the certificate of root. */
export async function startRbacCluster(
  version: EtcdVersion,
  count = 1,
  flags: string[] | ((member: string) => string[]) = [],
  authority?: TestAuthority,
): Promise<RbacCluster> {
  const directory = mkdtempSync(join(tmpdir(), "etcd-rbac-"));
  const ca = authority ?? (await testAuthority("test-ca"));
  const names = Array.from({ length: count }, (_, i) => `etcd-${i + 1}`);
  const pairs = await Promise.all(names.map(async (name) => [name, await ca.issue({ commonName: name })] as const));
  const members = Object.fromEntries(pairs);
  const cluster = await startCluster({ version, directory, caBundlePem: ca.certPem, members, flags });
  const client = (commonName: string) => ca.issue({ commonName, hosts: [], usages: ["client"] });
  const root = await client("root");
  return {
    cluster,
    ca,
    root,
    connection: { endpoints: cluster.endpoints, caBundlePem: ca.certPem, ...root },
    client,
    etcdctl: (line, as = root) => cluster.etcdctl(line.split(" "), as),
    stop: async () => {
      await cluster.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const nothing = { users: new Set<string>(), roles: new Set<string>() };

/** The declaration of components and roles, all made by this package. */
export function declare(
  components: Record<string, ComponentArgs>,
  roles: Record<string, PermissionArgs[]> = {},
  changes: Partial<Declaration> = {},
): Declaration {
  const desired = desiredState(components, roles);
  const made = { users: new Set(desired.users.keys()), roles: new Set(desired.roles.keys()) };
  return { desired, made, removeUndeclared: false, adopted: nothing, logins: noLogins, ...changes };
}

/** Applies a declaration; `wrap` may stand between it and the client. */
export function applyTo(
  connection: Connection,
  declaration: Declaration,
  wrap: (client: EtcdClient) => EtcdClient = (client) => client,
): Promise<Report> {
  return withChanges(connection, (client) => apply(wrap(client), connection, declaration), NONE);
}

export const removeFrom = (connection: Connection, { made }: Declaration, authentication: boolean | undefined) =>
  withClient(connection, (client) => remove(client, connection, made, authentication), NONE);

/** Everything that etcd holds of users and the given roles. */
export const heldBy = (connection: Connection, { made }: Declaration): Promise<AuthState> =>
  withClient(connection, async (client) => (await readState(client, made.roles)).state, NONE);

/** A client that runs `before` ahead of each change. */
export const beforeChange =
  (before: (step: Step) => Promise<void> | void) =>
  (client: EtcdClient): EtcdClient =>
    Object.assign(Object.create(client) as EtcdClient, {
      change: async (step: Step, password?: string) => {
        await before(step);
        await client.change(step, password);
      },
    });
