import { rmSync } from "node:fs";
import { join } from "node:path";
import { etcdBinaries, type EtcdBinaries, type EtcdVersion } from "./etcd-binaries";
import { newMember, type Member, type MemberFiles } from "./etcd-member";
import { etcdctl, type EtcdctlOptions } from "./etcdctl";
import type { KeyPair } from "./issue-certificates";
import { freePorts } from "./ports";
import type { Finished } from "./run";

const ATTEMPTS = 3;

export interface ClusterOptions {
  version: EtcdVersion;
  /** A folder for data, certificates, keys (mode 0600) and logs (`<member>.log`); made if missing, never removed. */
  directory: string;
  caBundlePem: string;
  /** One pair for each member, for clients and peers. It must name 127.0.0.1. */
  members: Record<string, KeyPair>;
  /** Further flags of every member, or of each by its name. */
  flags?: string[] | ((member: string) => string[]);
}

export interface Cluster {
  readonly binaries: EtcdBinaries;
  readonly endpoints: string[];
  readonly members: Record<string, Member>;
  /** Runs etcdctl as the holder of `client`, or without a certificate; against all members unless told otherwise. */
  etcdctl(args: string[], client?: KeyPair, options?: Partial<EtcdctlOptions>): Promise<Finished>;
  /** Overwrites a member's files. etcd reads a pair anew for each connection, the CA bundle only when it starts. */
  replaceFiles(name: string, files: MemberFiles): void;
  /** Kills all members; the folder stays. */
  stop(): Promise<void>;
  /** Lets the members run on after this process. */
  release(): void;
}

/**
 * Starts a cluster on free loopback ports, where clients and peers must show a certificate, and waits until every
 * member is healthy. No member outlives this process, unless the cluster is released.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const binaries = await etcdBinaries(options.version);
  for (let attempt = 1; ; attempt++) {
    const cluster = newCluster(options, binaries, await freePorts(2 * Object.keys(options.members).length));
    const members = Object.values(cluster.members);
    try {
      members.forEach((member) => member.start());
      await Promise.all(members.map((member) => member.healthy()));
      return cluster;
    } catch (error) {
      await cluster.stop();
      // Somebody took a port that was free a moment ago.
      if (attempt === ATTEMPTS || !String(error).includes("address already in use")) throw error;
      members.forEach(({ name }) => rmSync(join(options.directory, name), { recursive: true }));
      members.forEach(({ logFile }) => rmSync(logFile));
    }
  }
}

function newCluster(options: ClusterOptions, binaries: EtcdBinaries, ports: number[]): Cluster {
  const { directory, caBundlePem, flags = [] } = options;
  const url = () => `https://127.0.0.1:${ports.pop()}`;
  const urls = Object.keys(options.members).map((name) => ({ name, client: url(), peer: url() }));
  const all = urls.map((own) =>
    newMember(binaries, directory, own, urls, typeof flags === "function" ? flags(own.name) : flags),
  );
  const members = Object.fromEntries(all.map((member) => [member.name, member]));
  all.forEach((member) => member.replaceFiles({ ...options.members[member.name], caBundlePem }));
  const endpoints = all.map(({ endpoint }) => endpoint);
  return {
    binaries,
    endpoints,
    members,
    etcdctl: (args, client, changes) =>
      etcdctl(binaries.etcdctl, join(directory, "clients"), args, { endpoints, caBundlePem, client, ...changes }),
    replaceFiles: (name, files) => members[name]?.replaceFiles(files),
    // Killed, since members that stop one after the other wait for a leader that no longer comes.
    stop: async () => void (await Promise.all(all.map((member) => member.kill()))),
    release: () => all.forEach((member) => member.release()),
  };
}
