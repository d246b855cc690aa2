import type { Cluster } from "../etcd-cluster";
import type { KeyPair } from "../issue-certificates";
import { Traffic, type Figures } from "./traffic";

/** What an update of the stack gives out. */
export interface Issued {
  caBundlePem: string;
  members: Record<string, KeyPair & { serialNumber: string }>;
  components: Record<string, KeyPair>;
}

/** Carries to the running members and clients what an update has issued, and nothing that it does not announce. */
export interface Rollout {
  /** The bundle: members one at a time, each healthy before the next, then the clients. */
  bundle(issued: Issued): Promise<void>;
  /** Certificates and keys: no member restarts; the clients read theirs at start. */
  leaves(issued: Issued): Promise<void>;
}

/** The components whose clients are at work. */
export const COMPONENTS = ["app-1", "app-2"];

/** The whole rollout on a cluster with clients at work. */
export function rollout(cluster: Cluster, traffic: Record<string, Traffic>, first: Issued): Rollout {
  // What the clients hold: they restart with a new bundle or a new pair, never with what was not rolled out.
  let held = first;
  const restartClients = async (now: Issued) => {
    held = now;
    for (const component of COMPONENTS)
      await traffic[component]?.restart(held.caBundlePem, held.components[component] as KeyPair);
  };
  return {
    bundle: async (issued) => {
      for (const member of Object.values(cluster.members)) {
        member.replaceFiles({ caBundlePem: issued.caBundlePem });
        await member.restart();
        for (const component of COMPONENTS) await traffic[component]?.progress();
      }
      await restartClients({ ...held, caBundlePem: issued.caBundlePem });
    },
    leaves: async (issued) => {
      for (const { name, replaceFiles } of Object.values(cluster.members)) {
        const { certPem, privateKeyPem } = issued.members[name] as KeyPair;
        replaceFiles({ certPem, privateKeyPem });
      }
      await restartClients({ ...held, components: issued.components });
    },
  };
}

/** Starts a writer, a reader and a watcher for each component. */
export const startTraffic = (cluster: Cluster, { caBundlePem, components }: Issued): Record<string, Traffic> =>
  Object.fromEntries(
    COMPONENTS.map((name) => [name, new Traffic(name, cluster.endpoints, caBundlePem, components[name] as KeyPair)]),
  );

/** Ends them, and says what they met. */
export async function stopTraffic(traffic: Record<string, Traffic>): Promise<Record<string, Figures>> {
  const entries = Object.entries(traffic).map(async ([name, each]) => [name, await each.stop()] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Turns authentication on, with a role for each component's own keys. */
export async function enableAuthentication(cluster: Cluster, root: KeyPair): Promise<void> {
  const commands = [
    "user add root --no-password",
    "user grant-role root root",
    ...COMPONENTS.flatMap((name) => [
      `role add ${name}`,
      `role grant-permission ${name} readwrite --prefix /${name}/`,
      `user add ${name} --no-password`,
      `user grant-role ${name} ${name}`,
    ]),
    "auth enable",
  ];
  for (const command of ["role add root", ...commands]) {
    const { code, stderr } = await cluster.etcdctl(command.split(" "), root);
    // Newer versions have the role from the beginning.
    if (code !== 0 && !stderr.includes("already exists")) throw new Error(`etcdctl ${command}: ${stderr}`);
  }
}
