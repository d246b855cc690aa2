import { connect } from "node:tls";
import type { Cluster } from "../test/support/etcd-cluster";
import { type KeyPair, testAuthority } from "../test/support/issue-certificates";
import type { Certificate, Outputs } from "./identities";
import { seen } from "./say";

export const EXAMPLE = { component: "my-app", key: "/my-app/greeting", value: "hello" };

const HANDSHAKE_WITHIN_MS = 10_000;

/** A component writes through one member and reads through another. */
export async function showWriteAndRead(cluster: Cluster, outputs: Outputs): Promise<void> {
  const [first = "", second = ""] = cluster.endpoints;
  const client = clientOf(outputs);
  const put = await cluster.etcdctl(["put", EXAMPLE.key, EXAMPLE.value], client, { endpoints: [first] });
  seen(
    `${EXAMPLE.component} writes ${EXAMPLE.key} through ${first}`,
    put.code === 0,
    (put.stdout || put.stderr).trim(),
  );
  await showRead(cluster, outputs, second);
}

/** The component reads what it wrote. */
export async function showRead(cluster: Cluster, outputs: Outputs, endpoint: string): Promise<void> {
  const get = await cluster.etcdctl(["get", EXAMPLE.key], clientOf(outputs), { endpoints: [endpoint] });
  const found = (get.stdout || get.stderr).trim();
  seen(
    `${EXAMPLE.component} reads it through ${endpoint}`,
    found === `${EXAMPLE.key}\n${EXAMPLE.value}`,
    lastLine(found),
  );
}

/** Whoever has no certificate of a port's authority is turned away in the TLS handshake. */
export async function showRefusals({ endpoints: [endpoint = ""], members }: Cluster, outputs: Outputs): Promise<void> {
  const stranger = await (await testAuthority("another-ca")).issue({ commonName: "root" });
  const ca = outputs.caBundlePem;
  seen(
    `A connection as ${EXAMPLE.component}`,
    ...expected("accepted", await handshake(endpoint, ca, clientOf(outputs))),
  );
  seen("With a certificate of another authority's", ...expected("alert", await handshake(endpoint, ca, stranger)));
  seen("Without a certificate", ...expected("alert", await handshake(endpoint, ca)));
  const { peerEndpoint = "" } = members["etcd-1"] ?? {};
  const peerCa = outputs.members["etcd-1"]?.peer.caBundlePem ?? "";
  seen(
    `${EXAMPLE.component} on the peer port, where etcd asks for no permission`,
    ...expected("alert", await handshake(peerEndpoint, peerCa, clientOf(outputs))),
  );
}

const expected = (word: string, found: string) => [found.includes(word), found] as const;

// The server's own words; etcdctl only says that its time ran out.
function handshake(endpoint: string, ca: string, client?: KeyPair): Promise<string> {
  const { hostname, port } = new URL(endpoint);
  const pair = client && { cert: client.certPem, key: client.privateKeyPem };
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), ca, ...pair, ALPNProtocols: ["h2"] });
    const end = (found: string) => (socket.destroy(), resolve(found));
    socket.once("data", () => end("accepted"));
    socket.once("error", (error: Error & { reason?: string }) => end(error.reason ?? error.message));
    socket.setTimeout(HANDSHAKE_WITHIN_MS, () => end("no answer"));
  });
}

const clientOf = ({ components }: Outputs) => components[EXAMPLE.component] as Certificate;

/** What a program said last. */
export const lastLine = (text: string) => text.trim().split("\n").at(-1) ?? "";
