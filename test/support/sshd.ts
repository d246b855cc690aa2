import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePorts } from "./ports";
import { run } from "./run";
import { type ServerProcess, startServer } from "./server-process";

const PROGRAM = "/usr/sbin/sshd";

/** Why no ssh server can be started here, if none can. */
export const sshdMissing = () => (existsSync(PROGRAM) ? undefined : "no sshd; apt-get install openssh-server");

/** An ssh server on loopback, which lets in this user with one key. */
export interface Sshd {
  port: number;
  user: string;
  privateKey: string;
  stop(): Promise<void>;
}

export async function startSshd(directory: string): Promise<Sshd> {
  const [port] = (await freePorts(1)) as [number];
  const file = (name: string) => join(directory, name);
  for (const name of ["host", "user"]) {
    const { code, stderr } = await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file(name)]);
    if (code !== 0) throw new Error(stderr);
  }
  const settings = {
    ...{ ListenAddress: "127.0.0.1", Port: port, HostKey: file("host"), AuthorizedKeysFile: file("user.pub") },
    ...{ PidFile: "none", UsePAM: "no", StrictModes: "no", PasswordAuthentication: "no", PermitRootLogin: "yes" },
    // Every file is a connection, and all are opened at once.
    MaxStartups: 200,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
  writeFileSync(file("sshd_config"), lines.join(""));
  // Where its unprivileged half has its root.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const server = startServer(PROGRAM, ["-D", "-e", "-f", file("sshd_config")], file("sshd.log"));
  await untilItListens(port, server);
  const privateKey = readFileSync(file("user"), "utf8");
  return { port, user: userInfo().username, privateKey, stop: () => server.stop() };
}

async function untilItListens(port: number, server: ServerProcess): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (server.ended) break;
    const listens = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => (socket.destroy(), resolve(true)));
      socket.once("error", () => resolve(false));
    });
    if (listens) return;
    await delay(100);
  }
  throw new Error(`sshd does not listen:\n${server.logTail()}`);
}
