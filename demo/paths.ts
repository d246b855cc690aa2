import { join, relative } from "node:path";

const root = join(__dirname, "..");

/** Where the demo puts everything. Git ignores it, and each demo begins with an empty one. */
export const directory = join(root, ".demo");

export const paths = {
  program: join(__dirname, "certificates"),
  state: join(directory, "state"),
  pki: join(directory, "pki"),
  cluster: join(directory, "cluster"),
  proxyLog: join(directory, "grpc-proxy.log"),
  /** Holds the process number of the demo that runs. */
  lock: join(directory, "lock"),
  kept: join(directory, "kept.json"),
  caBundle: join(directory, "pki", "ca.pem"),
  certificate: (file: string) => join(directory, "pki", `${file}.pem`),
  privateKey: (file: string) => join(directory, "pki", `${file}-key.pem`),
};

/** As a reader in the repository's root would type it. */
export const shown = (path: string) => relative(root, path) || ".";
