import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import type { EtcdVersion } from "../support/etcd-binaries";
import { type Cluster, startCluster } from "../support/etcd-cluster";
import { type KeyPair, type TestAuthority, testAuthority } from "../support/issue-certificates";
import { requireEtcd } from "../support/require-etcd";
import { enableAuthentication } from "../support/rotation/rollout";
import { run } from "../support/run";

const main = resolve(__dirname, "../../src/cli/main.ts");
const names = ["etcd-1", "etcd-2", "etcd-3"];

interface Report {
  isReady: boolean;
  gaps: string[];
  members: { member: string; port: string; missing: string[] }[];
  clients: { client: string; isRestarted: boolean }[];
}

for (const version of ["3.4", "3.5", "3.6", "3.7"] as EtcdVersion[])
  describe(`etcd-pki ready, beside a rotation by hand on etcd ${version}`, function () {
    this.timeout(5 * 60_000);
    const directory = mkdtempSync(join(tmpdir(), "ready-"));
    let cluster: Cluster;
    const authorities = {} as Record<"old" | "new", TestAuthority>;
    const app = {} as Record<"old" | "new", KeyPair>;

    before(async function () {
      await requireEtcd(this, version);
      for (const which of ["old", "new"] as const) {
        authorities[which] = await testAuthority(`ca-${which}`);
        app[which] = await authorities[which].issue({ commonName: "app-1", usages: ["client"] });
        // As etcd asks for it on the peer port: no hosts, which it would compare with where the connection comes from.
        write(`probe-${which}`, await authorities[which].issue({ commonName: "", hosts: [], usages: ["client"] }));
        writeFileSync(join(directory, `ca-${which}.pem`), authorities[which].certPem);
      }
      const members = await memberPairs("old");
      cluster = await startCluster({ version, directory, caBundlePem: authorities.old.certPem, members });
      const root = await authorities.old.issue({ commonName: "root" });
      await enableAuthentication(cluster, { root, "app-1": app.old });
    });
    after(async () => {
      await cluster?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    const write = (name: string, { certPem, privateKeyPem }: KeyPair) => {
      writeFileSync(join(directory, `${name}.pem`), certPem);
      writeFileSync(join(directory, `${name}-key.pem`), privateKeyPem);
    };
    const memberPairs = async (which: "old" | "new") =>
      Object.fromEntries(
        await Promise.all(
          names.map(async (name) => [name, await authorities[which].issue({ commonName: name })] as const),
        ),
      );
    const file = (name: string) => join(directory, name);

    async function ready(stage: string, restarted: string[] = ["app-1"], asked = names) {
      const all = asked.map((name) => cluster.members[name]!);
      const { code, stdout, stderr } = await run(process.execPath, [
        ...["--require", "tsx/cjs", main, "ready", "--json", "--for", stage],
        ...["--endpoint", ...all.map(({ endpoint }) => endpoint)],
        ...["--peer-endpoint", ...all.map(({ peerEndpoint }) => peerEndpoint)],
        ...["--ca-file", file("ca-new.pem"), "--cert-file", file("probe-new.pem")],
        ...["--key-file", file("probe-new-key.pem"), "--client", "app-1"],
        ...["--old-cert-file", file("probe-old.pem"), "--old-key-file", file("probe-old-key.pem")],
        ...(restarted.length > 0 ? ["--restarted", ...restarted] : []),
      ]);
      assert.equal(stderr, "");
      assert.doesNotMatch(stdout, /PRIVATE KEY/);
      const report = JSON.parse(stdout) as Report;
      assert.equal(code, report.isReady ? 0 : 1);
      return report;
    }

    /** Whose ports something is missing at, and what. */
    const missing = ({ members }: Report) =>
      members
        .filter((row) => row.missing.length > 0)
        .map((row) => `${row.member} ${row.port}: ${row.missing.join("; ").replace(/ \(.*/, "")}`);
    const restart = async (name: string, caBundlePem: string) => {
      cluster.replaceFiles(name, { caBundlePem });
      await cluster.members[name]?.restart();
    };
    const put = async (pair: KeyPair, endpoint: string, which: "old" | "new") =>
      (
        await cluster.etcdctl(["put", "/app-1/key", "value"], pair, {
          endpoints: [endpoint],
          caBundlePem: authorities[which].certPem,
        })
      ).code;
    const both = (name: string, what: string) => [`${name} client: ${what}`, `${name} peer: ${what}`];

    it("says no before anybody trusts the new generation", async () => {
      const report = await ready("sign");
      // Nobody lets it in, so nobody says how the members are called.
      assert.deepEqual(missing(report), [
        ...names.map(() => " client: it refuses the new generation"),
        ...names.map(() => " peer: it refuses the new generation"),
      ]);
      assert.match(report.gaps.join(), /no member says which members the cluster has/);
    });

    it("names the one member that has not restarted, whose requests fail where this is ignored", async () => {
      const trusted = authorities.old.certPem + authorities.new.certPem;
      for (const name of ["etcd-1", "etcd-2"]) await restart(name, trusted);
      assert.deepEqual(missing(await ready("sign")), both("etcd-3", "it refuses the new generation"));
      // Ignored: the client holds a certificate of the new generation already.
      const codes = [];
      for (const name of names) codes.push(await put(app.new, cluster.members[name]!.endpoint, "old"));
      assert.deepEqual(codes.map(Boolean), [false, false, true]);
    });

    it("says no for a client that nobody says has restarted, and for a member that was not asked", async () => {
      await restart("etcd-3", authorities.old.certPem + authorities.new.certPem);
      const waiting = await ready("sign", []);
      assert.deepEqual([waiting.isReady, missing(waiting)], [false, []]);
      assert.deepEqual(waiting.clients, [{ client: "app-1", isRestarted: false }]);
      const two = await ready("sign", ["app-1"], ["etcd-1", "etcd-2"]);
      assert.equal(two.isReady, false);
      assert.match(two.gaps.join("\n"), /^member etcd-3 was not asked: name its client port, https:/);
    });

    it("says yes once all have restarted, and the requests work", async () => {
      assert.deepEqual((await ready("sign")).isReady, true);
      for (const name of names) assert.equal(await put(app.new, cluster.members[name]!.endpoint, "old"), 0);
    });

    it("names the members that still show the old generation before it is distrusted", async () => {
      const pairs = await memberPairs("new");
      for (const name of ["etcd-1", "etcd-2"]) cluster.replaceFiles(name, { ...pairs[name] });
      const still = "it still shows a certificate of another generation";
      assert.deepEqual(missing(await ready("distrust")), both("etcd-3", still));
      // Ignored: the client trusts the new generation alone.
      assert.notEqual(await put(app.new, cluster.members["etcd-3"]!.endpoint, "new"), 0);
      cluster.replaceFiles("etcd-3", { ...pairs["etcd-3"] });
      assert.equal((await ready("distrust")).isReady, true);
      for (const name of names) assert.equal(await put(app.new, cluster.members[name]!.endpoint, "new"), 0);
    });

    it("names the member that still trusts the old generation before its key goes", async () => {
      for (const name of ["etcd-1", "etcd-2"]) await restart(name, authorities.new.certPem);
      const still = "it still accepts the old generation: restart it with the new CA bundle";
      assert.deepEqual(missing(await ready("retire")), both("etcd-3", still));
      assert.equal(await put(app.old, cluster.members["etcd-3"]!.endpoint, "new"), 0);
      await restart("etcd-3", authorities.new.certPem);
      assert.equal((await ready("retire")).isReady, true);
      assert.notEqual(await put(app.old, cluster.members["etcd-3"]!.endpoint, "new"), 0);
    });

    it("says no for a member that is down", async () => {
      await cluster.members["etcd-2"]!.kill();
      const down = missing(await ready("retire")).map((line) => line.replace(/ECONNREFUSED.*/, "ECONNREFUSED"));
      assert.deepEqual(down, both("etcd-2", "it cannot be reached: connect ECONNREFUSED"));
    });
  });
