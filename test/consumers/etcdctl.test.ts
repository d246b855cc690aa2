import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { after, before, describe, it } from "mocha";
import { Access } from "../../src/args";
import { type ConsumerCluster, startConsumerCluster } from "../support/consumers/consumer-cluster";
import { until } from "../support/consumers/until";
import { DEFAULT_ETCD_VERSION } from "../support/etcd-binaries";
import { requireEtcd } from "../support/require-etcd";
import { run, type Finished } from "../support/run";

describe("etcdctl as a consumer", function () {
  this.timeout(120_000);
  let etcd: ConsumerCluster;
  before(async function () {
    await requireEtcd(this, DEFAULT_ETCD_VERSION);
    const own = (name: string) => ({ permissions: [{ prefix: `/${name}/`, access: Access.ReadWrite }] });
    etcd = await startConsumerCluster({ app: own("app"), copy: own("copy") });
  });
  after(() => etcd?.stop());

  const flags = (user: string) => {
    const { ca, cert, key } = etcd.files[user]!;
    return [`--cacert=${ca}`, `--cert=${cert}`, `--key=${key}`];
  };
  const all = (user: string, args: string[]) => [`--endpoints=${etcd.endpoint}`, ...flags(user), ...args];
  const etcdctl = (user: string, ...args: string[]): Promise<Finished> =>
    run(etcd.cluster.binaries.etcdctl, all(user, args));
  const said = async (user: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await etcdctl(user, ...args);
    assert.equal(code, 0, stderr);
    return stdout;
  };

  /** Runs a command that goes on until it is stopped; gives what it has printed. */
  async function during(user: string, args: string[], work: (printed: () => string) => Promise<void>): Promise<void> {
    const child: ChildProcess = spawn(etcd.cluster.binaries.etcdctl, all(user, args), {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream!.on("data", (part) => (text += part));
    const end = new Promise((resolve) => child.once("exit", resolve));
    try {
      await work(() => text);
    } finally {
      child.kill("SIGINT");
      await end;
    }
  }

  it("puts with a lease, keeps it alive, looks at it and revokes it", async () => {
    const lease = /lease (\w+) granted/.exec(await said("app", "lease", "grant", "600"))![1]!;
    await said("app", "put", `--lease=${lease}`, "/app/leased", "1");
    assert.match(await said("app", "lease", "keep-alive", "--once", lease), /keepalived/);
    assert.match(await said("app", "lease", "timetolive", "--keys", lease), /\/app\/leased/);
    assert.match(await said("app", "lease", "revoke", lease), /revoked/);
    assert.equal(await said("app", "get", "/app/leased"), "");
  });

  it("holds a lock while a command runs", async () => {
    assert.match(await said("app", "lock", "/app/lock", "echo", "held"), /held/);
  });

  it("is elected, which another sees", async () => {
    await during("app", ["elect", "/app/leader", "me"], async (printed) => {
      await until("elected", () => printed().includes("\nme"), printed);
      await during("app", ["elect", "--listen", "/app/leader"], (seen) =>
        until("the leader is seen", () => seen().includes("\nme"), seen),
      );
    });
  });

  it("mirrors one user's keys into another's", async () => {
    await said("app", "put", "/app/page", "1");
    const { ca, cert, key } = etcd.files.copy!;
    const destination = [`--dest-cacert=${ca}`, `--dest-cert=${cert}`, `--dest-key=${key}`];
    const mirror = ["make-mirror", "--prefix=/app/", "--dest-prefix=/copy/", ...destination, etcd.endpoint];
    await during("app", mirror, async (printed) => {
      await until("copied", async () => (await said("copy", "get", "/copy/page")).includes("1"), printed);
      await said("app", "put", "/app/page", "2");
      await until("followed", async () => (await said("copy", "get", "/copy/page")).includes("2"), printed);
    });
  });

  it("was refused nothing until then", async () => {
    assert.deepEqual(await etcd.refusals(), {});
  });

  for (const args of [
    ["put", "/copy/page", "3"],
    ["lock", "/copy/lock", "true"],
    ["get", "--prefix", "/app"],
    ["make-mirror", "--prefix=/copy/", "https://127.0.0.1:1"],
  ]) {
    it(`is refused ${args.join(" ")}`, async () => {
      const { code, stderr } = await etcdctl("app", ...args);
      assert.notEqual(code, 0);
      assert.match(stderr, /permission denied/);
    });
  }

  it("was refused those four, by etcd's own count", async () => {
    assert.deepEqual(await etcd.refusals(), { Put: 1, Txn: 1, Range: 2 });
  });
});
