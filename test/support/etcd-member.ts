import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { EtcdBinaries } from "./etcd-binaries";
import type { KeyPair } from "./issue-certificates";
import { startServer, type ServerProcess } from "./server-process";

const HEALTHY_WITHIN_MS = 60_000;

export interface MemberUrls {
  name: string;
  client: string;
  peer: string;
}

/** The files for one port. */
export type PortFiles = Partial<KeyPair> & { caBundlePem?: string };

/** What `replaceFiles` can put in the place of a member's files: those for clients, and those for its peers. */
export type MemberFiles = PortFiles & { peer?: PortFiles };

export interface Member {
  readonly name: string;
  readonly endpoint: string;
  /** Where it listens for its peers. */
  readonly peerEndpoint: string;
  /** The paths of the files that etcd reads; keys have mode 0600. */
  readonly files: Required<PortFiles>;
  readonly logFile: string;
  readonly pid: number | undefined;
  /** Starts the stopped member and returns at once. */
  start(): void;
  /** Waits until the member answers as healthy, for which it needs a quorum. */
  healthy(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Stops, starts, and waits until healthy. */
  restart(): Promise<void>;
  /**
   * Overwrites files; without a pair for its peers it uses one pair on both ports. etcd reads a pair anew for each
   * connection, the CA bundle only when it starts.
   */
  replaceFiles(files: MemberFiles): void;
  /** Lets the member run on after this process. */
  release(): void;
}

/** A member that is not started yet; its data, files and log are in `directory`. */
export function newMember(
  binaries: EtcdBinaries,
  directory: string,
  own: MemberUrls,
  all: MemberUrls[],
  flags: string[],
): Member {
  const home = join(directory, own.name);
  mkdirSync(home, { recursive: true });
  const paths = (kind: string): Required<PortFiles> => ({
    certPem: join(home, `${kind}.crt`),
    privateKeyPem: join(home, `${kind}.key`),
    caBundlePem: join(home, `${kind}-ca.crt`),
  });
  const [files, peerFiles] = [paths("server"), paths("peer")];
  const logFile = join(directory, `${own.name}.log`);
  const args = [...memberFlags(own, all, files, peerFiles, join(home, "data")), ...flags];
  let server: ServerProcess | undefined;
  const member: Member = {
    name: own.name,
    endpoint: own.client,
    peerEndpoint: own.peer,
    files,
    logFile,
    get pid() {
      return server?.pid;
    },
    start: () => void (server = startServer(binaries.etcd, args, logFile)),
    healthy: () => untilHealthy(member, () => server),
    stop: async () => server?.stop(),
    kill: async () => server?.kill(),
    restart: async () => {
      await member.stop();
      member.start();
      await member.healthy();
    },
    replaceFiles: ({ peer, ...clients }) => {
      write(files, clients);
      write(peerFiles, peer ?? clients);
    },
    release: () => server?.release(),
  };
  return member;
}

function write(paths: Required<PortFiles>, replacement: PortFiles): void {
  for (const file of Object.keys(paths) as (keyof PortFiles)[]) {
    const content = replacement[file];
    if (content !== undefined) writeFileSync(paths[file], content, { mode: 0o600 });
  }
}

function memberFlags(
  own: MemberUrls,
  all: MemberUrls[],
  files: Required<PortFiles>,
  peerFiles: Required<PortFiles>,
  dataDir: string,
): string[] {
  const flags = {
    name: own.name,
    "data-dir": dataDir,
    "listen-client-urls": own.client,
    "advertise-client-urls": own.client,
    "listen-peer-urls": own.peer,
    "initial-advertise-peer-urls": own.peer,
    "initial-cluster": all.map(({ name, peer }) => `${name}=${peer}`).join(","),
    "cert-file": files.certPem,
    "key-file": files.privateKeyPem,
    "trusted-ca-file": files.caBundlePem,
    "client-cert-auth": true,
    "peer-cert-file": peerFiles.certPem,
    "peer-key-file": peerFiles.privateKeyPem,
    "peer-trusted-ca-file": peerFiles.caBundlePem,
    "peer-client-cert-auth": true,
  };
  return Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
}

async function untilHealthy(member: Member, server: () => ServerProcess | undefined): Promise<void> {
  const deadline = Date.now() + HEALTHY_WITHIN_MS;
  for (let answer = ""; (answer = await health(member)) !== "healthy"; await delay(100)) {
    const log = () => `The end of its log ${member.logFile}:\n${server()?.logTail()}`;
    if (!server() || server()?.ended) throw new Error(`etcd member ${member.name} is not running. ${log()}`);
    if (Date.now() > deadline) {
      throw new Error(
        `etcd member ${member.name} is not healthy after ${HEALTHY_WITHIN_MS / 1000} s: ${answer}. ${log()}`,
      );
    }
  }
}

// The member's own pair, since it is the one client certificate that is there for certain.
function health({ endpoint, files }: Member): Promise<string> {
  const [cert, key, ca] = [files.certPem, files.privateKeyPem, files.caBundlePem].map((file) => readFileSync(file));
  return new Promise((resolve) => {
    const request = get(`${endpoint}/health`, { cert, key, ca, agent: false, timeout: 5_000 }, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () => resolve(/"health":\s*"true"/.test(body) ? "healthy" : body.trim()));
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 5 s")));
    request.on("error", (error) => resolve(error.message));
  });
}
