import { createRequire } from "node:module";
import { checkServerIdentity, createSecureContext } from "node:tls";
import type { PeerCertificate } from "node:tls";
import type { Etcd3 } from "etcd3";
import type { Connection } from "./diagnosis";

// What etcd3 has no arguments for.

/** What etcd3 keeps of a connection, and shows nobody. */
interface Pool {
  hosts: { channelCredentials: unknown; resetAllServices(): void; close(): void }[];
  authenticator: {
    credentials: unknown;
    getCredentialsFromHost(host: string, name: string, password: string): Promise<string>;
  };
}

const poolOf = (etcd: Etcd3) => (etcd as unknown as { pool: Pool }).pool;

/**
 * Lets a client connect once, and take an intermediate in the CA bundle for enough, as etcd, curl and Java do: an existing
 * authority may be one, and whoever trusts only it must not trust the root above it. Node has that since 20.18; before, the
 * bundle must reach up to a root.
 */
export function connectOnce(etcd: Etcd3, { caBundlePem, certPem, privateKeyPem }: Connection): void {
  // etcd3's own, or its services would not know what they get.
  const { credentials } = createRequire(require.resolve("etcd3"))("@grpc/grpc-js") as typeof import("@grpc/grpc-js");
  const files = { ca: caBundlePem, cert: certPem, key: privateKeyPem };
  const context = createSecureContext({ ...files, allowPartialTrustChain: true });
  const channel = credentials.createFromSecureContext(context, { checkServerIdentity: checkOnce() });
  const { hosts, authenticator } = poolOf(etcd);
  authenticator.credentials = channel;
  for (const host of hosts) {
    host.channelCredentials = channel;
    // etcd3 would connect anew after every answer that it has no name for, such as that of a login.
    host.close = host.resetAllServices.bind(host);
    host.resetAllServices = () => undefined;
  }
}

// gRPC connects again by itself, and sends the next call to whatever cluster then answers. So a second connection is refused,
// which cuts that call off before it is sent.
function checkOnce() {
  let isConnected = false;
  return (host: string, certificate: PeerCertificate): Error | undefined => {
    const problem = checkServerIdentity(host, certificate);
    if (problem) return problem;
    if (isConnected) return new Error("the connection has ended");
    isConnected = true;
    return undefined;
  };
}

/** Lets a client get its token on another one's connection: etcd3's own would go through a proxy of the environment. */
export function logInBy(etcd: Etcd3, open: () => Etcd3): void {
  poolOf(etcd).authenticator.getCredentialsFromHost = async (_host, name, password) => {
    const other = open();
    try {
      return (await other.auth.authenticate({ name, password })).token;
    } finally {
      other.close();
    }
  };
}
