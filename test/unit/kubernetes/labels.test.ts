import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "mocha";
import * as pulumi from "@pulumi/pulumi";
import { annotationsOf } from "../../../src/kubernetes/labels";
import { testAuthority } from "../../support/issue-certificates";
import { valueOf } from "../../support/mocks";

const annotations = async (certPem: string, caBundlePem = "bundle") =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(annotationsOf(pulumi.output(certPem), pulumi.output(caBundlePem))).map(async ([key, value]) => [
        key.replace("etcd-pki/", ""),
        await valueOf(value),
      ]),
    ),
  ) as Record<string, string>;
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("The annotations of a Secret", () => {
  it("say what is in the certificate", async () => {
    const authority = await testAuthority("etcd-ca-1");
    const { certPem } = await authority.issue({
      commonName: "etcd-1",
      hosts: ["etcd-1.example.com", "10.0.0.1", "::1"],
    });
    const said = await annotations(certPem);
    assert.equal(said.hosts, "etcd-1.example.com,10.0.0.1,::1");
    assert.equal(said.issuer, "CN=etcd-ca-1");
    assert.match(said["not-before"] ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.ok(new Date(said["not-after"] ?? "").getTime() > Date.now(), said["not-after"]);
  });

  it("say that a certificate has no hosts", async () => {
    const authority = await testAuthority("etcd-ca-1");
    const { certPem } = await authority.issue({ commonName: "my-app", hosts: [], usages: ["client"] });
    assert.equal((await annotations(certPem)).hosts, "");
  });

  it("have one checksum for the certificate and one for the CA bundle", async () => {
    const said = await annotations("leaf", "bundle");
    assert.equal(said["leaf-checksum"], sha256("leaf"));
    assert.equal(said["bundle-checksum"], sha256("bundle"));
  });
});
