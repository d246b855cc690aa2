import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { etcdctl } from "../support/etcdctl";
import { type ExampleCluster, exampleCluster } from "../support/example-cluster";
import { type ApiServer, kubeApiServer, startApiServer } from "../support/kube-apiserver";
import { requireKubernetesProvider } from "../support/kubernetes-provider";
import { type RealStack, openRealStackIn } from "../support/real-stack";
import { requireEtcd } from "../support/require-etcd";

const v3 = "/calico/resources/v3/projectcalico.org";
const secretsPath = "/api/v1/namespaces/kube-system/secrets";

/** By Secret: a key that its program writes, and one that it may not. */
const PROGRAMS: Record<string, [string, string]> = {
  "calico-etcd-secrets": [`${v3}/nodes/a`, `${v3}/networkpolicies/a`],
  "calico-cni-etcd-secrets": [`${v3}/workloadendpoints/a`, `${v3}/nodes/a`],
  "calico-kube-controllers-etcd-secrets": [`${v3}/networkpolicies/a`, "/calico/felix/v1/a"],
  "calico-typha-etcd-secrets": [`${v3}/clusterinformations/a`, `${v3}/nodes/a`],
};

/** The same for who has files. */
const PEOPLE: Record<string, [string | undefined, string]> = {
  "calico-support": [undefined, `${v3}/networkpolicies/a`],
  "calico-policy-editor": [`${v3}/networkpolicies/a`, `${v3}/nodes/a`],
  "calico-admin": [`${v3}/nodes/a`, "/calico/felix/v1/a"],
};

describe("examples/calico, on pulumi, a live etcd and a kube-apiserver", function () {
  this.timeout(10 * 60_000);
  const directory = mkdtempSync(join(tmpdir(), "calico-example-"));
  const file = (identity: string, name: string) => join(directory, identity, name);
  let stack: RealStack;
  let cluster: ExampleCluster;
  let apiServer: ApiServer;
  const up = () => stack.run(["up", "--yes", "--skip-preview", "--suppress-outputs"]);

  before(async function () {
    await requireKubernetesProvider(this);
    const binaries = await requireEtcd(this, "3.6");
    this.timeout(30 * 60_000);
    await kubeApiServer();
    stack = await openRealStackIn(resolve(__dirname, "../../examples/calico"));
    cluster = await exampleCluster(binaries, directory, 1, "root");
    await stack.run(["config", "set", "--path", "members.etcd-1.hosts[0]", "127.0.0.1"]);
    await up();
    await cluster.deliver(stack);
    cluster.start("etcd-1");
    await cluster.healthy("etcd-1");

    await stack.run(["config", "set", "--path", "endpoints[0]", cluster.endpoints["etcd-1"]!]);
    await up();
    apiServer = await startApiServer({
      directory: join(directory, "control-plane"),
      etcdEndpoints: Object.values(cluster.endpoints),
      flags: {
        "--etcd-cafile": file("kube-apiserver", "ca.pem"),
        "--etcd-certfile": file("kube-apiserver", "kube-apiserver.pem"),
        "--etcd-keyfile": file("kube-apiserver", "kube-apiserver-key.pem"),
        "--etcd-compaction-interval": "0",
      },
    });
    await stack.run(["config", "set", "--secret", "kubeconfig", apiServer.kubeconfig]);
    await up();
  });
  after(async () => {
    await apiServer?.stop();
    await cluster?.stop();
    stack?.dispose();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Puts a key as the holder of that certificate. */
  const put = (key: string, client: { certPem: string; privateKeyPem: string }) => {
    const { caBundlePem } = cluster.files();
    const endpoints = Object.values(cluster.endpoints);
    return etcdctl(cluster.etcdctlPath, join(directory, "clients"), ["put", key, "1"], {
      endpoints,
      caBundlePem,
      client,
    });
  };

  async function mayAndMayNot(
    client: { certPem: string; privateKeyPem: string },
    may: string | undefined,
    ...not: string[]
  ) {
    if (may !== undefined) {
      const { code, stderr } = await put(may, client);
      assert.equal(code, 0, stderr);
    }
    for (const key of not) assert.match((await put(key, client)).stderr, /permission denied/, key);
  }

  for (const [name, [may, not]] of Object.entries(PROGRAMS)) {
    it(`gives a program its own user by the Secret ${name}`, async () => {
      const { status, body } = await apiServer.request("GET", `${secretsPath}/${name}`);
      assert.equal(status, 200);
      const text = (field: string) => Buffer.from(body.data[field], "base64").toString();
      const client = { certPem: text("etcd-cert"), privateKeyPem: text("etcd-key") };
      await mayAndMayNot(client, may, not, "/registry/a");
    });
  }

  for (const [name, [may, not]] of Object.entries(PEOPLE)) {
    it(`gives ${name} a user of its own by its files`, async () => {
      await mayAndMayNot(cluster.files(name), may, not, "/registry/a");
    });
  }

  it("keeps the API server out of Calico's keys, and refuses it nothing of its own", async () => {
    await mayAndMayNot(cluster.files("kube-apiserver"), "/registry/etcd-pki-test", `${v3}/nodes/a`);
    const refusals = apiServer
      .log()
      .split("\n")
      .filter((line) => /permission ?denied/i.test(line));
    assert.deepEqual(refusals, []);
  });

  it("tells Calico where its etcd is", async () => {
    const { body } = await apiServer.request("GET", "/api/v1/namespaces/kube-system/configmaps/calico-config");
    assert.deepEqual(body.data, {
      etcd_endpoints: cluster.endpoints["etcd-1"],
      etcd_ca: "/calico-secrets/etcd-ca",
      etcd_cert: "/calico-secrets/etcd-cert",
      etcd_key: "/calico-secrets/etcd-key",
    });
  });

  it("changes nothing when it runs again, shows no key, and leaves nothing behind", async () => {
    await stack.run(["preview", "--expect-no-changes"]);
    assert.doesNotMatch(await stack.run(["stack", "export"]), /PRIVATE KEY/);
    await stack.run(["destroy", "--yes", "--skip-preview", "--suppress-outputs"]);
    assert.doesNotMatch(await stack.run(["stack", "export"]), /tls:index/);
    assert.equal((await cluster.etcdctl(["user", "list"])).stdout, "");
    assert.equal((await apiServer.request("GET", `${secretsPath}/calico-etcd-secrets`)).status, 404);
  });
});
