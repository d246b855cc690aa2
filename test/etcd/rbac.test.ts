import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { withClient } from "../../src/rbac/operations";
import { desiredState } from "../../src/rbac/plan";
import { TESTED_ETCD_VERSIONS } from "../support/etcd-binaries";
import type { KeyPair } from "../support/issue-certificates";
import { applyTo, declare, heldBy, type RbacCluster, removeFrom, startRbacCluster } from "../support/rbac/rbac-cluster";
import { requireEtcd } from "../support/require-etcd";

const components = {
  root: {},
  app: { permissions: [{ prefix: "/app/", access: "readwrite" as const }], roles: ["shared"] },
  viewer: { permissions: [{ key: "/app/page", access: "read" as const }] },
  clerk: { permissions: [{ from: "/m", to: "/p", access: "write" as const }] },
};
const roles = { shared: [{ prefix: "/shared/", access: "read" as const }] };
const declaration = declare(components, roles);

for (const version of TESTED_ETCD_VERSIONS) {
  describe(`users and roles on etcd ${version}`, function () {
    this.timeout(60_000);
    let etcd: RbacCluster;
    let people: Record<string, KeyPair>;

    before(async function () {
      await requireEtcd(this, version);
      etcd = await startRbacCluster(version);
      const names = ["app", "viewer", "clerk", "stranger"];
      people = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await etcd.client(name)])));
      await applyTo(etcd.connection, declaration);
    });
    after(() => etcd?.stop());

    const answers: [user: string, line: string, allowed: boolean][] = [
      ["app", "put /app/page 1", true],
      ["app", "get --prefix /app/", true],
      ["app", "get /shared/x", true],
      ["app", "put /shared/x 1", false],
      ["app", "get /app0", false],
      ["app", "put /other/x 1", false],
      ["viewer", "get /app/page", true],
      ["viewer", "put /app/page 2", false],
      ["viewer", "get /app/page2", false],
      ["clerk", "put /m 1", true],
      ["clerk", "put /o/x 1", true],
      ["clerk", "put /p 1", false],
      ["clerk", "get /m", false],
      ["stranger", "get /app/page", false],
      ["stranger", "put /m 1", false],
    ];
    for (const [user, line, allowed] of answers) {
      it(`${allowed ? "lets" : "does not let"} ${user} ${line}`, async () => {
        const { code, stderr } = await etcd.etcdctl(line, people[user]);
        assert.equal(code === 0, allowed, stderr);
        if (!allowed) assert.match(stderr, /permission denied|user name not found/);
      });
    }

    it("makes users without a password, so that nothing but their certificate logs in as them", () =>
      withClient(etcd.connection, async (client) => {
        for (const user of Object.keys(components)) assert.equal(await client.logIn(user, ""), "none", user);
      }));

    it("makes no call that changes anything when nothing has changed", async () => {
      const report = await applyTo(etcd.connection, declaration);
      assert.match(report.summary, /: 0 changes, \d+ reads/);
    });

    it("finds what was changed, added and removed by hand, and sets it right", async () => {
      const lines = [
        "role revoke-permission app --prefix /app/",
        "role grant-permission app readwrite --prefix /evil/",
        "role grant-permission viewer readwrite /app/page",
        "user revoke-role app shared",
        "user grant-role viewer app",
        "user delete clerk",
        "role delete shared",
      ];
      for (const line of lines) assert.equal((await etcd.etcdctl(line)).code, 0, line);
      await applyTo(etcd.connection, declaration);
      const held = await heldBy(etcd.connection, declaration);
      const wanted = desiredState(components, roles);
      const plain = (state: typeof held) => ({
        roles: [...state.roles].sort(),
        users: [...state.users].map(([user, names]) => [user, [...names].sort()]).sort(),
      });
      assert.deepEqual(plain(held), plain(wanted));
    });

    it("warns of an empty password and of any password, by which others can log in", async () => {
      // etcdctl refuses an empty password; other clients of the API do not.
      await etcd.etcdctl("user add withpassword:secret");
      await addUserWithEmptyPassword(etcd, "open");
      const adopted = { users: new Set(["open", "withpassword", "app"]), roles: new Set<string>() };
      const { warnings } = await applyTo(etcd.connection, { ...declaration, adopted });
      const dangers = warnings.filter((line) => line.startsWith("DANGER"));
      assert.deepEqual(
        dangers.map((line) => line.replace(/,.*/, "")),
        ["DANGER: user open has an empty password", "DANGER: user withpassword has a password"],
      );
    });

    it("reports users and roles that are not declared, and removes them only when asked to", async () => {
      await etcd.etcdctl("role add extra");
      const { warnings } = await applyTo(etcd.connection, declaration);
      assert.ok(warnings.some((line) => line.startsWith("role extra is not declared")));
      assert.ok(warnings.some((line) => line.startsWith("user open is not declared")));
      assert.equal((await etcd.etcdctl("role get extra")).code, 0);
      await applyTo(etcd.connection, { ...declaration, removeUndeclared: true });
      assert.notEqual((await etcd.etcdctl("role get extra")).code, 0);
      assert.notEqual((await etcd.etcdctl("user get open")).code, 0);
    });

    it("keeps its hands off what it did not make when it goes, and turns authentication off", async () => {
      await etcd.etcdctl("role add extra");
      await removeFrom(etcd.connection, declaration, false);
      assert.equal((await etcd.etcdctl("user list")).stdout.trim(), "");
      assert.equal((await etcd.etcdctl("role list")).stdout.trim(), "extra");
      assert.equal((await etcd.etcdctl("put /anything 1", people.stranger)).code, 0);
    });
  });
}

async function addUserWithEmptyPassword({ connection }: RbacCluster, name: string): Promise<void> {
  const { Etcd3 } = await import("etcd3");
  const [rootCertificate, certChain, privateKey] = [
    connection.caBundlePem,
    connection.certPem,
    connection.privateKeyPem,
  ].map((pem) => Buffer.from(pem));
  const client = new Etcd3({
    hosts: connection.endpoints,
    credentials: { rootCertificate: rootCertificate!, certChain: certChain!, privateKey: privateKey! },
  });
  try {
    await client.auth.userAdd({ name, password: "" });
  } finally {
    client.close();
  }
}
