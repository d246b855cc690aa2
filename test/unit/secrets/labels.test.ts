import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as pulumi from "@pulumi/pulumi";
import { annotationsOf } from "../../../src/secrets/labels";
import { testAuthority } from "../../support/issue-certificates";
import { valueOf } from "../../support/mocks";

const described = (certPem: string) => ({
  certPem: pulumi.output(certPem),
  generation: "1",
  leafChecksum: pulumi.output("checksum of the leaf"),
  bundleChecksum: pulumi.output("checksum of the bundle"),
});
const annotations = async (certPem: string) =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(annotationsOf(described(certPem))).map(async ([key, value]) => [
        key.replace("etcd-pki/", ""),
        await valueOf(value),
      ]),
    ),
  ) as Record<string, string>;

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
    const said = await annotations("no certificate, as in a program's own unit tests");
    assert.equal(said["leaf-checksum"], "checksum of the leaf");
    assert.equal(said["bundle-checksum"], "checksum of the bundle");
    assert.equal(said.issuer, "");
  });
});
