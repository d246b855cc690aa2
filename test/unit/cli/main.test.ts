import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { run } from "../../support/run";

const main = resolve(__dirname, "../../../src/cli/main.ts");

describe("the command etcd-pki", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), "etcd-pki-"));
  const preload = join(directory, "loaded.cjs");
  const loaded = join(directory, "loaded.json");
  before(() =>
    writeFileSync(
      preload,
      `process.on("exit", () => require("fs").writeFileSync(${JSON.stringify(loaded)}, JSON.stringify(Object.keys(require.cache))));`,
    ),
  );
  after(() => rmSync(directory, { recursive: true, force: true }));

  const etcdPki = (...args: string[]) =>
    run(process.execPath, ["--require", preload, "--require", "tsx/cjs", main, ...args]);

  const calls: [string[], string][] = [
    [["--help"], "Usage: etcd-pki [options] [command]"],
    [["expiry", "--help"], "Usage: etcd-pki expiry"],
    [["expiry", "--prometheus-rules"], "EtcdCertificate"],
  ];
  for (const [args, expected] of calls) {
    it(`loads nothing of Pulumi and no client of etcd for "${args.join(" ")}"`, async () => {
      const { code, stdout, stderr } = await etcdPki(...args);
      assert.equal(code, 0, stderr);
      assert.ok(stdout.includes(expected), stdout);
      const modules = JSON.parse(readFileSync(loaded, "utf8")) as string[];
      assert.ok(modules.some((module) => module.includes("/commander/")));
      assert.deepEqual(
        modules.filter((module) => /node_modules\/(@pulumi|@grpc|@peculiar|etcd3)\//.test(module)),
        [],
      );
    });
  }

  it("ends with 3 for a command, an option or a lack of one that it does not know, and says where to look", async () => {
    for (const args of [["expirey"], ["expiry", "--fiel", "x"], ["expiry"]]) {
      const { code, stderr } = await etcdPki(...args);
      assert.equal(code, 3, args.join(" "));
      assert.match(stderr, /--help|name what to read/);
    }
  });

  it("shows the package's version", async () => {
    const { version } = JSON.parse(readFileSync(resolve(__dirname, "../../../package.json"), "utf8"));
    assert.equal((await etcdPki("--version")).stdout, `${version}\n`);
  });
});
