import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KeyPair } from "./issue-certificates";
import { run, type Finished } from "./run";

/** Where and as whom etcdctl connects. */
export interface EtcdctlOptions {
  endpoints: string[];
  /** Whom the client trusts. */
  caBundlePem: string;
  /** Without it the client shows no certificate. */
  client?: KeyPair | undefined;
}

/** Runs etcdctl; the files it needs are put into `directory`. */
export function etcdctl(
  program: string,
  directory: string,
  args: string[],
  options: EtcdctlOptions,
): Promise<Finished> {
  const file = (content: string, extension: string) => writeOnce(directory, content, extension);
  const { endpoints, caBundlePem, client } = options;
  const flags = [`--endpoints=${endpoints.join(",")}`, "--command-timeout=5s", `--cacert=${file(caBundlePem, "crt")}`];
  if (client) flags.push(`--cert=${file(client.certPem, "crt")}`, `--key=${file(client.privateKeyPem, "key")}`);
  return run(program, [...flags, ...args]);
}

// Named by content, so that calls that run side by side do not write over each other's files.
function writeOnce(directory: string, content: string, extension: string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${createHash("sha256").update(content).digest("hex").slice(0, 16)}.${extension}`);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}
