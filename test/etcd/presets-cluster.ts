import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Etcd3 } from "etcd3";
import type { ComponentArgs } from "../../src/args";
import { merged } from "../../src/rbac/coverage";
import { permission } from "../../src/rbac/permissions";
import type { EtcdVersion } from "../support/etcd-binaries";
import { startCluster, type Cluster } from "../support/etcd-cluster";
import { testAuthority, type KeyPair } from "../support/issue-certificates";

type Rights = Pick<ComponentArgs, "permissions" | "roles">;

/** A member with authentication on and a user for each of the given rights. */
export interface PresetCluster {
  cluster: Cluster;
  caPem: string;
  directory: string;
  pairs: Record<string, KeyPair>;
  as(user: string): Etcd3;
  stop(): Promise<void>;
}

export async function startPresetCluster(version: EtcdVersion, users: Record<string, Rights>): Promise<PresetCluster> {
  const directory = mkdtempSync(join(tmpdir(), "etcd-presets-"));
  const ca = await testAuthority("test-ca");
  const members = { "etcd-1": await ca.issue({ commonName: "etcd-1" }) };
  const cluster = await startCluster({ version, directory, caBundlePem: ca.certPem, members });
  const pairs: Record<string, KeyPair> = {};
  for (const commonName of ["root", ...Object.keys(users)]) {
    pairs[commonName] = await ca.issue({ commonName, hosts: [], usages: ["client"] });
  }
  const clients: Record<string, Etcd3> = {};
  const as = (user: string) => (clients[user] ??= connect(cluster.endpoints, ca.certPem, pairs[user]!));
  await turnOn(as("root"), users);
  const stop = async () => {
    Object.values(clients).forEach((client) => client.close());
    await cluster.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { cluster, caPem: ca.certPem, directory, pairs, as, stop };
}

async function turnOn({ auth }: Etcd3, users: Record<string, Rights>): Promise<void> {
  const everybody: Record<string, Rights> = { root: { roles: ["root"] }, ...users };
  for (const [name, { permissions = [], roles = [] }] of Object.entries(everybody)) {
    await auth.userAdd({ name, password: "", options: { no_password: true } });
    await auth.roleAdd({ name });
    for (const { key, rangeEnd, access } of merged(permissions.map(permission))) {
      const permType = ({ read: "Read", write: "Write", readwrite: "Readwrite" } as const)[access];
      const perm = { permType, key: Buffer.from(key, "latin1"), range_end: Buffer.from(rangeEnd, "latin1") };
      await auth.roleGrantPermission({ name, perm });
    }
    for (const role of new Set([name, ...roles])) await auth.userGrantRole({ user: name, role });
  }
  await auth.authEnable();
}

const connect = (hosts: string[], caPem: string, { certPem, privateKeyPem }: KeyPair) =>
  new Etcd3({
    hosts,
    credentials: {
      rootCertificate: Buffer.from(caPem),
      certChain: Buffer.from(certPem),
      privateKey: Buffer.from(privateKeyPem),
    },
    grpcOptions: { "grpc.ssl_target_name_override": "localhost" },
  });
