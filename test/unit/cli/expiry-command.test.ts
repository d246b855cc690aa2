import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Server, createServer } from "node:tls";
import { after, before, describe, it } from "mocha";
import { type KeyPair, testAuthority } from "../../support/issue-certificates";
import { run } from "../../support/run";

const main = resolve(__dirname, "../../../src/cli/main.ts");
const hours = 60 * 60 * 1000;

describe("etcd-pki expiry", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), "expiry-"));
  const file = join(directory, "etcd-1.pem");
  let server: Server;
  let endpoint: string;

  const expiry = (args: string[], inHours = 0) =>
    run(process.execPath, ["--require", "tsx/cjs", main, "expiry", ...args], {
      env: { ...process.env, ETCD_PKI_NOW: new Date(Date.now() + inHours * hours).toISOString() },
    });

  before(async () => {
    const authority = await testAuthority("etcd-ca-1");
    const issue = (): Promise<KeyPair> => authority.issue({ commonName: "etcd-1" });
    const [written, served] = [await issue(), await issue()];
    writeFileSync(file, written.certPem + written.privateKeyPem);
    // As etcd does, it asks for a certificate that the report has none of.
    const options = { cert: served.certPem, key: served.privateKeyPem, ca: authority.certPem, requestCert: true };
    server = createServer({ ...options, rejectUnauthorized: true }).listen(0, "127.0.0.1");
    await new Promise((listening) => server.once("listening", listening));
    endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it("ends with 0, 1 or 2 as time goes on", async () => {
    const codes = [];
    for (const inHours of [0, 23, 25]) codes.push((await expiry(["--file", file], inHours)).code);
    assert.deepEqual(codes, [0, 1, 2]);
  });

  it("reads a live handshake without a certificate of its own, and sees that the file has another one", async () => {
    const { code, stdout } = await expiry(["--file", file, "--endpoint", endpoint, "--json"]);
    assert.equal(code, 1);
    const { certificates, disagreements } = JSON.parse(stdout) as Record<string, { source: string }[]>;
    assert.deepEqual(certificates?.map(({ source }) => source).sort(), [file, endpoint].sort());
    assert.match(String(disagreements?.[0]), /^member "etcd-1" is not the same everywhere: /);
  });

  it("ends with 3 where it cannot read, and prints what it can", async () => {
    const { code, stdout } = await expiry(["--file", file, join(directory, "none.pem")]);
    assert.equal(code, 3);
    assert.match(stdout, /^etcd-1 +member +ok/m);
    assert.match(stdout, /! .*none\.pem could not be read: ENOENT/);
  });

  it("ends with 3 for a word that it does not know, or nothing to read", async () => {
    for (const args of [["--fiel", file], []]) assert.equal((await expiry(args)).code, 3);
    assert.match((await expiry([])).stderr, /name what to read: --stack/);
  });

  it("never prints a private key", async () => {
    for (const form of [[], ["--json"], ["--prometheus"]]) {
      const { stdout, stderr } = await expiry(["--file", file, ...form]);
      assert.match(stdout, /etcd-1/);
      assert.doesNotMatch(stdout + stderr, /PRIVATE KEY/);
    }
  });
});
