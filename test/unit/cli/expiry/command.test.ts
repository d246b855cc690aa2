import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Server, createServer } from "node:tls";
import { after, before, describe, it } from "mocha";
import { type KeyPair, testAuthority } from "../../../support/issue-certificates";
import { run } from "../../../support/run";

const main = resolve(__dirname, "../../../../src/cli/main.ts");

describe("etcd-pki expiry", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), "expiry-"));
  const [file, caFile] = [join(directory, "etcd-1.pem"), join(directory, "ca.pem")];
  let server: Server;
  let port: number;
  let expired: KeyPair;

  const expiry = (...args: string[]) => run(process.execPath, ["--require", "tsx/cjs", main, "expiry", ...args]);

  before(async () => {
    const authority = await testAuthority("etcd-ca-1");
    const issue = (notAfter?: Date): Promise<KeyPair> => authority.issue({ commonName: "etcd-1", notAfter });
    const [written, served] = [await issue(), await issue()];
    expired = await issue(new Date(Date.now() - 1000));
    writeFileSync(file, written.certPem + written.privateKeyPem);
    writeFileSync(caFile, authority.certPem);
    // As etcd does, it asks for a certificate that the report has none of.
    const options = { cert: served.certPem, key: served.privateKeyPem, ca: authority.certPem, requestCert: true };
    server = createServer({ ...options, rejectUnauthorized: true }).listen(0, "::1");
    await new Promise((listening) => server.once("listening", listening));
    port = (server.address() as AddressInfo).port;
  });
  after(() => {
    server?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it("reads a live handshake without a certificate of its own, and sees that the file has another one", async () => {
    const endpoint = `[::1]:${port}`;
    const { code, stdout, stderr } = await expiry(
      "--file",
      file,
      "--ca-file",
      caFile,
      "--endpoint",
      endpoint,
      "--json",
    );
    assert.equal(code, 1, stderr);
    const { certificates, disagreements } = JSON.parse(stdout) as {
      certificates: { sources: string[] }[];
      disagreements: string[];
    };
    // Node.js's server shows its authority, too.
    const sources = [[file], [endpoint], [caFile, endpoint]];
    assert.deepEqual(certificates.map((row) => row.sources.join()).sort(), sources.map(String).sort());
    assert.match(disagreements.join(), /^client\+server "etcd-1" is not the same everywhere: /);
  });

  it("prints what it can read beside one bad file and one bad endpoint, each a line, and ends with 3", async () => {
    const { code, stdout } = await expiry(
      "--file",
      file,
      join(directory, "none.pem"),
      "--endpoint",
      "a:b",
      "127.0.0.1:1",
    );
    assert.equal(code, 3);
    assert.match(stdout, /^etcd-1 +client\+server +ok/m);
    assert.match(stdout, /^! .*none\.pem could not be read: ENOENT/m);
    assert.match(stdout, /^! a:b could not be read: it is no address/m);
    assert.match(stdout, /^! 127\.0\.0\.1:1 could not be read: connect ECONNREFUSED/m);
  });

  it("ends with 2 for one that has expired, though another source could not be read", async () => {
    const old = join(directory, "old.pem");
    writeFileSync(old, expired.certPem);
    assert.equal((await expiry("--file", old, join(directory, "none.pem"))).code, 2);
  });

  it("does not take silence for all well: Secrets of strangers alone end with 3", async () => {
    const secrets = join(directory, "secrets.json");
    const data = { "tls.crt": Buffer.from(expired.certPem).toString("base64") };
    writeFileSync(secrets, JSON.stringify({ items: [{ metadata: { namespace: "a", name: "b" }, data }] }));
    const { code, stdout } = await expiry("--secrets", secrets);
    assert.equal(code, 3);
    assert.match(stdout, /no certificate was found that belongs to a cluster which is known here/);
    assert.equal((await expiry("--secrets", secrets, "--ca-file", caFile)).code, 2);
  });

  it("writes to a file whole, and readable for node_exporter", async () => {
    const output = join(directory, "etcd.prom");
    writeFileSync(output, "old");
    const { code, stdout } = await expiry("--file", file, "--prometheus", "--output", output);
    assert.deepEqual([code, stdout], [0, ""]);
    assert.match(readFileSync(output, "utf8"), /^etcd_pki_report_seconds \d+\n$/m);
    assert.equal(statSync(output).mode & 0o777, 0o644);
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.endsWith(".tmp")),
      [],
    );
  });

  it("never prints a private key", async () => {
    for (const form of [[], ["--json"], ["--prometheus"]]) {
      const { stdout, stderr } = await expiry("--file", file, ...form);
      assert.match(stdout, /etcd-1/);
      assert.doesNotMatch(stdout + stderr, /PRIVATE KEY/);
    }
  });
});
