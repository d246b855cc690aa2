import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { Login } from "../../src/args";
import { type ConsumerCluster, startConsumerCluster } from "../support/consumers/consumer-cluster";
import { requireProgram, requirePython } from "../support/consumers/parts";
import { until } from "../support/consumers/until";
import { DEFAULT_ETCD_VERSION } from "../support/etcd-binaries";
import { freePorts } from "../support/ports";
import { requireEtcd } from "../support/require-etcd";
import { run } from "../support/run";
import { type ServerProcess, startServer } from "../support/server-process";
import { skip } from "../support/skip";

/** PostgreSQL does not run as root, and must end with whoever started it: so it has a namespace of its own. */
const apart = ["--map-user=1000", "--map-group=1000", "--pid", "--fork", "--kill-child", "--mount-proc"];
const names = ["one", "two"];

describe("Patroni with PostgreSQL as a consumer", function () {
  this.timeout(180_000);
  let etcd: ConsumerCluster;
  let bin: string;
  let postgresql: string;
  const servers: ServerProcess[] = [];

  before(async function () {
    const versions = "/usr/lib/postgresql";
    const newest = existsSync(versions) ? readdirSync(versions).sort((a, b) => Number(b) - Number(a))[0] : undefined;
    if (!newest) skip(this, `PostgreSQL is not on this machine (${versions})`);
    postgresql = join(versions, newest, "bin");
    await requireProgram(this, "unshare", "--version", "unshare");
    const { code, stderr } = await run("unshare", [...apart, "true"]);
    if (code !== 0) skip(this, `this machine gives no namespace to run PostgreSQL in: ${stderr.trim()}`);
    bin = await requirePython(this, "patroni", ["patroni[etcd3,psycopg3]==4.1.5"]);
    await requireEtcd(this, DEFAULT_ETCD_VERSION);
    etcd = await startConsumerCluster({
      patroni: {
        presets: [{ name: "patroni", prefix: "/service/batman" }],
        login: Login.Password,
        password: "a-password",
      },
    });
    for (const name of names) servers.push(await start(name));
  });
  after(async () => {
    // With its namespace ends everything in it.
    await Promise.all(servers.map((server) => server.kill()));
    await etcd?.stop();
  });

  function settings(name: string, scope: string, [rest, postgres]: number[]): string {
    const { ca, cert, key } = etcd.files.patroni!;
    const directory = join(etcd.directory, name);
    mkdirSync(directory, { recursive: true });
    const file = join(directory, `${scope}.yml`);
    const etcd3 = { hosts: [`127.0.0.1:${etcd.port}`], protocol: "https", cacert: ca, cert, key };
    const listen = (port: number | undefined) => ({
      listen: `127.0.0.1:${port}`,
      connect_address: `127.0.0.1:${port}`,
    });
    const config = {
      scope,
      namespace: "/service/",
      name,
      restapi: listen(rest),
      etcd3: { ...etcd3, username: "patroni", password: "a-password" },
      bootstrap: { dcs: { ttl: 20, loop_wait: 2, retry_timeout: 5 }, initdb: [{ encoding: "UTF8" }, "no-sync"] },
      postgresql: {
        ...listen(postgres),
        data_dir: join(directory, "data"),
        bin_dir: postgresql,
        pgpass: join(directory, "pgpass"),
        authentication: {
          superuser: { username: "postgres", password: "a-password" },
          replication: { username: "replicator", password: "a-password" },
        },
        parameters: { unix_socket_directories: directory },
        pg_hba: ["host all all 127.0.0.1/32 scram-sha-256", "host replication all 127.0.0.1/32 scram-sha-256"],
      },
    };
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }

  async function start(name: string): Promise<ServerProcess> {
    const config = settings(name, "batman", await freePorts(2));
    return startServer("unshare", [...apart, join(bin, "patroni"), config], join(etcd.directory, `${name}.log`));
  }
  const logs = () => names.map((name) => readFileSync(join(etcd.directory, `${name}.log`), "utf8")).join("\n");
  const patronictl = (scope: string, ...args: string[]) =>
    run(join(bin, "patronictl"), ["-c", join(etcd.directory, "one", `${scope}.yml`), ...args]);
  const said = async (...args: string[]) => {
    const { code, stdout, stderr } = await patronictl("batman", ...args);
    assert.equal(code, 0, `${stderr}\n${logs()}`);
    return stdout;
  };
  const members = async () =>
    JSON.parse(await said("list", "--format=json")) as { Member: string; Role: string; State: string }[];
  const leader = async () => (await members()).find(({ Role }) => Role === "Leader")?.Member;
  const isReplicated = async () =>
    (await members()).filter(({ State }) => State === "running" || State === "streaming").length === names.length;

  it("makes a cluster of a leader and a replica", async () => {
    await until("a leader", async () => (await leader()) !== undefined, logs);
    await until("a replica", isReplicated, logs);
  });

  it("changes its configuration and hands the lead over", async () => {
    await said("edit-config", "--force", "--quiet", "--set", "ttl=21");
    const before = await leader();
    const candidate = names.find((name) => name !== before)!;
    await said("switchover", "--force", "--leader", before!, "--candidate", candidate);
    await until("the other leads", async () => (await leader()) === candidate && (await isReplicated()), logs);
    assert.match(await said("history"), /TL/);
  });

  it("was refused nothing until then", async () => {
    assert.deepEqual(await etcd.refusals(), {}, logs());
    assert.doesNotMatch(logs(), /permission denied|PermissionDenied/i);
  });

  it("is refused the keys of another scope", async () => {
    settings("one", "robin", []);
    const { stdout, stderr } = await patronictl("robin", "list");
    assert.match(stdout + stderr, /permission denied|PermissionDenied/i);
    assert.deepEqual(Object.keys(await etcd.refusals()), ["Range"]);
  });
});
