import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate } from "@peculiar/asn1-x509";
import { specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc";
import { describe, it } from "mocha";
import { checksum, endOf } from "../../../src/x509";
import { describeCertificate, isIssuedBy } from "../../support/engine/certificate";
import * as certificates from "../../support/engine/stand-in/certificates";
import type { State, StateResource } from "../../support/engine/types";
import { agedBy } from "../../support/years/aged";

const kinds = [
  { algorithm: "RSA", curve: "", isRepeatable: true },
  { algorithm: "ECDSA", curve: "P256", isRepeatable: false },
  { algorithm: "ECDSA", curve: "P384", isRepeatable: false },
  { algorithm: "ECDSA", curve: "P521", isRepeatable: false },
  { algorithm: "ED25519", curve: "", isRepeatable: true },
];
const hours = 720;

for (const { algorithm, curve, isRepeatable } of kinds) {
  describe(`a state that is aged, with ${algorithm} ${curve}`, () => {
    const made = pki(algorithm, curve);
    const aged = (by: number) => made.then(({ state }) => resourcesIn(agedBy(state, by)));

    it("has the same certificates with their validity moved back, and they verify", async () => {
      const [was, is] = [resourcesIn((await made).state), await aged(hours)];
      for (const name of ["authority", "leaf"]) {
        const [old, own] = [was, is].map((all) => String(all[name]!.outputs!["certPem"]));
        assert.deepEqual(describeCertificate(own!), describeCertificate(old!));
        const [before, after] = [new X509Certificate(old!), new X509Certificate(own!)];
        assert.equal(after.serialNumber, before.serialNumber);
        assert.ok(after.publicKey.equals(before.publicKey));
        assert.equal(Date.parse(after.validFrom), Date.parse(before.validFrom) - hours * 3_600_000);
        assert.ok(isIssuedBy(own!, String(is["authority"]!.outputs!["certPem"])));
      }
    });

    it("says the same everywhere: in files, inputs, secrets, records, times and checksums", async () => {
      const { authority, leaf, record, stack } = await aged(hours);
      const [anchor, own] = [authority, leaf].map((resource) => String(resource!.outputs!["certPem"]));
      assert.equal(leaf!.inputs!["caCertPem"], anchor);
      const input = { validUntil: endOf(own), signedBy: "1" };
      assert.deepEqual([record!.inputs, record!.outputs], [{ input }, { input, output: input }]);
      const file = `${own}${anchor}`;
      const sealed = { ...secretOf(file), plaintext: JSON.stringify({ file }) };
      assert.deepEqual(stack!.outputs, { file, checksum: checksum(file), sealed, commonName: "leaf" });
    });

    it("is the same after no time", async () => {
      const [was, is] = [resourcesIn((await made).state), await aged(0)];
      if (isRepeatable) assert.deepEqual(is, was);
      for (const name of ["authority", "leaf"]) assert.deepEqual(signedPart(is[name]!), signedPart(was[name]!));
    });

    it("is refused where the key of an issuer is missing", async () => {
      const { state } = await made;
      const resources = state.deployment.resources!.filter(({ type }) => !type.endsWith(":PrivateKey"));
      assert.throws(() => agedBy({ ...state, deployment: { resources } }, hours), /lacks the key that signed/);
    });
  });
}

async function pki(algorithm: string, curve: string): Promise<{ state: State }> {
  const [caKey, key] = await Promise.all(
    [1, 2].map(async () => certificates.encodeKey(await certificates.generateKey(algorithm, 2048, curve))),
  );
  const validity = { validityPeriodHours: 8760, setSubjectKeyId: true };
  const uses = { allowedUses: ["cert_signing"], isCaCertificate: true };
  const now = new Date();
  const request = async (privateKeyPem: string, commonName: string, dnsNames: string[]) =>
    certificates.selfRequest(privateKeyPem, { commonName, organization: "Müller & Co", country: "DE" }, { dnsNames });
  const { certPem: caCertPem } = await certificates.makeCertificate(
    await request(caKey!.privateKeyPem, "authority", []),
    caKey!.privateKeyPem,
    undefined,
    { ...uses, ...validity },
    now,
  );
  const { certPem, notAfter } = await certificates.makeCertificate(
    await request(key!.privateKeyPem, "leaf", ["leaf.example.com"]),
    caKey!.privateKeyPem,
    caCertPem,
    { allowedUses: ["digital_signature", "server_auth"], ...validity },
    now,
  );
  const validUntil = notAfter.toISOString().replace(".000Z", "Z");
  const input = { validUntil, signedBy: "1" };
  const file = `${certPem}${caCertPem}`;
  const sealed = { ...secretOf(file), plaintext: JSON.stringify({ file }) };
  const resources = [
    resource("tls:index/privateKey:PrivateKey", "key", {
      outputs: {
        privateKeyPem: secretOf(caKey!.privateKeyPem),
        privateKeyPemPkcs8: secretOf(caKey!.privateKeyPemPkcs8),
        privateKeyOpenssh: secretOf("-----BEGIN OPENSSH PRIVATE KEY-----\n...\n-----END OPENSSH PRIVATE KEY-----\n"),
      },
    }),
    resource("tls:index/selfSignedCert:SelfSignedCert", "authority", { outputs: { certPem: caCertPem } }),
    resource("tls:index/locallySignedCert:LocallySignedCert", "leaf", {
      inputs: { caCertPem },
      outputs: { certPem, validityEndTime: validUntil },
    }),
    resource("pulumi:index:Stash", "record", { inputs: { input }, outputs: { input, output: input } }),
    resource("pulumi:pulumi:Stack", "stack", {
      outputs: { file, checksum: checksum(file), sealed, commonName: "leaf" },
    }),
  ];
  return { state: { version: 3, deployment: { resources } } };
}

const secretOf = (value: string) => ({ [specialSigKey]: specialSecretSig, plaintext: JSON.stringify(value) });

const resource = (type: string, name: string, more: Partial<StateResource>): StateResource => ({
  ...{ urn: `urn:pulumi:test::project::${type}::${name}`, type, custom: true },
  ...more,
});

const resourcesIn = ({ deployment }: State): Record<string, StateResource> =>
  Object.fromEntries((deployment.resources ?? []).map((own) => [own.urn.split("::").at(-1), own]));

function signedPart({ outputs }: StateResource): Buffer {
  const { raw } = new X509Certificate(String(outputs?.["certPem"]));
  return Buffer.from(AsnConvert.parse(raw, Certificate).tbsCertificateRaw!);
}
