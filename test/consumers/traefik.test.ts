import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { Access } from "../../src/args";
import { type ConsumerCluster, startConsumerCluster } from "../support/consumers/consumer-cluster";
import { requireGo } from "../support/consumers/parts";
import { until } from "../support/consumers/until";
import { DEFAULT_ETCD_VERSION } from "../support/etcd-binaries";
import { requireEtcd } from "../support/require-etcd";
import { type ServerProcess, startServer } from "../support/server-process";

describe("Traefik's etcd provider as a consumer", function () {
  this.timeout(120_000);
  let etcd: ConsumerCluster;
  let program: string;
  const servers: ServerProcess[] = [];

  before(async function () {
    program = await requireGo(this, "traefik", ".", 300);
    await requireEtcd(this, DEFAULT_ETCD_VERSION);
    etcd = await startConsumerCluster({
      traefik: { presets: [{ name: "traefik" }] },
      narrow: { permissions: [{ prefix: "traefik/", access: Access.Read }] },
    });
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await etcd?.stop();
  });

  /** Starts the provider and gives what it prints: a configuration a line, and its log. */
  function start(user: string, rootKey: string): () => string {
    const { ca, cert, key } = etcd.files[user]!;
    const flags = {
      endpoints: new URL(etcd.endpoint).host,
      rootkey: rootKey,
      "tls.ca": ca,
      "tls.cert": cert,
      "tls.key": key,
    };
    const logFile = join(etcd.directory, `${user}-${servers.length}.log`);
    const args = Object.entries(flags).map(([flag, value]) => `-${flag}=${value}`);
    servers.push(startServer(program, args, logFile));
    return () => readFileSync(logFile, "utf8");
  }
  const put = async (key: string, value: string) => assert.equal((await etcd.etcdctl(`put ${key} ${value}`)).code, 0);

  it("finds its configuration and follows each change", async () => {
    await put("traefik/http/routers/www/rule", "Host(`www`)");
    await put("traefik/http/routers/www/service", "www");
    await put("traefik/http/services/www/loadbalancer/servers/0/url", "http://192.0.2.1");
    const log = start("traefik", "traefik");
    await until("the configuration is there", () => log().includes("http://192.0.2.1"), log);
    await put("traefik/http/services/www/loadbalancer/servers/0/url", "http://192.0.2.2");
    await until("the change is there", () => log().includes("http://192.0.2.2"), log);
    assert.deepEqual(await etcd.refusals(), {});
    assert.doesNotMatch(log(), /permission denied/i);
  });

  it("is refused another root key", async () => {
    const log = start("traefik", "other");
    await until("refused", () => /permission denied/i.test(log()), log);
    assert.deepEqual(Object.keys(await etcd.refusals()), ["Range"]);
  });

  it("finds nothing with a permission on the prefix with a slash, since it lists the bare one", async () => {
    const log = start("narrow", "traefik");
    await until("refused", () => /permission denied/i.test(log()), log);
    assert.doesNotMatch(log(), /192\.0\.2/);
  });
});
