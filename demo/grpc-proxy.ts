import { setTimeout as delay } from "node:timers/promises";
import type { Cluster } from "../test/support/etcd-cluster";
import { freePorts } from "../test/support/ports";
import { startServer } from "../test/support/server-process";
import { EXAMPLE, showRead } from "./clients";
import type { Outputs } from "./identities";
import { paths } from "./paths";
import { seen } from "./say";

/** A grpc-proxy with its two certificates: one to its clients, one without a common name to the members. */
export async function showProxy(cluster: Cluster, outputs: Outputs): Promise<void> {
  const [name = ""] = Object.keys(outputs.proxies);
  const address = `127.0.0.1:${(await freePorts(1))[0]}`;
  const flags = {
    endpoints: cluster.endpoints.join(","),
    "listen-addr": address,
    "cert-file": paths.certificate(name),
    "key-file": paths.privateKey(name),
    "trusted-ca-file": paths.caBundle,
    cert: paths.certificate(`${name}-upstream`),
    key: paths.privateKey(`${name}-upstream`),
    cacert: paths.caBundle,
  };
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const proxy = startServer(cluster.binaries.etcd, ["grpc-proxy", "start", ...args], paths.proxyLog);
  try {
    await untilItListens(cluster, outputs, `https://${address}`);
    seen(`${name} runs between the members and their clients`, !proxy.ended, `https://${address}`);
    await showRead(cluster, outputs, `https://${address}`);
  } catch (error) {
    throw new Error(`${(error as Error).message}\nThe end of the proxy's log:\n${proxy.logTail()}`);
  } finally {
    await proxy.kill();
  }
}

async function untilItListens(cluster: Cluster, outputs: Outputs, endpoint: string): Promise<void> {
  const client = outputs.components[EXAMPLE.component];
  for (let attempt = 0; attempt < 20; attempt++) {
    const { code } = await cluster.etcdctl(["get", "x", "--command-timeout=1s"], client, { endpoints: [endpoint] });
    if (code === 0) return;
    await delay(100);
  }
}
