import assert from "node:assert/strict";
import { request } from "node:https";
import { join } from "node:path";
import { EtcdPermissionDeniedError, type Etcd3 } from "etcd3";
import { after, before, describe, it } from "mocha";
import { apisix, calico, kubernetes, operations, patroni, traefik } from "../../src/presets";
import { TESTED_ETCD_VERSIONS } from "../support/etcd-binaries";
import type { KeyPair } from "../support/issue-certificates";
import { requireEtcd } from "../support/require-etcd";
import { addedByNewest, documented, needed, newestVersion, parseRow } from "../unit/presets/documented";
import { startPresetCluster, type PresetCluster } from "./presets-cluster";
import { allowedOf, create, isAllowed, readRequests, writeRequests } from "./presets-requests";

/** A user for each preset, and the rows of the documents that it must hold to. */
const rowsOf: Record<string, string[]> = {
  ...documented,
  ...Object.fromEntries(Object.entries(addedByNewest).map(([name, added]) => [`${name}-newest`, needed(name, added)])),
  // One certificate for all of Calico's programs on a Kubernetes node, as in its own manifest.
  "calico-manifest": ["node", "cni", "kubeControllers"].flatMap((name) => needed(name, addedByNewest[name]!)),
  "kube-apiserver": ["RW /registry/"],
  k3s: ["RW /registry/", "R /bootstrap", "RW /bootstrap/"],
  coredns: ["R /skydns/"],
  "coredns-writer": ["RW /skydns/"],
  patroni: ["RW /service/"],
  traefik: ["R traefik"],
  "apisix-control-plane": ["R /apisix", "RW /apisix/"],
  "apisix-data-plane": ["R /apisix"],
};

const version = newestVersion;

const users = {
  ...Object.fromEntries(Object.entries(calico).map(([name, preset]) => [name, { permissions: preset() }])),
  ...Object.fromEntries(
    (Object.keys(addedByNewest) as (keyof typeof calico)[]).map((name) => [
      `${name}-newest`,
      { permissions: calico[name]({ version }) },
    ]),
  ),
  "calico-manifest": {
    permissions: [...calico.node({ version }), ...calico.cni({ version }), ...calico.kubeControllers({ version })],
  },
  "kube-apiserver": { permissions: kubernetes.apiServer() },
  "kube-apiserver-root": kubernetes.apiServerWithRoot(),
  k3s: { permissions: kubernetes.k3s() },
  coredns: { permissions: kubernetes.coreDns() },
  "coredns-writer": { permissions: kubernetes.coreDnsWriter() },
  patroni: { permissions: patroni() },
  traefik: { permissions: traefik() },
  "apisix-control-plane": { permissions: apisix.controlPlane() },
  "apisix-data-plane": { permissions: apisix.dataPlane() },
  "health-probe": { permissions: operations.healthProbe() },
  backup: operations.backup(),
  prometheus: operations.prometheus(),
};

/** Every prefix that any preset names, and the neighbours that a range cut wrongly would let in. */
const places = [
  ...new Set(
    Object.values(rowsOf)
      .flat()
      .map((row) => parseRow(row).prefix),
  ),
  ...["/", "/calico2/", "/calico/felix/v10/", "/calico/ipam/v20/", "/registry2/", "/skydns2/"],
  "/calico/resources/v3/projectcalico.orgs/",
];

function documentedFor(rows: string[], place: string): string[] {
  const held = rows.map(parseRow).filter(({ prefix }) => place.startsWith(prefix));
  if (held.length === 0) return [];
  return Object.keys(held.some(({ access }) => access === "RW") ? everyRequest : readRequests);
}

const everyRequest = { ...readRequests, ...writeRequests };

for (const etcdVersion of TESTED_ETCD_VERSIONS) {
  describe(`On etcd ${etcdVersion}`, function () {
    let etcd: PresetCluster;
    const get = (user: string, key: string) => isAllowed(etcd.as(user).kv.range({ key: Buffer.from(key) }));
    const put = (user: string, key: string) =>
      isAllowed(etcd.as(user).kv.put({ key: Buffer.from(key), value: Buffer.from("0") }));

    before(async function () {
      await requireEtcd(this, etcdVersion);
      etcd = await startPresetCluster(etcdVersion, users);
    });
    after(() => etcd?.stop());

    for (const [user, rows] of Object.entries(rowsOf)) {
      it(`${user} may do what its documents say, and nothing else`, async () => {
        const seen = await Promise.all(places.map((place) => allowedOf(everyRequest, etcd.as(user), place)));
        assert.deepEqual(
          places.map((place, i) => [place, seen[i]]),
          places.map((place) => [place, documentedFor(rows, place)]),
        );
      });
    }

    it("Calico 3.29 and later starts, which it does not on the documented tables even where its tiers exist", async () => {
      const tier = "/calico/resources/v3/projectcalico.org/tiers/default";
      await etcd.as("root").kv.put({ key: Buffer.from(tier), value: Buffer.from("value") });
      for (const program of ["node", "kubeControllers", "typha"]) {
        await assert.rejects(create(etcd.as(program), tier), EtcdPermissionDeniedError);
        const { succeeded, responses } = await create(etcd.as(`${program}-newest`), tier);
        assert.equal(succeeded, false);
        assert.equal(responses[0]?.response_range.kvs[0]?.value.toString(), "value");
      }
    });

    it("kube-apiserver may use the key of the compaction and not its neighbours", async () => {
      assert.equal((await create(etcd.as("kube-apiserver"), "compact_rev_key")).succeeded, true);
      assert.equal((await create(etcd.as("kube-apiserver"), "compact_rev_key")).succeeded, false);
      for (const key of ["compact_rev_ke", "compact_rev_key0", "compact_rev_key/a", "/compact_rev_key"]) {
        assert.deepEqual([key, await get("kube-apiserver", key)], [key, false]);
        assert.deepEqual([key, await put("kube-apiserver", key)], [key, false]);
      }
    });

    it("kube-apiserver's health check reads its key", async () => {
      assert.equal(await get("kube-apiserver", "/registry/health"), true);
    });

    it("compaction takes the role root where etcd has closed CVE-2026-33413, and nothing before", async () => {
      const { header } = await etcd.as("root").kv.range({ key: Buffer.from("/") });
      const revision = Number(header.revision);
      const compact = (user: string, at: number) => isAllowed(etcd.as(user).kv.compact({ revision: at }));
      assert.equal(await compact("kube-apiserver", revision - 1), !isPatched(etcd.cluster.binaries.version));
      assert.equal(await compact("kube-apiserver-root", revision), true);
    });

    it("kube-apiserver with root may do everything", async () => {
      assert.deepEqual(
        await allowedOf(everyRequest, etcd.as("kube-apiserver-root"), "/my-app/"),
        Object.keys(everyRequest),
      );
    });

    it("kube-apiserver may ask for etcd's version", async () => {
      const { version: served } = await etcd.as("kube-apiserver").maintenance.status();
      assert.equal(served, etcd.cluster.binaries.version);
    });

    it("a health probe finds the member healthy by a read that is let through, and reads no other key", async () => {
      const { code, stderr } = await etcd.cluster.etcdctl(["endpoint", "health"], etcd.pairs["health-probe"]);
      assert.equal(code, 0, stderr);
      assert.equal(await get("health-probe", "health"), true);
      assert.equal(await put("health-probe", "health"), false);
      assert.equal(await get("health-probe", "health2"), false);
      assert.equal(await isAllowed(alarms(etcd.as("health-probe"))), true);
    });

    it("a backup takes a snapshot, which permissions alone do not allow", async () => {
      const save = (user: string) =>
        etcd.cluster.etcdctl(["snapshot", "save", join(etcd.directory, `${user}.db`)], etcd.pairs[user]);
      const saved = await save("backup");
      assert.equal(saved.code, 0, saved.stderr);
      const refused = await save("kube-apiserver");
      assert.notEqual(refused.code, 0);
      assert.match(refused.stderr, /permission denied/);
    });

    it("Prometheus gets the metrics without a single right, and not without a certificate", async () => {
      assert.match(await metrics(etcd, etcd.pairs.prometheus), /^etcd_server_has_leader 1$/m);
      await assert.rejects(metrics(etcd, undefined), /ECONNRESET|alert|socket hang up/);
      for (const place of places) {
        assert.deepEqual([place, ...(await allowedOf(readRequests, etcd.as("prometheus"), place))], [place]);
      }
    });
  });
}

const alarms = (client: Etcd3) => client.maintenance.alarm({ action: "Get" });

/** From these releases on, compaction takes the role `root` (etcd's CHANGELOG, CVE-2026-33413). */
function isPatched(version: string): boolean {
  const [, minor = 0, patch = 0] = version.split(".").map(Number);
  const first: Record<number, number> = { 4: 42, 5: 28, 6: 9 };
  return patch >= (first[minor] ?? 0);
}

function metrics({ cluster, caPem }: PresetCluster, client: KeyPair | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { ca: caPem, cert: client?.certPem, key: client?.privateKeyPem };
    request(`${cluster.endpoints[0]}/metrics`, options, (response) => {
      let text = "";
      response.on("data", (part) => (text += part)).on("end", () => resolve(text));
    })
      .on("error", reject)
      .end();
  });
}
