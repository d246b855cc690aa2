import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { before, describe, it } from "mocha";
import * as pulumi from "@pulumi/pulumi";
import { KeyFormat, Layout } from "../../../src/secrets/args";
import { type Contents, type Form, contentProblems, filesIn } from "../../../src/secrets/contents";
import { layouts } from "../../../src/secrets/layouts";
import { type Generation, type Identity, makeGeneration } from "../../support/secrets/authority";

const form = (layout: Layout = Layout.Tls, more: Partial<Form> = {}): Form => {
  const { caBundle, cert, privateKey } = layouts[layout];
  const fileNames = { caBundle, cert, privateKey };
  return { path: `secrets["s"]`, layout, keyFormat: KeyFormat.Default, fileNames, ...more };
};

describe("The content of a Secret", () => {
  let authority: Generation;
  let client: Identity;
  let other: Identity;
  before(async () => {
    authority = await makeGeneration("etcd-ca-1");
    client = await authority.issue({ commonName: "my-app" });
    other = await authority.issue({ commonName: "other" });
  });
  const contents = (more: Partial<Contents> = {}): Contents => ({
    certPem: client.certPem,
    privateKeyPem: client.privateKeyPem,
    caBundlePem: authority.certPem,
    ...more,
  });

  const problems: [what: string, () => Partial<Contents>, message: RegExp][] = [
    [
      "no certificate",
      () => ({ certPem: undefined }),
      /secrets\["s"\].certPem is missing; give PEM, such as the output/,
    ],
    ["an empty certificate", () => ({ certPem: "" }), /certPem is empty/],
    ["a text that is none", () => ({ certPem: "hello" }), /certPem has no certificate that can be read/],
    ["a key in the certificate's place", () => ({ certPem: client.privateKeyPem }), /certPem has no certificate/],
    ["no CA bundle", () => ({ caBundlePem: "" }), /caBundlePem is empty; give PEM, such as the output caBundlePem/],
    ["no key", () => ({ privateKeyPem: undefined }), /privateKeyPem is missing; give it or privateKeyPkcs8Pem/],
    ["an empty key", () => ({ privateKeyPem: "" }), /an identity that brought its own request: its key is where/],
    [
      "a text that is no key",
      () => ({ privateKeyPem: "hunter2" }),
      /privateKeyPem has no private key that can be read/,
    ],
    ["the key of another", () => ({ privateKeyPem: other.privateKeyPem }), /privateKeyPem is not the key of certPem/],
    ["an encrypted key", () => ({ privateKeyPem: encrypted(client) }), /privateKeyPem is encrypted/],
    [
      "too much",
      () => ({ caBundlePem: authority.certPem.repeat(2000) }),
      /has \d{7} bytes; a Secret has at most 1048576/,
    ],
  ];
  for (const [what, more, message] of problems) {
    it(`is refused, and none of it shown: ${what}`, () => {
      const found = contentProblems(form(), contents(more()));
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0] ?? "", message);
      assert.doesNotMatch(found[0] ?? "", /BEGIN|hunter2|hello/);
    });
  }

  it("is not refused while it is not known", () => {
    const later = pulumi.output("later");
    assert.deepEqual(contentProblems(form(), contents()), []);
    for (const name of ["certPem", "privateKeyPem", "caBundlePem"])
      assert.deepEqual(contentProblems(form(), contents({ [name]: later })), [], name);
  });

  it("is refused at exactly one byte above 1 MiB", () => {
    const room = 1024 * 1024 - (client.certPem + client.privateKeyPem).length - authority.certPem.length;
    const padded = (bytes: number) => contents({ caBundlePem: authority.certPem + "\n".repeat(bytes) });
    assert.deepEqual(contentProblems(form(), padded(room)), []);
    assert.match(contentProblems(form(), padded(room + 1))[0] ?? "", /has 1048577 bytes/);
  });

  const uses: [layout: Layout, uses: string[], fits: boolean][] = [
    [Layout.Calico, ["client_auth"], true],
    [Layout.Calico, ["server_auth"], false],
    [Layout.KubeadmServer, ["server_auth"], true],
    [Layout.KubeadmServer, ["client_auth"], false],
    [Layout.KubeadmPeer, ["server_auth", "client_auth"], true],
    [Layout.KubeadmPeer, ["server_auth"], false],
    [Layout.Bitnami, ["server_auth"], true],
    [Layout.Calico, [], true],
  ];
  for (const [layout, usages, fits] of uses) {
    it(`${fits ? "may" : "may not"} be for ${usages.join(" and ") || "anything"} in the layout ${layout}`, async () => {
      const identity = await authority.issue({ commonName: "my-app" }, { uses: usages });
      const found = contentProblems(form(layout), { ...contents(), ...identity });
      assert.equal(found.length, fits ? 0 : 1, found.join());
      if (!fits) assert.match(found[0] ?? "", /layout ".*" is for a .* certificate, and certPem is for a/);
    });
  }

  for (const algorithm of ["ECDSA", "RSA", "ED25519"]) {
    it(`has a ${algorithm} key as it is, or the same key in PKCS#8`, async () => {
      const { certPem, privateKeyPem, privateKeyPkcs8Pem } = await (
        await makeGeneration("etcd-ca-1", algorithm)
      ).issue({ commonName: "my-app" });
      const given = { certPem, privateKeyPem, caBundlePem: authority.certPem };
      assert.equal(filesIn(form(), given)["tls.key"], privateKeyPem);
      const pkcs8 = form(Layout.Tls, { keyFormat: KeyFormat.Pkcs8 });
      assert.equal(filesIn(pkcs8, given)["tls.key"], privateKeyPkcs8Pem);
      assert.equal(filesIn(pkcs8, { ...given, privateKeyPem: privateKeyPkcs8Pem })["tls.key"], privateKeyPkcs8Pem);
    });
  }

  it("has certificate and key in one file where that is asked for", () => {
    const fileNames = { ...form().fileNames, combined: "haproxy.pem" };
    const files = filesIn(form(Layout.Tls, { fileNames }), contents() as Contents<string>);
    assert.equal(files["haproxy.pem"], client.certPem + client.privateKeyPem);
    assert.equal(Object.keys(files).length, 4);
  });
});

const encrypted = ({ privateKeyPem }: Identity) =>
  createPrivateKey(privateKeyPem).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" });
