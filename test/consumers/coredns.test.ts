import assert from "node:assert/strict";
import { Resolver } from "node:dns/promises";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { type ConsumerCluster, startConsumerCluster } from "../support/consumers/consumer-cluster";
import { requireGo } from "../support/consumers/parts";
import { until } from "../support/consumers/until";
import { DEFAULT_ETCD_VERSION } from "../support/etcd-binaries";
import { freePorts } from "../support/ports";
import { requireEtcd } from "../support/require-etcd";
import { run } from "../support/run";
import { type ServerProcess, startServer } from "../support/server-process";

describe("CoreDNS with its etcd plugin as a consumer", function () {
  this.timeout(120_000);
  let etcd: ConsumerCluster;
  let server: ServerProcess;
  let log: () => string;
  /** Asks one of the three zones, each of which has a server of its own. */
  const ask: Record<string, Resolver> = {};

  before(async function () {
    const program = await requireGo(this, "coredns", ".", 120);
    await requireEtcd(this, DEFAULT_ETCD_VERSION);
    etcd = await startConsumerCluster({
      coredns: { presets: [{ name: "coredns" }] },
      "external-dns": { presets: [{ name: "coredns-writer" }] },
    });
    const zones = { "skydns.local": "/skydns", ".": "/skydns", "elsewhere.local": "/elsewhere" };
    const ports = await freePorts(Object.keys(zones).length);
    const { ca, cert, key } = etcd.files.coredns!;
    const blocks = Object.entries(zones).map(([zone, path], i) => {
      ask[zone] = new Resolver({ timeout: 5_000, tries: 1 });
      ask[zone].setServers([`127.0.0.1:${ports[i]}`]);
      const settings = `path ${path}\n endpoint ${etcd.endpoint}\n tls ${cert} ${key} ${ca}`;
      return `${zone}:${ports[i]} {\n bind 127.0.0.1\n errors\n log\n etcd {\n ${settings}\n }\n}\n`;
    });
    const corefile = join(etcd.directory, "Corefile");
    writeFileSync(corefile, blocks.join(""));
    const logFile = join(etcd.directory, "coredns.log");
    log = () => readFileSync(logFile, "utf8");
    server = startServer(program, ["-conf", corefile], logFile);
    await until("CoreDNS serves", () => server.ended || /^CoreDNS-/m.test(log()), log);
    assert.equal(server.ended, false, log());
  });
  after(async () => {
    await server?.stop();
    await etcd?.stop();
  });

  const etcdctl = async (...args: string[]): Promise<void> => {
    const { ca, cert, key } = etcd.files["external-dns"]!;
    const flags = [`--endpoints=${etcd.endpoint}`, `--cacert=${ca}`, `--cert=${cert}`, `--key=${key}`];
    const { code, stderr } = await run(etcd.cluster.binaries.etcdctl, [...flags, ...args]);
    assert.equal(code, 0, stderr);
  };
  const code = (answer: Promise<unknown>) => answer.then(String, (error: { code: string }) => error.code);

  it("says that there is no name, of one and of its whole zone, while there are no records", async () => {
    assert.equal(await code(ask["skydns.local"]!.resolve4("www.skydns.local")), "ENOTFOUND");
    assert.notEqual(await code(ask["."]!.resolve4(".")), "ESERVFAIL");
    assert.deepEqual(await etcd.refusals(), {}, log());
  });

  it("serves what another user has written", async () => {
    await etcdctl("put", "/skydns/local/skydns/www/a", JSON.stringify({ host: "192.0.2.1", ttl: 60 }));
    await etcdctl("put", "/skydns/local/skydns/www/b", JSON.stringify({ host: "192.0.2.2", ttl: 60 }));
    await etcdctl("put", "/skydns/local/skydns/text", JSON.stringify({ text: "hello" }));
    assert.deepEqual((await ask["skydns.local"]!.resolve4("www.skydns.local")).sort(), ["192.0.2.1", "192.0.2.2"]);
    assert.deepEqual(await ask["skydns.local"]!.resolve4("a.www.skydns.local"), ["192.0.2.1"]);
    assert.deepEqual(await ask["skydns.local"]!.resolveTxt("text.skydns.local"), [["hello"]]);
    assert.equal((await ask["skydns.local"]!.resolve4("*.skydns.local")).length, 2);
    assert.equal((await ask["."]!.resolve4("www.skydns.local")).length, 2);
  });

  it("sees what that user takes away", async () => {
    await etcdctl("del", "--prefix", "/skydns/local/skydns/www");
    assert.equal(await code(ask["skydns.local"]!.resolve4("www.skydns.local")), "ENOTFOUND");
  });

  it("was refused nothing until then", async () => {
    assert.deepEqual(await etcd.refusals(), {}, log());
    assert.doesNotMatch(log(), /permission denied/);
  });

  it("is refused what is below another path", async () => {
    assert.equal(await code(ask["elsewhere.local"]!.resolve4("www.elsewhere.local")), "ESERVFAIL");
    assert.match(log(), /permission denied/);
    assert.deepEqual(Object.keys(await etcd.refusals()), ["Range"]);
  });
});
