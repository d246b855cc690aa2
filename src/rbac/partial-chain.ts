import { createRequire } from "node:module";
import { createSecureContext } from "node:tls";
import type { Connection } from "./diagnosis";

/** What etcd3 keeps of a connection, and shows nobody. */
interface Pool {
  hosts: { channelCredentials: unknown }[];
  authenticator: { credentials: unknown };
}

/**
 * Lets a connection take an intermediate in the CA bundle for enough, as etcd, curl and Java do: an existing authority may be
 * one, and whoever trusts only it must not trust the root above it. etcd3 has no argument for that. Node has it since 20.18;
 * before, the bundle must reach up to a root.
 */
export function takePartialChains<Etcd3>(etcd: Etcd3, { caBundlePem, certPem, privateKeyPem }: Connection): Etcd3 {
  // etcd3's own, or its services would not know what they get.
  const { credentials } = createRequire(require.resolve("etcd3"))("@grpc/grpc-js") as typeof import("@grpc/grpc-js");
  const files = { ca: caBundlePem, cert: certPem, key: privateKeyPem };
  const channel = credentials.createFromSecureContext(createSecureContext({ ...files, allowPartialTrustChain: true }));
  const { hosts, authenticator } = (etcd as unknown as { pool: Pool }).pool;
  for (const host of hosts) host.channelCredentials = channel;
  authenticator.credentials = channel;
  return etcd;
}
