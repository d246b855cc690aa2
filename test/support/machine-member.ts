import { mkdirSync, writeFileSync } from "node:fs";
import { request as send } from "node:https";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { KeyPair } from "./issue-certificates";
import { startServer, type ServerProcess } from "./server-process";

const HEALTHY_WITHIN_MS = 30_000;

/** What starts a member, in one of the forms of `memberConfig`. */
export type Form = "flags" | "environment" | "etcd.yaml" | "systemd";

/** How a program that was given only this text would start etcd; the folder is for `etcd.yaml`. */
export function startedBy(form: Form, text: string, directory: string): { args: string[]; env: NodeJS.ProcessEnv } {
  const lines = text.trimEnd().split("\n");
  if (form === "flags") return { args: lines, env: {} };
  if (form === "etcd.yaml") {
    const file = join(directory, "etcd.yaml");
    writeFileSync(file, text);
    return { args: [`--config-file=${file}`], env: {} };
  }
  const variables = form === "environment" ? lines : lines.slice(1).map(systemdVariable);
  return { args: [], env: Object.fromEntries(variables.map(split)) };
}

// systemd.syntax(7) and systemd.unit(5), as far as a quoted assignment goes.
const systemdVariable = (line: string) =>
  line.replace(/^Environment="(.*)"$/, (_, quoted: string) => quoted.replace(/\\(.)/g, "$1").replaceAll("%%", "%"));

const split = (line: string) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)];

/** Starts etcd with nothing but what was written. */
export function startMachine(etcd: string, form: Form, text: string, directory: string): ServerProcess {
  const { args, env } = startedBy(form, text, directory);
  return startServer(etcd, args, join(directory, "etcd.log"), env);
}

/** Writes files as a machine would get them. */
export function writeMachine(files: { path: string; mode: string; content: string }[]): void {
  for (const { path, mode, content } of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode: parseInt(mode, 8) });
  }
}

/** What a server answers to a certificate: a status and a body, or the reason why there is none. */
export interface Answer {
  status?: number | undefined;
  body: string;
}

/** Asks over TLS as the holder of `client`: a GET, or a POST of `content`. An answer without an end ends with the status. */
export function ask(url: string, client: KeyPair, caBundlePem: string, content?: string): Promise<Answer> {
  const options = { cert: client.certPem, key: client.privateKeyPem, ca: caBundlePem, agent: false, timeout: 5_000 };
  const method = content === undefined ? "GET" : "POST";
  return new Promise((resolve) => {
    const request = send(url, { ...options, method }, (response) => {
      let body = "";
      const finish = () => resolve({ status: response.statusCode, body });
      response.on("data", (chunk) => (body += chunk));
      response.on("end", finish);
      response.on("error", finish);
    });
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.on("error", (error) => resolve({ body: error.message }));
    request.end(content);
  });
}

/** Waits until a member answers as healthy, for which it needs a quorum. */
export async function untilHealthy(url: string, client: KeyPair, caBundlePem: string, server: ServerProcess) {
  const deadline = Date.now() + HEALTHY_WITHIN_MS;
  for (;;) {
    const { body } = await ask(`${url}/health`, client, caBundlePem);
    if (/"health":\s*"true"/.test(body)) return;
    if (server.ended || Date.now() > deadline) throw new Error(`${url}: ${body}\n${server.logTail()}`);
    await delay(100);
  }
}
