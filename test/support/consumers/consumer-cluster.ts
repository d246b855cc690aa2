import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ComponentArgs, Login } from "../../../src/args";
import { passwordLogins, withPresets } from "../../../src/rbac/declared";
import { noLogins } from "../../../src/rbac/logins";
import { DEFAULT_ETCD_VERSION } from "../etcd-binaries";
import { applyTo, declare, type RbacCluster, startRbacCluster } from "../rbac/rbac-cluster";

/** The paths of a consumer's files. */
export interface ConsumerFiles {
  ca: string;
  cert: string;
  key: string;
}

export interface ConsumerCluster extends RbacCluster {
  /** Where consumers put what they write. */
  directory: string;
  endpoint: string;
  port: string;
  files: Record<string, ConsumerFiles>;
  /** How many requests etcd has refused for want of a permission so far, by their name. */
  refusals(): Promise<Record<string, number>>;
}

/** A member with authentication on, and the users with their files. */
export async function startConsumerCluster(users: Record<string, ComponentArgs>): Promise<ConsumerCluster> {
  const etcd = await startRbacCluster(DEFAULT_ETCD_VERSION);
  const directory = mkdtempSync(join(tmpdir(), "etcd-consumer-"));
  await makeUsers(etcd, users);
  const files: Record<string, ConsumerFiles> = {};
  for (const [name, { login }] of Object.entries(users)) {
    // The HTTP gateway refuses a certificate with a common name once authentication is on.
    const pair = await etcd.client(login === Login.Password ? "" : name);
    const write = (extension: string, content: string) => {
      const path = join(directory, `${name}.${extension}`);
      writeFileSync(path, content, { mode: 0o600 });
      return path;
    };
    files[name] = {
      ca: write("ca.crt", etcd.ca.certPem),
      cert: write("crt", pair.certPem),
      key: write("key", pair.privateKeyPem),
    };
  }
  const endpoint = etcd.cluster.endpoints[0]!;
  return {
    ...etcd,
    directory,
    endpoint,
    port: new URL(endpoint).port,
    files,
    refusals: () => refusals(etcd),
    stop: async () => {
      await etcd.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function makeUsers({ connection }: RbacCluster, users: Record<string, ComponentArgs>): Promise<void> {
  const passwords = new Map(Object.entries(passwordLogins(users).passwords as Record<string, string>));
  const logins = { ...noLogins, passwords };
  await applyTo(connection, declare(withPresets({ root: {}, ...users }), {}, { logins }));
}

async function refusals(etcd: RbacCluster): Promise<Record<string, number>> {
  const metrics = await get(etcd, "/metrics");
  const lines = metrics.matchAll(/^grpc_server_handled_total\{(.*)\} (\d+)$/gm);
  const refused = [...lines].flatMap(([, labels = "", count]) => {
    if (!labels.includes('grpc_code="PermissionDenied"') || count === "0") return [];
    return [[/grpc_method="(\w+)"/.exec(labels)![1]!, Number(count)] as const];
  });
  return Object.fromEntries(refused);
}

function get({ cluster, ca, root }: RbacCluster, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { ca: ca.certPem, cert: root.certPem, key: root.privateKeyPem, agent: false };
    request(`${cluster.endpoints[0]}${path}`, options, (response) => {
      let text = "";
      response.on("data", (part) => (text += part)).on("end", () => resolve(text));
    })
      .on("error", reject)
      .end();
  });
}
