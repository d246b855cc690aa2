import { join } from "node:path";
import type { Engine, Project } from "../test/support/engine/engine";
import type { Cluster } from "../test/support/etcd-cluster";
import { lastLine } from "./clients";
import type { Certificate, Outputs } from "./identities";
import { say, seen } from "./say";
import { openStack, summaryOf } from "./stack";

/** For each component: a key of its own, and one that belongs to another. */
const KEYS = [
  { component: "kube-apiserver", own: "/registry/pods/demo", other: "/my-app/greeting" },
  { component: "calico-node", own: "/calico/ipam/v2/host/demo", other: "/registry/pods/demo" },
  { component: "my-app", own: "/my-app/greeting", other: "/calico/ipam/v2/host/demo" },
];
const REVOKED = { role: "my-app", prefix: "/my-app/" };
const BY_HAND = "added-by-hand";

/** Opens the program that declares the users and roles of the components. */
export function openUsersAndRoles(engine: Engine, cluster: Cluster, { caBundlePem, components }: Outputs) {
  const { certPem, privateKeyPem } = components["root"] as Certificate;
  return openStack(engine, join(__dirname, "users-and-roles"), {
    endpoints: JSON.stringify(cluster.endpoints),
    caBundlePem,
    certPem,
    privateKeyPem: { value: privateKeyPem, secret: true },
  });
}

/** Users, roles and permissions are made, and authentication is on. */
export async function createUsersAndRoles(stack: Project, cluster: Cluster, outputs: Outputs): Promise<void> {
  seen("pulumi up", true, summaryOf(await stack.up()));
  const users = await asRoot(cluster, outputs, ["user", "list"]);
  seen(
    "Users in etcd",
    KEYS.every(({ component }) => users.includes(component)),
    users.replaceAll("\n", ", "),
  );
  await showAuthentication(cluster, outputs, "on");
}

/** Each component gets at its own keys and at no other's; who is no user gets at none. */
export async function showWhoMayWhat(cluster: Cluster, { components, members }: Outputs): Promise<void> {
  for (const { component, own, other } of KEYS) {
    const client = components[component];
    const put = await cluster.etcdctl(["put", own, "demo"], client);
    const get = await cluster.etcdctl(["get", own, "--print-value-only"], client);
    seen(
      `${component} writes and reads ${own}`,
      put.code === 0 && get.stdout.trim() === "demo",
      lastLine(put.stdout || put.stderr),
    );
    await showDenied(cluster, component, client, other);
  }
  const [stranger = ""] = Object.keys(members);
  await showDenied(cluster, `${stranger}, of this authority but no user,`, members[stranger], KEYS[0]!.own);
}

/** A permission that was taken away by hand comes back with the next `up`. */
export async function showRepair(stack: Project, cluster: Cluster, outputs: Outputs): Promise<void> {
  const client = outputs.components[REVOKED.role];
  const key = `${REVOKED.prefix}greeting`;
  await asRoot(cluster, outputs, ["role", "revoke-permission", REVOKED.role, "--prefix", REVOKED.prefix]);
  await showDenied(cluster, `After a role revoke-permission by hand, ${REVOKED.role}`, client, key);
  const run = await stack.up();
  const isUpdate = run.steps.some(({ op }) => op === "update");
  seen("pulumi up finds it and sets it right", isUpdate, summaryOf(run));
  const { code, stdout, stderr } = await cluster.etcdctl(["put", key, "hello"], client);
  seen(`${REVOKED.role} writes ${key} again`, code === 0, lastLine(stdout || stderr));
}

/** `destroy` takes away what `up` made, and only that. */
export async function showDestroy(stack: Project, cluster: Cluster, outputs: Outputs): Promise<void> {
  await asRoot(cluster, outputs, ["user", "add", BY_HAND, "--no-password"]);
  say(`   etcdctl user add ${BY_HAND}, by hand`);
  seen("pulumi destroy", true, summaryOf(await stack.destroy()));
  await showAuthentication(cluster, outputs, "off");
  const users = await asRoot(cluster, outputs, ["user", "list"]);
  seen("Users that are left", users === BY_HAND, users.replaceAll("\n", ", "));
}

async function showDenied(cluster: Cluster, who: string, client: Certificate | undefined, key: string): Promise<void> {
  const { code, stdout, stderr } = await cluster.etcdctl(["get", key], client);
  const reason = /permission denied/.exec(stderr)?.[0];
  seen(`${who} may not read ${key}`, code !== 0 && reason !== undefined, reason ?? lastLine(stdout || stderr));
}

async function showAuthentication(cluster: Cluster, outputs: Outputs, wanted: "on" | "off"): Promise<void> {
  const status = await asRoot(cluster, outputs, ["auth", "status"]);
  const found = /Authentication Status: true/.test(status) ? "on" : "off";
  seen("Authentication in etcd", found === wanted, found);
}

async function asRoot(cluster: Cluster, { components }: Outputs, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.etcdctl(args, components["root"]);
  if (code !== 0) throw new Error(`etcdctl ${args.join(" ")} failed: ${stderr.trim()}`);
  return stdout.trim();
}
