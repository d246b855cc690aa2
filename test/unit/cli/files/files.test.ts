import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { run } from "../../../support/run";
import { type Declared, type Generations, stackOf } from "../../../support/stack-export";

const main = resolve(__dirname, "../../../../src/cli/main.ts");
const one: Generations = { generations: ["1"], signing: "1" };
const declared: Declared = {
  client: one,
  peer: one,
  members: { "etcd-1": ["10.0.0.1", "127.0.0.1"], "etcd-2": ["10.0.0.2", "127.0.0.1"] },
  proxies: { "proxy-1": ["10.0.0.9"] },
  components: ["my-app", "kube-apiserver"],
};

describe("etcd-pki files", function () {
  this.timeout(60_000);
  let directory: string;
  beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "etcd-pki-"))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const files = async (stack: string, ...args: string[]) => {
    const file = join(directory, "stack.json");
    writeFileSync(file, stack);
    const call = [
      "--require",
      "tsx/cjs",
      main,
      "files",
      "--export",
      file,
      "--directory",
      join(directory, "out"),
      ...args,
    ];
    const { code, stdout, stderr } = await run(process.execPath, call);
    assert.doesNotMatch(stdout + stderr, /PRIVATE KEY/);
    return { code, stdout: stdout.replaceAll(directory, ""), stderr: stderr.replaceAll(directory, "") };
  };
  const written = (folder = join(directory, "out")): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();
  const mode = (path: string) => (statSync(join(directory, "out", path)).mode & 0o777).toString(8);

  it("ends as the tutorial does in the layout of hack/tls-setup, and keeps keys to their owner", async () => {
    const { code, stdout, stderr } = await files(await stackOf()(declared), "--layout", "tls-setup");
    assert.equal(code, 0, stderr);
    const pair = (name: string) => [`${name}-key.pem`, `${name}.pem`];
    const identities = ["etcd-1", "etcd-2", "kube-apiserver", "my-app", "proxy-1", "peer-etcd-1", "peer-etcd-2"];
    assert.deepEqual(
      written(),
      [...["ca.pem", "peer-ca.pem"], ...[...identities, "upstream-proxy-1"].flatMap(pair)].sort(),
    );
    assert.equal(mode("etcd-1-key.pem"), "600");
    assert.equal(mode("etcd-1.pem"), "644");
    assert.match(stdout, /\/out\/ca\.pem +created +etcd-1, etcd-2, proxy-1, my-app, kube-apiserver/);
    assert.match(stdout, /^0 of 18 files were as they should be\.$/m);
  });

  it("changes nothing the second time, and says so", async () => {
    const stack = await stackOf()(declared);
    await files(stack, "--layout", "tls-setup");
    const { code, stdout } = await files(stack, "--layout", "tls-setup");
    assert.deepEqual([code, stdout], [0, "18 of 18 files were as they should be.\n"]);
  });

  it("only says with --dry-run what would change, and ends with 1", async () => {
    const { code, stdout } = await files(await stackOf()(declared), "--identity", "my-app", "--dry-run");
    assert.equal(code, 1);
    assert.match(stdout, /my-app-key\.pem +created +my-app\nNothing was written\./);
    assert.deepEqual(written(directory), ["stack.json"]);
  });

  it("puts a mode right that was loosened", async () => {
    const stack = await stackOf()(declared);
    await files(stack, "--identity", "my-app");
    const { chmodSync } = await import("node:fs");
    chmodSync(join(directory, "out", "my-app-key.pem"), 0o644);
    assert.match((await files(stack, "--identity", "my-app")).stdout, /my-app-key\.pem +changed/);
    assert.equal(mode("my-app-key.pem"), "600");
  });

  const trusting = { ...declared, client: { generations: ["1", "2"], signing: "1" } };
  it("says it in words: clients, then members one by one", async () => {
    const stack = stackOf();
    await files(await stack(declared), "--layout", "tls-setup");
    const { stdout } = await files(await stack(trusting), "--layout", "tls-setup");
    assert.match(
      stdout,
      /Restart, unless it reads its files anew by itself: proxy-1 \(its CA bundle gained an authority\), .*\nRestart one after the other, each healthy before the next: etcd-1 \(its CA bundle gained an authority\), etcd-2/,
    );
  });

  it("writes what starts programs, with the paths on the machine", async () => {
    const config = ["--config", "flags,etcdctl,haproxy,grpc-proxy"];
    const { code, stderr } = await files(await stackOf()(declared), "--layout", "tls-setup", ...config);
    assert.equal(code, 0, stderr);
    const text = (name: string) => readFileSync(join(directory, "out", name), "utf8").replaceAll(directory, "");
    assert.match(text("etcd-1.flags"), /^--cert-file=\/out\/etcd-1\.pem$/m);
    assert.match(
      text("etcd-1.flags"),
      /^--initial-cluster=etcd-1=https:\/\/10\.0\.0\.1:2380,etcd-2=https:\/\/10\.0\.0\.2:2380$/m,
    );
    assert.equal(
      text("my-app.etcdctl"),
      "ETCDCTL_ENDPOINTS=https://10.0.0.1:2379,https://10.0.0.2:2379\nETCDCTL_CACERT=/out/ca.pem\nETCDCTL_CERT=/out/my-app.pem\nETCDCTL_KEY=/out/my-app-key.pem\n",
    );
    assert.match(
      text("my-app.haproxy"),
      /server etcd-2 10\.0\.0\.2:2379 ssl alpn h2 verify required ca-file \/out\/ca\.pem crt \/out\/my-app\.combined\.pem/,
    );
    assert.equal(mode("my-app.combined.pem"), "600");
    assert.match(text("etcd-1.flags"), /^--initial-cluster-token=etcd-project-test$/m);
    assert.match(text("proxy-1.grpc-proxy"), /^--cert=\/out\/upstream-proxy-1\.pem$/m);
  });

  const refused: [string, string[], RegExp][] = [
    [
      "a folder in which two members would overwrite each other",
      [],
      /out\/server\.pem would be the certificate of etcd-1 and the certificate of etcd-2; .*\{identity\} in --directory/,
    ],
    [
      "an identity that is not there",
      ["--identity", "etcd-9"],
      /--identity etcd-9: there is no such identity; there are etcd-1/,
    ],
    ["a layout that is not there", ["--layout", "cfssl"], /--layout is "cfssl"; give one of machine, tls-setup/],
    ["a template without its part", ["--layout", "{identity}.pem"], /put \{part\} into it/],
    [
      "a text that is not there",
      ["--config", "nginx"],
      /--config nginx is no text that there is here; give some of flags/,
    ],
    [
      "a release that is none",
      ["--config", "flags", "--etcd-version", "3.6"],
      /--etcd-version is "3\.6"; give a whole version/,
    ],
    [
      "a host that the certificate does not name",
      ["--advertise", "etcd-1=10.9.9.9"],
      /its certificate does not name it; it names 10\.0\.0\.1/,
    ],
    [
      "a folder that needs quotes",
      ["--config", "flags", "--machine-directory", "/my etcd"],
      /--machine-directory is "\/my etcd"; give/,
    ],
    ["two sources", ["--stack"], /name what to read: --stack or --export/],
  ];
  for (const [what, args, message] of refused) {
    it(`refuses ${what}, and writes nothing`, async () => {
      const { code, stderr } = await files(await stackOf()(declared), ...args);
      assert.equal(code, 3);
      assert.match(stderr, message);
      assert.deepEqual(written(directory), ["stack.json"]);
    });
  }

  it("refuses etcd.yaml where it could not keep components off the peer port", async () => {
    const stack = await stackOf()({ client: one, members: declared.members! });
    const yaml = ["--layout", "tls-setup", "--config", "etcd.yaml"];
    assert.match((await files(stack, ...yaml)).stderr, /cannot keep components off the peer port before etcd 3\.5\.15/);
    assert.equal((await files(stack, ...yaml, "--etcd-version", "3.6.16")).code, 0);
  });
});
