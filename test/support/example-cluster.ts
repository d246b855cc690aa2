import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EtcdBinaries } from "./etcd-binaries";
import { environment } from "./environment";
import { etcdctl } from "./etcdctl";
import type { KeyPair } from "./issue-certificates";
import { untilHealthy } from "./machine-member";
import { freePorts } from "./ports";
import type { RealStack } from "./real-stack";
import { type Finished, run } from "./run";
import { type ServerProcess, startServer } from "./server-process";

/** Members on one machine, each with a loopback address and a folder of its own, which live from what is in that folder. */
export interface ExampleCluster {
  /** By member name: where it listens for clients. */
  endpoints: Record<string, string>;
  /** Runs `etcd-pki files` for the stack: into each member's folder, with the flags that start it. */
  deliver(stack: RealStack): Promise<void>;
  start(member: string, flags?: string[]): void;
  /** Stops the member, starts it with the flags in its folder, and waits until it is healthy. */
  restart(member: string): Promise<void>;
  healthy(member: string): Promise<void>;
  /** Runs etcdctl with the files of that component. */
  etcdctl(args: string[]): Promise<Finished>;
  /** The files of a component; without a name, of that one. */
  files(of?: string): KeyPair & { caBundlePem: string };
  readonly etcdctlPath: string;
  peerUrl(member: string): string;
  stop(): Promise<void>;
}

/** Nothing is started yet. Members are named `etcd-1`, `etcd-2` …; `component` asks for their health. */
export async function exampleCluster(
  binaries: EtcdBinaries,
  directory: string,
  count: number,
  component: string,
): Promise<ExampleCluster> {
  const [clientPort, peerPort] = (await freePorts(2)) as [number, number];
  const members = Array.from({ length: count }, (_, i) => `etcd-${i + 1}`);
  const host = (member: string) => `127.0.0.${members.indexOf(member) + 1}`;
  const home = (identity: string) => join(directory, identity);
  const endpoints = Object.fromEntries(members.map((member) => [member, `https://${host(member)}:${clientPort}`]));
  const servers: Record<string, ServerProcess> = {};
  const read = (...path: string[]) => readFileSync(join(directory, ...path), "utf8");
  const files = (of = component) => ({
    certPem: read(of, `${of}.pem`),
    privateKeyPem: read(of, `${of}-key.pem`),
    caBundlePem: read(of, "ca.pem"),
  });
  const cluster: ExampleCluster = {
    endpoints,
    files,
    etcdctlPath: binaries.etcdctl,
    peerUrl: (member) => `https://${host(member)}:${peerPort}`,
    deliver: async (stack) => {
      const args = ["files", "--stack", "prod", "--directory", home("{identity}"), "--machine-directory"];
      const ports = ["--client-port", `${clientPort}`, "--peer-port", `${peerPort}`];
      const advertise = members.flatMap((member) => ["--advertise", `${member}=${host(member)}`]);
      const { code, stderr } = await run(
        "etcd-pki",
        [...args, home("{identity}"), "--config", "flags", ...ports, ...advertise],
        { cwd: stack.directory, env: stack.environment },
      );
      if (code !== 0) throw new Error(stderr);
    },
    start: (member, flags = read(member, `${member}.flags`).trimEnd().split("\n")) => {
      mkdirSync(home(member), { recursive: true });
      const own = [`--data-dir=${join(home(member), "data")}`, "--heartbeat-interval=200", "--election-timeout=2000"];
      const log = join(directory, `${member}.log`);
      servers[member] = startServer(binaries.etcd, [...flags, ...own], log, environment());
    },
    restart: async (member) => {
      await servers[member]?.stop();
      cluster.start(member);
      await cluster.healthy(member);
    },
    healthy: async (member) => {
      const { caBundlePem, ...client } = files();
      await untilHealthy(endpoints[member]!, client, caBundlePem, servers[member]!);
    },
    etcdctl: (args) => {
      const { caBundlePem, ...client } = files();
      const options = { endpoints: Object.values(endpoints), caBundlePem, client };
      return etcdctl(binaries.etcdctl, join(directory, "clients"), args, options);
    },
    stop: async () => void (await Promise.all(Object.values(servers).map((server) => server.kill()))),
  };
  return cluster;
}
