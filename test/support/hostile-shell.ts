import { join, resolve } from "node:path";
import { type Finished, run } from "./run";

/** What a shell may export that changes how Pulumi, etcd, Kubernetes or Node.js work. */
export const HOSTILE: Record<string, string> = {
  PULUMI_CONFIG_PASSPHRASE: "of the user's own stacks",
  PULUMI_BACKEND_URL: "https://nowhere.invalid",
  PULUMI_HOME: "/nowhere",
  PULUMI_K8S_ENABLE_SECRET_MUTABLE: "false",
  ETCD_NAME: "another",
  ETCDCTL_ENDPOINTS: "https://nowhere.invalid:2379",
  ETCDCTL_CACERT: "/nowhere/ca.pem",
  KUBECONFIG: "/nowhere/config",
  https_proxy: "http://nowhere.invalid:3128",
  HTTPS_PROXY: "http://nowhere.invalid:3128",
  grpc_proxy: "http://nowhere.invalid:3128",
  NODE_OPTIONS: "--throw-deprecation --stack-trace-limit=1",
};

const root = resolve(__dirname, "../..");

/** Runs mocha, with the options and files that are given, as a user would from such a shell. */
export const testFromHostileShell = (...args: string[]): Promise<Finished> =>
  run(process.execPath, [join(root, "node_modules/mocha/bin/mocha.js"), "--exit", ...args], {
    cwd: root,
    env: HOSTILE,
  });
