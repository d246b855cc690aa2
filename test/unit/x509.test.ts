import assert from "node:assert/strict";
import { X509Certificate, createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import {
  certificateTexts,
  checksum,
  endOf,
  extensionsOf,
  isKeyOf,
  keyIdOf,
  parsedCertificate,
  parsedKey,
  parsedRequest,
  serialNumberOf,
  validityHoursOf,
} from "../../src/x509";
import { handMade, pemOf } from "../support/openssl";

describe("What is read of certificates that OpenSSL made:", () => {
  const directory = mkdtempSync(join(tmpdir(), "x509-"));
  after(() => rmSync(directory, { recursive: true, force: true }));
  const openssl = (...args: string[]) =>
    execFileSync("openssl", args, { stdio: ["ignore", "pipe", "ignore"], cwd: directory })
      .toString()
      .trim();

  const extensions = ["basicConstraints=critical,CA:TRUE,pathlen:2", "nameConstraints=permitted;DNS:example.com"];
  let root: string;
  let other: string;
  let rootKey: string;

  before(() => {
    handMade({
      cert: join(directory, "root.pem"),
      key: join(directory, "root.key"),
      commonName: "root",
      days: 100,
      extensions,
    });
    handMade({
      cert: join(directory, "other.pem"),
      key: join(directory, "other.key"),
      commonName: "other",
      digest: "sha1",
    });
    [root, other, rootKey] = [
      pemOf(join(directory, "root.pem")),
      pemOf(join(directory, "other.pem")),
      pemOf(join(directory, "root.key")),
    ];
  });

  it("its serial number, end and life, as OpenSSL says them", () => {
    assert.equal(`serial=${serialNumberOf(root)}`, openssl("x509", "-in", "root.pem", "-noout", "-serial"));
    const [, end = ""] = openssl("x509", "-in", "root.pem", "-noout", "-enddate").split("=");
    assert.equal(endOf(root), new Date(end).toISOString().replace(".000Z", "Z"));
    assert.equal(validityHoursOf(root), 100 * 24);
  });

  it("the certificates in a text, without what stands around them", () => {
    const all = certificateTexts(`# mine\n${root}\nother:\r\n${other.replaceAll("\n", "\r\n")}${rootKey}`);
    assert.deepEqual(all, [root, other]);
    assert.deepEqual(certificateTexts(rootKey), []);
  });

  it("its key, by which two certificates of one authority are told to be the same", () => {
    const der = execFileSync("openssl", ["pkey", "-in", "root.key", "-pubout", "-outform", "DER"], { cwd: directory });
    assert.equal(keyIdOf(new X509Certificate(root)), createHash("sha256").update(der).digest("hex"));
    assert.notEqual(keyIdOf(new X509Certificate(root)), keyIdOf(new X509Certificate(other)));
    assert.equal(isKeyOf(rootKey, root), true);
    assert.equal(isKeyOf(rootKey, other), false);
    assert.equal(isKeyOf("", root), undefined);
    assert.equal(isKeyOf(rootKey, ""), undefined);
  });

  it("the extensions that decide what it may sign", () => {
    assert.deepEqual(extensionsOf(root), {
      ...{ isAuthority: true, signsCertificates: true, pathLength: 2 },
      ...{ hasNameConstraints: true, signatureHash: "SHA-256" },
    });
    const { pathLength, hasNameConstraints, signatureHash } = extensionsOf(other);
    assert.deepEqual([pathLength, hasNameConstraints, signatureHash], [undefined, false, "SHA-1"]);
  });

  it("what a request asks for", () => {
    writeFileSync(join(directory, "names"), "subjectAltName=DNS:app.example.com,IP:10.0.0.1,IP:fd00::1\n");
    const request = openssl(
      ...["req", "-new", "-key", "root.key", "-subj", "/O=apps/CN=app"],
      ...["-addext", "subjectAltName=DNS:app.example.com,IP:10.0.0.1,IP:fd00::1"],
    );
    const { commonName, hosts } = parsedRequest(request) ?? assert.fail("no request");
    assert.equal(commonName, "app");
    assert.deepEqual(hosts.slice(0, 2), ["app.example.com", "10.0.0.1"]);
    assert.equal(hosts.length, 3);
    const nameless = openssl("req", "-new", "-key", "root.key", "-subj", "/O=apps");
    assert.deepEqual(parsedRequest(nameless), { commonName: "", hosts: [] });
  });

  it("nothing, where a text is none of it", () => {
    for (const text of ["", "x", rootKey, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]) {
      assert.equal(parsedCertificate(text), undefined);
      assert.equal(parsedRequest(text), undefined);
      assert.equal(endOf(text), undefined);
      assert.equal(serialNumberOf(text), "");
    }
    assert.equal(parsedCertificate(undefined), undefined);
    assert.equal(parsedKey(root), undefined);
    assert.equal(checksum(undefined), checksum(""));
  });
});
