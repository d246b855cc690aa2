import type { Cluster } from "../etcd-cluster";
import type { MemberFiles } from "../etcd-member";
import type { KeyPair } from "../issue-certificates";
import { Traffic, type Figures } from "./traffic";

/** What a client has: its pair, and what it trusts. */
export type ClientFiles = KeyPair & { caBundlePem: string };

/** What an update of the stack gives out. */
export interface Issued {
  caBundlePem: string;
  memberCaBundlePem: string;
  peerCaBundlePem: string;
  members: Record<string, MemberFiles & { serialNumber?: string }>;
  components: Record<string, ClientFiles>;
}

/** Who restarts. */
export type Restart = "members" | "clients";

/** Carries to the running members and clients what an update has issued, and restarts whom it says. */
export interface Rollout {
  /**
   * Writes every file of every member, as `etcd-pki files` would, then restarts in the given order: members one at a time, each
   * healthy before the next; clients one after the other, as they read their files at start only.
   */
  roll(issued: Pick<Issued, "members" | "components">, restarts?: Restart[]): Promise<void>;
  /** How often each member and each client was restarted. */
  readonly restarts: Readonly<Record<string, number>>;
}

/** The whole rollout on a cluster with clients at work. */
export function rollout(cluster: Cluster, traffic: Record<string, Traffic>): Rollout {
  const members = Object.values(cluster.members);
  const names = [...Object.keys(cluster.members), ...Object.keys(traffic)];
  const restarts = Object.fromEntries(names.map((name) => [name, 0]));
  const count = (name: string) => (restarts[name] = (restarts[name] ?? 0) + 1);
  const restart: Record<Restart, (issued: Pick<Issued, "components">) => Promise<void>> = {
    members: async () => {
      for (const member of members) {
        await member.restart();
        count(member.name);
        for (const each of Object.values(traffic)) await each.progress();
      }
    },
    clients: async ({ components }) => {
      for (const [component, each] of Object.entries(traffic)) {
        await each.restart(components[component] as ClientFiles);
        count(component);
      }
    },
  };
  return {
    restarts,
    roll: async (issued, who = []) => {
      for (const member of members) member.replaceFiles(issued.members[member.name] as MemberFiles);
      for (const each of who) await restart[each](issued);
    },
  };
}

/** Starts a writer, a reader and a watcher for each component but root. */
export const startTraffic = ({ endpoints }: Cluster, { components }: Pick<Issued, "components">) =>
  Object.fromEntries(
    clientsIn(components).map((name) => [name, new Traffic(name, endpoints, components[name] as ClientFiles)]),
  );

const clientsIn = (components: Record<string, KeyPair>) => Object.keys(components).filter((name) => name !== "root");

/** Ends them, and says what they met. */
export async function stopTraffic(traffic: Record<string, Traffic>): Promise<Record<string, Figures>> {
  const entries = Object.entries(traffic).map(async ([name, each]) => [name, await each.stop()] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** What a rollout came to, in one line. */
export function inWords(figures: Record<string, Figures>, { restarts }: Pick<Rollout, "restarts">): string {
  const all = Object.values(figures);
  const sum = (of: "requests" | "failed" | "repeated") => all.reduce((total, each) => total + each[of], 0);
  const longest = Math.max(...all.map(({ longestMs }) => longestMs));
  const each = Object.entries(restarts).map(([name, times]) => `${name} ${times}`);
  return (
    `${sum("requests")} requests, ${sum("failed")} failed, ${sum("repeated")} repeated, longest pause ${longest} ms, ` +
    `restarts: ${each.join(", ")}`
  );
}

/** Turns authentication on as `root`, with a role for each other component's own keys. */
export async function enableAuthentication(cluster: Cluster, components: Record<string, KeyPair>): Promise<void> {
  const commands = [
    "user add root --no-password",
    "user grant-role root root",
    ...clientsIn(components).flatMap((name) => [
      `role add ${name}`,
      `role grant-permission ${name} readwrite --prefix /${name}/`,
      `user add ${name} --no-password`,
      `user grant-role ${name} ${name}`,
    ]),
    "auth enable",
  ];
  for (const command of ["role add root", ...commands]) {
    const { code, stderr } = await cluster.etcdctl(command.split(" "), components["root"]);
    // Newer versions have the role from the beginning.
    if (code !== 0 && !stderr.includes("already exists")) throw new Error(`etcdctl ${command}: ${stderr}`);
  }
}
