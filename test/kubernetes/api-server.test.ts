import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { after, before, describe, it } from "mocha";
import type { ComponentArgs } from "../../src/args";
import { Layout } from "../../src/secrets/args";
import type { MountedFiles } from "../../src/secrets/etcd-secrets";
import { kubernetes } from "../../src/presets/kubernetes";
import { noLogins } from "../../src/rbac/logins";
import { apply, withClient } from "../../src/rbac/operations";
import { desiredState } from "../../src/rbac/plan";
import { standIn } from "../support/engine/stand-in/stand-in";
import { startCluster, type Cluster } from "../support/etcd-cluster";
import type { KeyPair } from "../support/issue-certificates";
import { kubeApiServer, startApiServer, type Answer, type ApiServer } from "../support/kube-apiserver";
import { mountSecret } from "../support/mounted-secret";
import { requireEtcd } from "../support/require-etcd";
import { run } from "../support/run";
import { clientLayouts, serverLayouts, writeSecretsProgram } from "./program";

interface Exported {
  caBundlePem: string;
  members: Record<string, KeyPair>;
  components: Record<string, KeyPair>;
  secrets: Record<
    string,
    { name: string; defaultMode: number; files: MountedFiles; config: Record<string, Record<string, string>> }
  >;
  objects: Record<string, { metadata: { namespace: string }; type: string; data: Record<string, string> }>;
}

const secretsPath = "/api/v1/namespaces/kube-system/secrets";
const allLayouts = Object.values(Layout);
const REFUSAL = /permission denied|PermissionDenied|user name (is empty|not found)/i;
const lines = (log: string, pattern: RegExp) => log.split("\n").filter((line) => pattern.test(line));

describe("A kube-apiserver on an etcd with authentication", () => {
  const directory = mkdtempSync(join(tmpdir(), "etcd-pki-kubernetes-"));
  let pki: Exported;
  let cluster: Cluster;

  before(async function () {
    await requireEtcd(this, "3.6");
    this.timeout(30 * 60_000);
    await kubeApiServer();
    const project = await standIn.open(writeSecretsProgram("kubernetes-api-server"));
    const { outputs } = await project.up();
    await project.dispose();
    pki = Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])) as unknown as Exported;
    const { caBundlePem, members } = pki;
    cluster = await startCluster({ version: "3.6", directory: join(directory, "etcd"), caBundlePem, members });
  });

  after(async () => {
    await cluster?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Users, roles and authentication, as the administrator of the declaration. */
  async function declare(apiServer: Pick<ComponentArgs, "permissions" | "roles">): Promise<void> {
    const components = {
      root: {},
      "kube-apiserver": apiServer,
      compactor: { roles: ["root"] },
      "my-app": { permissions: [myApp] },
    };
    const { endpoints } = cluster;
    const { certPem, privateKeyPem } = pki.components["root"]!;
    const connection = { endpoints, caBundlePem: pki.caBundlePem, certPem, privateKeyPem };
    const none = { users: new Set<string>(), roles: new Set<string>() };
    const desired = desiredState(components);
    const declaration = { desired, made: none, adopted: none, removeUndeclared: false, logins: noLogins };
    await withClient(connection, (client) => apply(client, connection, declaration));
  }
  const myApp = { prefix: "/my-app/", access: "readwrite" as const };

  /** Mounts a Secret that this machine has, and points a program's settings at where it is here. */
  function mounted(name: string, data: Record<string, string>): Record<string, Record<string, string>> {
    const { defaultMode, config, files } = pki.secrets[name]!;
    const at = join(directory, "mounts", name);
    mountSecret(at, data, defaultMode);
    const moved = (path: string) => path.replace(`${dirname(files.cert)}/`, `${at}/`);
    return Object.fromEntries(
      Object.entries(config).map(([program, settings]) => [
        program,
        Object.fromEntries(Object.entries(settings).map(([key, path]) => [key, moved(path)])),
      ]),
    );
  }

  function start(name: string, flags: Record<string, string>): Promise<ApiServer> {
    const pointers = mounted("etcd-client", pki.objects["etcd-client"]!.data)["kube-apiserver"]!;
    return startApiServer({
      directory: join(directory, name),
      etcdEndpoints: cluster.endpoints,
      flags: { ...pointers, "--etcd-count-metric-poll-period": "2s", "--v": "4", ...flags },
    });
  }

  describe("with the role root, so that it compacts", () => {
    let apiServer: ApiServer;
    const made: Record<string, Answer> = {};
    before(async function () {
      this.timeout(150_000);
      await declare(kubernetes.apiServerWithRoot());
      apiServer = await start("with-root", { "--etcd-compaction-interval": "3s" });
      for (const layout of allLayouts) {
        const { metadata, type, data } = pki.objects[layout]!;
        const object = { apiVersion: "v1", kind: "Secret", metadata, type, data };
        made[layout] = await apiServer.request("POST", secretsPath, object);
      }
    });
    after(() => apiServer?.stop());

    for (const layout of allLayouts) {
      it(`takes the Secret of the layout ${layout} and gives it back`, async () => {
        const { metadata, type, data } = pki.objects[layout]!;
        assert.equal(made[layout]?.status, 201, JSON.stringify(made[layout]?.body));
        const { body } = await apiServer.request("GET", `${secretsPath}/${layout}`);
        assert.deepEqual(body.data, data);
        assert.equal(body.type, type);
        assert.deepEqual(body.metadata.labels, (metadata as { labels?: object }).labels);
      });
    }

    it("takes a Secret that is named and labelled after an identity with a colon", async () => {
      const [name] = Object.keys(pki.objects).filter((other) => other.startsWith("system-kube-apiserver-"));
      const { metadata, type, data } = pki.objects[name!]!;
      const { status, body } = await apiServer.request("POST", secretsPath, { metadata, type, data });
      assert.equal(status, 201, JSON.stringify(body));
      assert.equal(pki.secrets["system:kube-apiserver"]!.name, name);
    });

    for (const layout of clientLayouts) {
      it(`hands my-app its login by the mounted layout ${layout}`, async () => {
        const secret = await apiServer.request("GET", `${secretsPath}/${layout}`);
        const env = mounted(layout, secret.body.data)["etcdctl"];
        const etcdctl = (...args: string[]) =>
          run(cluster.binaries.etcdctl, [`--endpoints=${cluster.endpoints[0]}`, ...args], { env });
        assert.equal((await etcdctl("put", `/my-app/${layout}`, "hello")).stdout.trim(), "OK");
        assert.match((await etcdctl("get", "/registry/", "--prefix")).stderr, /permission denied/);
      });
    }

    for (const layout of serverLayouts) {
      it(`hands a member its pair by the mounted layout ${layout}`, async () => {
        const secret = await apiServer.request("GET", `${secretsPath}/${layout}`);
        mounted(layout, secret.body.data);
        const { caBundle, cert, privateKey } = pki.secrets[layout]!.files;
        const read = (path: string) => readFileSync(join(directory, "mounts", layout, basename(path)), "utf8");
        cluster.replaceFiles("etcd-1", { certPem: read(cert), privateKeyPem: read(privateKey) });
        const got = await cluster.etcdctl(["get", "/my-app/"], pki.components["my-app"], {
          caBundlePem: read(caBundle),
        });
        assert.equal(got.code, 0, got.stderr);
      });
    }

    it("refuses what the checks here refuse, too", async () => {
      const post = (metadata: object, rest: object = {}) =>
        apiServer.request("POST", secretsPath, { apiVersion: "v1", kind: "Secret", metadata, ...rest });
      const bad: [object, object?][] = [
        [{ name: "Etcd" }],
        [{ name: "etcd-" }],
        [{ name: "n".repeat(254) }],
        [{ name: "a", labels: { a: "v".repeat(64) } }],
        [{ name: "a", labels: { a: "b c" } }],
        [{ name: "a", labels: { "a/b/c": "x" } }],
        [{ name: "a", annotations: { "a b": "x" } }],
        [{ name: "a", annotations: { a: "x".repeat(262_144) } }],
        [{ name: "a" }, { stringData: { "a/b": "x" } }],
        [{ name: "a" }, { stringData: { "..a": "x" } }],
        [{ name: "a" }, { stringData: { a: "x".repeat(1024 * 1024 + 1) } }],
        [{ name: "a" }, { type: "kubernetes.io/tls", stringData: { "tls.crt": "x" } }],
      ];
      for (const [metadata, rest] of bad) {
        const { status, body } = await post(metadata, rest);
        assert.equal(status, 422, JSON.stringify({ metadata, rest, body }).slice(0, 300));
      }
    });

    it("mounts a key that only its owner reads, and for calico-kube-controllers its group", () => {
      const mode = (layout: Layout) => {
        mounted(layout, pki.objects[layout]!.data);
        return (statSync(join(directory, "mounts", layout, "etcd-key")).mode & 0o777).toString(8);
      };
      assert.equal(mode(Layout.Calico), "400");
      assert.equal(mode(Layout.CalicoKubeControllers), "440");
    });

    it("compacts, and is refused nothing", async function () {
      this.timeout(60_000);
      const compacted = /etcd: compacted rev/;
      while (lines(apiServer.log(), compacted).length === 0) await delay(500);
      assert.deepEqual(lines(apiServer.log(), REFUSAL), []);
    });
  });

  describe("with the narrow preset and compaction switched off", () => {
    let apiServer: ApiServer;
    before(async function () {
      this.timeout(150_000);
      await declare({ permissions: kubernetes.apiServer(), roles: [] });
      apiServer = await start("narrow", { "--etcd-compaction-interval": "0" });
    });
    after(() => apiServer?.stop());

    it("writes, reads, lists and deletes, and is refused nothing while a user of its own compacts", async () => {
      const path = "/api/v1/namespaces/default/configmaps";
      for (const name of ["a", "b"]) {
        const { status } = await apiServer.request("POST", path, { metadata: { name }, data: { name } });
        assert.equal(status, 201);
      }
      assert.equal((await apiServer.request("DELETE", `${path}/a`)).status, 200);
      const { body } = await apiServer.request("GET", path);
      assert.deepEqual(
        body.items
          .map((item: { metadata: { name: string } }) => item.metadata.name)
          .filter((name: string) => name < "c"),
        ["b"],
      );
      await compact();
      assert.equal((await apiServer.request("GET", `${path}/b`)).body.data.name, "b");
      assert.deepEqual(lines(apiServer.log(), REFUSAL), []);
    });
  });

  describe("with the narrow preset, where it wants to compact all the same", () => {
    let apiServer: ApiServer;
    before(async function () {
      this.timeout(150_000);
      apiServer = await start("refused", { "--etcd-compaction-interval": "3s" });
    });
    after(() => apiServer?.stop());

    it("is refused by etcd, which is why the preset's documentation asks to switch it off", async function () {
      this.timeout(60_000);
      while (lines(apiServer.log(), REFUSAL).length === 0) await delay(500);
      assert.match(lines(apiServer.log(), REFUSAL)[0] ?? "", /KV\/Compact/);
    });
  });

  async function compact(): Promise<void> {
    const compactor = pki.components["compactor"];
    const status = await cluster.etcdctl(["endpoint", "status", "--write-out=json"], compactor);
    const [{ Status }] = JSON.parse(status.stdout) as [{ Status: { header: { revision: number } } }];
    const compacted = await cluster.etcdctl(["compact", String(Status.header.revision)], compactor);
    assert.equal(compacted.code, 0, compacted.stderr);
  }
});
