import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { before, describe, it } from "mocha";
import { certificatesIn, keyId, signingKeys, trustedKeys } from "../../../src/secrets/certificates";
import { type Generation, makeGeneration } from "../../support/secrets/authority";

describe("The keys in a Secret", () => {
  let old: Generation;
  let fresh: Generation;
  let leaf: string;
  let cross: string;
  const key = ({ certPem }: Generation) => keyId(new X509Certificate(certPem));

  before(async () => {
    [old, fresh] = [await makeGeneration("etcd-ca-1"), await makeGeneration("etcd-ca-2")];
    leaf = (await fresh.issue({ commonName: "my-app" })).certPem;
    cross = await fresh.signedBy(old);
  });

  it("are those of all certificates in the bundle, each once", () => {
    const bundle = old.certPem + fresh.certPem + old.certPem;
    assert.deepEqual(trustedKeys(bundle), [key(old), key(fresh)].sort());
  });

  it("are the issuer's, out of the bundle", () => {
    assert.deepEqual(signingKeys(leaf, old.certPem + fresh.certPem), [key(fresh)]);
  });

  it("are with a cross certificate the old generation's, too, also where the bundle has the old one alone", () => {
    assert.deepEqual(signingKeys(leaf + cross, old.certPem), [key(old), key(fresh)].sort());
  });

  it("are none where the issuer is neither in the file nor in the bundle, or where there is no certificate", () => {
    assert.deepEqual(signingKeys(leaf, old.certPem), []);
    assert.deepEqual(signingKeys("certPem:my-app", "certPem:etcd-ca-1"), []);
    assert.deepEqual(certificatesIn(leaf.replace(/[A-Za-z]{20}/, "")), []);
  });

  it("are not taken from a certificate of the issuer's name with another key", async () => {
    const namesake = await makeGeneration("etcd-ca-2");
    assert.deepEqual(signingKeys(leaf, namesake.certPem), []);
  });
});
