import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { request } from "node:https";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, before, beforeEach, describe, it } from "mocha";
import type { ComponentArgs } from "../../src/args";
import { withClient } from "../../src/rbac/operations";
import { TESTED_ETCD_VERSIONS } from "../support/etcd-binaries";
import { environment } from "../support/environment";
import { startForwarder } from "../support/forwarder";
import type { KeyPair } from "../support/issue-certificates";
import { ProvidedStack } from "../support/rbac/provided";
import { type RbacCluster, startRbacCluster } from "../support/rbac/rbac-cluster";
import { requireEtcd } from "../support/require-etcd";
import { type ServerProcess, startServer } from "../support/server-process";

const app = { permissions: [{ prefix: "/app/", access: "readwrite" as const }] };
const components = { root: {}, app };

for (const version of TESTED_ETCD_VERSIONS) {
  describe(`who has access to etcd ${version}`, function () {
    this.timeout(60_000);
    let etcd: RbacCluster;
    let stack: ProvidedStack;

    before(async function () {
      await requireEtcd(this, version);
    });
    beforeEach(async () => {
      etcd = await startRbacCluster(version);
      stack = new ProvidedStack(etcd.connection);
    });
    afterEach(() => etcd?.stop());
    const run = async (...lines: string[]) => {
      for (const line of lines) {
        const { code, stderr } = await etcd.etcdctl(line);
        assert.equal(code, 0, `${line}: ${stderr}`);
      }
    };
    const mayPut = async (key: string, as: KeyPair) => (await etcd.etcdctl(`put ${key} 1`, as)).code === 0;

    it("is not a component that was taken over and left the declaration; what was there before stays at the end", async () => {
      const pair = await etcd.client("app");
      await run("user add app --no-password", "user add kept --no-password", "role add app");
      const adopted = { root: {}, app, kept: {} };
      await stack.up({ components: adopted, adoptExisting: true });
      assert.equal(await mayPut("/app/x", pair), true);
      await stack.up({ components: { root: {}, kept: {} }, adoptExisting: true });
      assert.equal(await mayPut("/app/x", pair), false);
      assert.equal((await etcd.etcdctl("user list")).stdout, "kept\nroot\n");
      await stack.destroy();
      assert.equal((await etcd.etcdctl("user list")).stdout, "kept\n");
    });

    it("is whoever an EtcdRbac has taken over, when the one that made it goes in the same update: it has another name now", async () => {
      const pair = await etcd.client("app");
      await stack.up({ components: { ...components, gone: {} } });
      const renamed = new ProvidedStack(etcd.connection);
      await renamed.up({ components, adoptExisting: true });
      await stack.destroy();
      assert.equal(await mayPut("/app/x", pair), true);
      assert.notEqual((await etcd.etcdctl("put /x 1", pair)).code, 0);
      assert.equal((await etcd.etcdctl("user list")).stdout, "app\nroot\n");
    });

    it("is who moved from one EtcdRbac to another one, which took it over", async () => {
      const pair = await etcd.client("app");
      const [first, other] = [{ root: {}, app, batch: {} }, { app }];
      await stack.up({ components: first });
      await new ProvidedStack(etcd.connection).up({ components: other, adoptExisting: true });
      await stack.up({ components: { root: {} } });
      assert.equal(await mayPut("/app/x", pair), true);
      assert.equal((await etcd.etcdctl("user list")).stdout, "app\nroot\n");
    });

    it("is, for as long as it is open, a watch of a user that was deleted, and preview and report say so", async () => {
      await stack.up({ components });
      const pair = await etcd.client("app");
      const watch = startWatch(etcd, pair, "/app/");
      try {
        await sleep(1000);
        const note = /open watches go on for app: etcd checks a watch only when it is made.*restart the members/;
        assert.match(await stack.preview({ components: { root: {} } }), note);
        assert.match(await stack.up({ components: { root: {} } }), note);
        await run("put /app/secret after-the-end");
        await sleep(1000);
        assert.match(watch.logTail(), /after-the-end/);
      } finally {
        await watch.kill();
      }
    });

    it("is root with a password only until it is made anew by the remedy that the warning names", async () => {
      await run("user add root:secret", "role add root", "user grant-role root root");
      const said = await stack.up({ components, adoptExisting: true });
      const remedies = [...said.matchAll(/\(etcdctl ([^)]*)\)/g)].map(([, line]) => line!);
      assert.deepEqual(remedies, ["auth disable", "user delete root"]);
      await run(...remedies);
      await stack.refresh();
      assert.doesNotMatch(await stack.up({ components, adoptExisting: true }), /DANGER/);
      assert.notEqual((await etcd.etcdctl("put /x 1", await etcd.client("app"))).code, 0);
      assert.notEqual((await etcd.etcdctl("--user root:secret get /x", await etcd.client(""))).code, 0);
    });

    describe("by name and password", () => {
      const gateway = (password?: string): ComponentArgs => ({
        login: "password",
        password,
        permissions: [{ prefix: "/service/", access: "readwrite" }],
      });
      const declared = (password?: string) => ({ components: { root: {}, app, patroni: gateway(password) } });

      it("is a client of the HTTP gateway, with a certificate without a common name", async () => {
        await stack.up(declared("first"));
        const nameless = await etcd.client("");
        assert.equal(await throughGateway(etcd, nameless, "first"), "OK");
        assert.match(await throughGateway(etcd, nameless, "wrong"), /authentication failed/);
        const named = await throughGateway(etcd, await etcd.client("app"), "first");
        assert.match(named, /CommonName of client sending a request against gateway will be ignored/);
      });

      it("is the holder of the newest password alone", async () => {
        await stack.up(declared("first"));
        const said = await stack.preview(declared("second"));
        assert.match(said, /change the password of user patroni: .*needs it in the same moment.*second user/);
        assert.doesNotMatch(said, /"first"|"second"/);
        assert.match(await stack.up(declared("second")), /: 1 changes/);
        const nameless = await etcd.client("");
        assert.match(await throughGateway(etcd, nameless, "first"), /authentication failed/);
        assert.equal(await throughGateway(etcd, nameless, "second"), "OK");
        assert.match(await stack.up(declared("second")), /: 0 changes/);
      });

      it("is set right when somebody changed the password by hand, which a refresh finds by a login", async () => {
        await stack.up(declared("first"));
        const nameless = await etcd.client("");
        await stack.refresh();
        assert.equal(await stack.preview(declared("first")), "");
        // As Patroni's own administrator might.
        const step = { call: "userChangePassword", user: "patroni", reason: "" } as const;
        await withClient(etcd.connection, (client) => client.change(step, "other"));
        await stack.refresh();
        assert.match(await stack.preview(declared("first")), /change the password of user patroni/);
        await stack.up(declared("first"));
        assert.equal(await throughGateway(etcd, nameless, "first"), "OK");
      });

      it("goes on with the password that it had before, if the declaration gives none", async () => {
        await run("user add patroni:theirs");
        await stack.up({ ...declared(), adoptExisting: true });
        assert.equal(await throughGateway(etcd, await etcd.client(""), "theirs"), "OK");
      });

      it("is nobody if the declaration gives no password and etcd holds none", async () => {
        await assert.rejects(stack.up(declared()), /components\["patroni"\] logs in by a password.*give its password/);
        assert.equal((await etcd.etcdctl("user list")).stdout, "");
      });

      it("becomes its certificate again, and the other way round", async () => {
        await stack.up({ components: { root: {}, app: { ...app, ...gateway("first") } } });
        const pair = await etcd.client("app");
        await stack.up({ components });
        assert.equal(await mayPut("/app/x", pair), true);
        assert.notEqual((await etcd.etcdctl("--user app:first get /app/x", await etcd.client(""))).code, 0);
        await stack.up({ components: { root: {}, app: { ...app, login: "password", password: "second" } } });
        assert.equal((await etcd.etcdctl("--user app:second get /app/x", await etcd.client(""))).code, 0);
      });

      it("is there with authentication off, too, and each password is set once", async () => {
        const off = { enableAuthentication: false };
        await stack.up({ ...declared("first"), ...off });
        assert.match(await stack.up({ ...declared("first"), ...off }), /: 0 changes/);
        await stack.up({ ...declared("second"), ...off });
        await stack.up(declared("second"));
        assert.equal(await throughGateway(etcd, await etcd.client(""), "second"), "OK");
      });
    });
  });
}

describe("the way to etcd", function () {
  this.timeout(60_000);
  let etcd: RbacCluster;
  before(async function () {
    await requireEtcd(this, "3.6");
  });
  beforeEach(async () => void (etcd = await startRbacCluster("3.6")));
  afterEach(() => etcd?.stop());

  it("is never a proxy of the environment", async () => {
    const before = process.env.https_proxy;
    process.env.https_proxy = "http://127.0.0.1:9";
    try {
      await new ProvidedStack(etcd.connection).up({ components });
    } finally {
      if (before === undefined) delete process.env.https_proxy;
      else process.env.https_proxy = before;
    }
  });

  it("may be long", async () => {
    const line = await startForwarder(etcd.cluster.endpoints[0]!, 400);
    try {
      await new ProvidedStack({ ...etcd.connection, endpoints: [line.endpoint] }).up({ components });
      assert.notEqual((await etcd.etcdctl("put /x 1", await etcd.client("app"))).code, 0);
    } finally {
      await line.close();
    }
  });

  it("is waited for as long as the declaration says", async () => {
    const member = etcd.cluster.members["etcd-1"]!;
    const stack = new ProvidedStack(etcd.connection);
    await member.stop();
    await assert.rejects(stack.up({ components, waitSeconds: 0 }), /nothing listens there/);
    const up = stack.up({ components, waitSeconds: 60 });
    await sleep(1500);
    member.start();
    await up;
  });

  it("may be closed in a refresh, which keeps what it knows, and in a destroy that may leave it", async () => {
    const stack = new ProvidedStack(etcd.connection);
    await stack.up({ components });
    await etcd.cluster.stop();
    assert.match(
      await stack.refresh(),
      /what was known of its users and roles stays: No member of etcd can be reached/,
    );
    await assert.rejects(stack.destroy(), /set skipDeleteIfUnreachable: true, run "pulumi up"/);
    await stack.up({ components, skipDeleteIfUnreachable: true });
    assert.match(await stack.destroy(), /taken for gone/);
  });
});

function startWatch({ cluster, ca }: RbacCluster, pair: KeyPair, prefix: string): ServerProcess {
  const directory = dirname(cluster.members["etcd-1"]!.logFile);
  const file = (name: string, content: string) => {
    writeFileSync(join(directory, name), content, { mode: 0o600 });
    return join(directory, name);
  };
  const files = [
    `--cacert=${file("watch-ca.crt", ca.certPem)}`,
    `--cert=${file("watch.crt", pair.certPem)}`,
    `--key=${file("watch.key", pair.privateKeyPem)}`,
  ];
  const args = [`--endpoints=${cluster.endpoints[0]}`, ...files, "watch", "--prefix", prefix];
  const env = environment({ ETCDCTL_API: "3" });
  return startServer(cluster.binaries.etcdctl, args, join(directory, "watch.log"), env);
}

/** Writes and reads a key as Patroni does: logs in, and sends the token. */
async function throughGateway(etcd: RbacCluster, pair: KeyPair, password: string): Promise<string> {
  const post = (path: string, body: object, token?: string) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const headers = token ? { Authorization: token } : {};
      const options = { method: "POST", cert: pair.certPem, key: pair.privateKeyPem, ca: etcd.ca.certPem, headers };
      const sent = request(`${etcd.cluster.endpoints[0]}/v3${path}`, { ...options, agent: false }, (answer) => {
        let text = "";
        answer.on("data", (chunk) => (text += chunk));
        // What concerns the certificate is said in plain text.
        answer.on("end", () => resolve(text.startsWith("{") ? JSON.parse(text) : { message: text }));
      });
      sent.on("error", reject).end(JSON.stringify(body));
    });
  const refusal = ({ error, message }: Record<string, unknown>) => String(message ?? error);
  const login = await post("/auth/authenticate", { name: "patroni", password });
  if (!login.token) return refusal(login);
  const key = Buffer.from("/service/leader").toString("base64");
  const put = await post("/kv/put", { key, value: key }, String(login.token));
  const got = await post("/kv/range", { key }, String(login.token));
  return put.header && got.kvs ? "OK" : refusal(got);
}
