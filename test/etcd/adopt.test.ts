import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { type Held, lookAt } from "../../src/cli/adopt/cluster";
import { rightsOf } from "../../src/cli/adopt/rights";
import { problemsIn } from "../../src/rbac/checks";
import { desiredState, difference } from "../../src/rbac/plan";
import { TESTED_ETCD_VERSIONS } from "../support/etcd-binaries";
import { type Cluster, startCluster } from "../support/etcd-cluster";
import { handMade, pemOf } from "../support/openssl";
import { requireEtcd } from "../support/require-etcd";
import { run } from "../support/run";

const main = resolve(__dirname, "../../src/cli/main.ts");

const commands = [
  "user add root --no-password",
  "user add app --no-password",
  "user add reader --no-password",
  "user add gateway:secret",
  "user add idle --no-password",
  "role add app",
  "role grant-permission app readwrite /app/ --prefix",
  "role grant-permission app read /app/public/ --prefix",
  "role grant-permission app read /shared --prefix",
  "role grant-permission app read /config",
  "role grant-permission app write /a /c",
  "role grant-permission app read /jobs/* --prefix",
  "role add everything",
  "role grant-permission everything read --prefix ''",
  "role add unused",
  "user grant-role app app",
  "user grant-role reader everything",
  "user grant-role gateway everything",
  "user grant-role root root",
  "auth enable",
];

// The minors' answers about users differ.
for (const version of TESTED_ETCD_VERSIONS) {
  describe(`a running etcd ${version} that somebody else set up`, function () {
    this.timeout(180_000);
    const directory = mkdtempSync(join(tmpdir(), "adopt-etcd-"));
    const pair = (name: string) => ({ cert: join(directory, `${name}.pem`), key: join(directory, `${name}-key.pem`) });
    const pems = (name: string) => ({ certPem: pemOf(pair(name).cert), privateKeyPem: pemOf(pair(name).key) });
    let cluster: Cluster;
    let held: Held;

    before(async function () {
      await requireEtcd(this, version);
      handMade({ ...pair("ca"), commonName: "by-hand" });
      const signer = pair("ca");
      // Not the name by which the test reaches it.
      const member = { hosts: ["127.0.0.1", "node-a.example.com"], usages: ["serverAuth", "clientAuth"] };
      handMade({ ...member, ...pair("node-a"), signer, commonName: "node-a" });
      for (const name of ["root", "app"]) handMade({ ...pair(name), signer, commonName: name, usages: ["clientAuth"] });
      const [caBundlePem, members] = [pemOf(pair("ca").cert), { "node-a": pems("node-a") }];
      cluster = await startCluster({ version, directory: join(directory, "run"), caBundlePem, members });
      for (const command of commands) {
        const words = command.split(" ").map((word) => (word === "''" ? "" : word));
        const { code, stderr } = await cluster.etcdctl(words, pems("root"));
        assert.equal(code, 0, `${command}: ${stderr}`);
      }
      held = (await lookAt(cluster.endpoints, { caBundlePem, ...pems("root") })).held!;
    });
    after(async () => {
      await cluster?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    it("has its users and roles declared so that an update changes nothing but what a finding says", () => {
      const { components, roles, findings } = rightsOf(held);
      const desired = desiredState(components, roles);
      const steps = difference({ ...held, authentication: true }, desired, { users: new Set(), roles: new Set() });
      assert.deepEqual(
        steps.map((step) => [step.call, "role" in step && step.role]),
        [
          ["roleAdd", "root"],
          ["roleRevokePermission", "app"],
        ],
      );
      assert.deepEqual(
        findings.map(({ subject, reason }) => `${subject}: ${reason}`),
        [
          'role "app": read on prefix /app/public/ is covered by readwrite on prefix /app/',
          'role "root": the user root has it, but it was never added',
          'role "unused": no user has it',
        ],
      );
    });

    it("is declared in a way that EtcdRbac takes", () => {
      const { components, roles } = rightsOf(held);
      const administrator = pems("root");
      assert.deepEqual(
        problemsIn({
          endpoints: cluster.endpoints,
          caBundlePem: "",
          administrator,
          components,
          roles,
          adoptExisting: true,
        }),
        [],
      );
      assert.deepEqual(components["reader"], { roles: ["everything"] });
      assert.deepEqual(components["idle"], { permissions: [] });
      assert.deepEqual(components["root"], {});
    });

    it("has all of that in the program, and who has a password and no certificate logs in by it", async () => {
      const target = join(directory, "program");
      const as = ["--cert-file", pair("root").cert, "--key-file", pair("root").key];
      const args = ["adopt", directory, "--endpoint", ...cluster.endpoints, ...as, "--write", target];
      const { code, stdout, stderr } = await run(process.execPath, ["--require", "tsx/cjs", main, ...args]);
      assert.equal(code, 1, stdout + stderr);
      const text = readFileSync(join(target, "index.ts"), "utf8");
      const expected = [
        '  gateway: { roles: ["everything"], login: "password" },',
        "  root: {},",
        `  endpoints: ["${cluster.endpoints[0]}"],`,
        "  adoptExisting: true,",
        '  roles: { everything: [{ prefix: "", access: "read", allowPartialPrefix: true }] },',
      ];
      for (const line of expected) assert.ok(text.split("\n").includes(line), `${line}\n\n${text}`);
      assert.doesNotMatch(text, /unused|app\/public/);
    });

    it("is looked at without a certificate, too, and its hosts compared with the addresses that it is reached by", async () => {
      const endpoint = cluster.endpoints[0].replace("127.0.0.1", "localhost");
      const args = ["adopt", directory, "--endpoint", endpoint, "--json"];
      const { stdout } = await run(process.execPath, ["--require", "tsx/cjs", main, ...args]);
      const { findings } = JSON.parse(stdout) as { findings: { subject: string; reason: string }[] };
      assert.deepEqual(
        findings.map(({ subject, reason }) => `${subject}: ${reason}`),
        [`${endpoint}: the member's certificate does not name localhost, so clients that look at it cannot connect`],
      );
    });

    it("refuses the folder of another cluster", async () => {
      const other = mkdtempSync(join(tmpdir(), "other-"));
      handMade({ cert: join(other, "ca.pem"), key: join(other, "ca-key.pem"), commonName: "by-hand" });
      const args = ["adopt", other, "--endpoint", ...cluster.endpoints];
      const { code, stdout } = await run(process.execPath, ["--require", "tsx/cjs", main, ...args]);
      rmSync(other, { recursive: true });
      assert.equal(code, 2);
      assert.match(stdout, /^refused: .*: the member shows a certificate that .*ca\.pem did not sign\.$/m);
    });
  });
}
