import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { commonNameOf } from "../../../../src/x509";
import { addressOf } from "../../../../src/cli/endpoint";
import { inPath, inSecrets, type Reading } from "../../../../src/cli/expiry/sources";
import { inStack } from "../../../../src/cli/expiry/stack";
import { type TestAuthority, testAuthority } from "../../../support/issue-certificates";

const names = ({ found }: Reading) => found.map(({ certificate }) => commonNameOf(certificate));

describe("what the expiry report reads", () => {
  const directory = mkdtempSync(join(tmpdir(), "sources-"));
  let authority: TestAuthority;
  let app: { certPem: string; privateKeyPem: string };
  before(async () => {
    authority = await testAuthority("etcd-ca-1");
    app = await authority.issue({ commonName: "app", hosts: [], usages: ["client"] });
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  describe("of files", () => {
    const file = (name: string, content: string) => {
      writeFileSync(join(directory, name), content);
      return join(directory, name);
    };

    it("is every certificate in one, with what else is in it passed over", () => {
      const bundle = file("bundle.txt", `Issuer: me\r\n${app.certPem}${app.privateKeyPem}\n${authority.certPem}`);
      assert.deepEqual(names(inPath(bundle)), ["app", "etcd-ca-1"]);
      assert.deepEqual(names(inPath(file("windows.txt", app.certPem.replaceAll("\n", "\r\n")))), ["app"]);
    });

    it('is OpenSSL\'s "TRUSTED CERTIFICATE", too', () => {
      const [plain, trusted] = [file("plain.txt", app.certPem), join(directory, "trusted.txt")];
      execFileSync("openssl", ["x509", "-in", plain, "-trustout", "-addtrust", "clientAuth", "-out", trusted]);
      assert.deepEqual(names(inPath(trusted)), ["app"]);
    });

    it("is every certificate of a folder, and a line for each file that is broken", () => {
      const folder = join(directory, "pki");
      mkdirSync(folder);
      for (const [name, content] of Object.entries({
        "ca.crt": authority.certPem,
        "ca.key": "",
        "app.pem": app.certPem,
        "app-key.pem": app.privateKeyPem,
        "app.csr": "",
        "broken.pem": app.certPem.replace(/[A-Za-z0-9+/]{40}/, "AAAA"),
      }))
        writeFileSync(join(folder, name), content);
      const reading = inPath(folder);
      assert.deepEqual(names(reading), ["app", "etcd-ca-1"]);
      assert.deepEqual(reading.unreadable.length, 1);
      assert.match(reading.unreadable[0], /broken\.pem could not be read: /);
    });

    it("is a line for a file without a certificate, and an error for a folder without one", () => {
      assert.deepEqual(inPath(file("key.pem", app.privateKeyPem)).unreadable, [
        `${join(directory, "key.pem")} could not be read: there is no certificate in it`,
      ]);
      mkdirSync(join(directory, "empty"));
      assert.throws(() => inPath(join(directory, "empty")), /no file in it that ends with \.pem/);
    });
  });

  describe("of Secrets", () => {
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const secret = (name: string, data: Record<string, string>, labels?: Record<string, string>) => ({
      metadata: { namespace: "calico", name, labels },
      data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
    });
    const ours = { "etcd-pki/cluster": "etcd" };
    const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

    it("is every certificate in one or in a list, marked where no label says that it is ours", () => {
      const labelled = secret("etcd", { "tls.crt": app.certPem, "tls.key": app.privateKeyPem }, ours);
      const [one] = inSecrets(JSON.stringify(labelled), false).found;
      assert.deepEqual([one.source, one.perhapsStrange], ["secret calico/etcd tls.crt", false]);
      const { found } = inSecrets(JSON.stringify({ items: [labelled, secret("web", { c: app.certPem })] }), false);
      assert.deepEqual(
        found.map(({ perhapsStrange }) => perhapsStrange),
        [false, true],
      );
    });

    it("is one line for a broken one, beside all others; a stranger's broken one only if all are asked for", () => {
      const list = (labels?: Record<string, string>) =>
        JSON.stringify({
          items: [secret("bad", { "tls.crt": broken }, labels), secret("good", { c: app.certPem }, ours)],
        });
      assert.match(inSecrets(list(ours), false).unreadable.join(), /^secret calico\/bad tls\.crt could not be read: /);
      assert.deepEqual(names(inSecrets(list(ours), false)), ["app"]);
      assert.deepEqual(inSecrets(list(), false).unreadable, []);
      assert.equal(inSecrets(list(), true).unreadable.length, 1);
    });
  });

  describe("of a stack", () => {
    const pki = "urn:pulumi:dev::p::my:Cluster$etcd-pki:index:EtcdPki::my-ca-etcd";
    const resource = (name: string, more: object = {}) => ({
      urn: `urn:pulumi:dev::p::etcd-pki:index:EtcdPki$tls:index/locallySignedCert:LocallySignedCert::${name}`,
      type: "tls:index/locallySignedCert:LocallySignedCert",
      parent: pki,
      inputs: { earlyRenewalHours: 5 },
      outputs: { certPem: app.certPem },
      ...more,
    });
    const stack = (...resources: object[]) => inStack("the stack", JSON.stringify({ deployment: { resources } }));

    it("is what an EtcdPki issued, with its window and its identity by the logical name", () => {
      const { found } = stack(
        resource("my-ca-etcd-component-app"),
        resource("my-ca-etcd-peer-etcd-1"),
        resource("my-ca-etcd-upstream"),
        resource("x", { parent: "urn:pulumi:dev::p::pulumi:pulumi:Stack::p" }),
        resource("my-ca-etcd-component-gone", { delete: true }),
      );
      assert.deepEqual(
        found.map(({ known }) => [known?.cluster, known?.kind, known?.identity, known?.earlyRenewalHours]),
        [
          ["my-ca-etcd", "component", "app", 5],
          ["my-ca-etcd", "peer", "etcd-1", 5],
          ["my-ca-etcd", "upstream", "upstream", 5],
        ],
      );
    });

    it("is every authority in a bundle of an EtcdPki, too: one that it only trusts is no resource", () => {
      const outputs = { caBundlePem: authority.certPem, peerCaBundlePem: authority.certPem };
      const { found } = stack({ urn: pki, type: "etcd-pki:index:EtcdPki", outputs });
      assert.deepEqual([...new Set(found.map(({ known }) => known?.urn))], [pki]);
    });

    it("is a line for a certificate that is encrypted, and for a stack without any", () => {
      const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };
      const reading = stack(resource("etcd-component-app", { outputs: { certPem: secret } }));
      assert.deepEqual(reading.unreadable, [
        "etcd-component-app in the stack could not be read: it is encrypted or not issued yet; a certificate is no secret",
      ]);
      assert.match(stack().unreadable.join(), /there is no EtcdPki with certificates in it/);
    });
  });

  describe("of a live server's address", () => {
    const addresses: [string, string, number][] = [
      ["https://10.0.0.1:2379", "10.0.0.1", 2379],
      ["10.0.0.1", "10.0.0.1", 2379],
      ["etcd-1.example.com:4001", "etcd-1.example.com", 4001],
      ["https://etcd-1/", "etcd-1", 2379],
      ["[::1]:4001", "::1", 4001],
      ["https://[fd00::1]:2379", "fd00::1", 2379],
      ["[fd00::1]", "fd00::1", 2379],
      ["::1", "::1", 2379],
      ["https://::1", "::1", 2379],
    ];
    for (const [address, host, port] of addresses)
      it(`is ${host}, port ${port}, for ${address}`, () => assert.deepEqual(addressOf(address), { host, port }));

    for (const address of ["", "http://10.0.0.1:2379", "a:b", "10.0.0.1:70000", "[etcd-1]:2379", "user@etcd-1:2379"])
      it(`is refused for ${JSON.stringify(address)}`, () =>
        assert.throws(() => addressOf(address), /it is no address/));
  });
});
