import type { Cluster } from "../test/support/etcd-cluster";
import { testAuthority } from "../test/support/issue-certificates";
import type { Certificate, Outputs } from "./identities";
import { seen } from "./say";

export const EXAMPLE = { component: "my-app", key: "/my-app/greeting", value: "hello" };

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

/** Whoever has no certificate of this authority's is turned away in the TLS handshake. */
export async function showRefusals(cluster: Cluster): Promise<void> {
  const stranger = await testAuthority("another-ca");
  await Promise.all([
    showRefusal(cluster, "A certificate of another authority's", await stranger.issue({ commonName: "root" })),
    showRefusal(cluster, "No certificate", undefined),
  ]);
}

async function showRefusal(
  cluster: Cluster,
  who: string,
  client: { certPem: string; privateKeyPem: string } | undefined,
): Promise<void> {
  const get = ["get", EXAMPLE.key, "--command-timeout=1s"];
  const { code, stderr } = await cluster.etcdctl(get, client, { endpoints: cluster.endpoints.slice(0, 1) });
  const alert = /tls: [a-z ]+/.exec(stderr)?.[0];
  seen(`${who} is refused`, code !== 0 && alert !== undefined, alert ?? lastLine(stderr));
}

const clientOf = ({ components }: Outputs) => components[EXAMPLE.component] as Certificate;

/** What a program said last. */
export const lastLine = (text: string) => text.trim().split("\n").at(-1) ?? "";
