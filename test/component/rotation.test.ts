import assert from "node:assert/strict";
import { describe, it } from "mocha";
import * as pulumi from "@pulumi/pulumi";
import { getMonitor } from "@pulumi/pulumi/runtime/settings";
import type { EtcdPkiArgs } from "../../src/pki/args";
import { EtcdPki } from "../../src/pki/etcd-pki";
import { type Registered, register, valueOf } from "../support/mocks";

const identities: EtcdPkiArgs = { members: { "etcd-1": { hosts: ["10.0.0.1"] } }, components: { app: {} } };
const make = (args: EtcdPkiArgs = {}) => register(() => new EtcdPki("etcd", { ...identities, ...args }));
const find = (registered: Registered[], type: string, name: string) =>
  registered.find((row) => row.type.endsWith(`:${type}`) && row.name === name) as Registered;
const recorded = (registered: Registered[], name: string) => find(registered, "Stash", name).inputs["input"];

describe("the record of trust", () => {
  it("holds what this update declares, in an order of its own", async () => {
    const { registered } = await make({
      certificateAuthority: { generations: ["b", "a"], signing: "a", distrusted: ["c"] },
    });
    assert.deepEqual(recorded(registered, "etcd-trust"), {
      client: { generations: ["a", "b"], signing: "a", distrusted: ["c"] },
      peer: { generations: ["1"], signing: "1" },
    });
  });

  it("comes before every key and certificate, and the record of what was issued after them", async () => {
    const { registered } = await make();
    const trust = find(registered, "Stash", "etcd-trust");
    const keys = registered.filter(({ type }) => /PrivateKey$|LocallySignedCert$/.test(type));
    assert.equal(keys.length, 8);
    const last = registered.indexOf(find(registered, "Stash", "etcd-issued"));
    for (const row of keys) {
      assert.ok(row.dependencies.includes(trust.urn), row.name);
      assert.ok(registered.indexOf(row) < last, row.name);
    }
  });

  it("of what was issued depends on no certificate, so that --exclude can leave one out that was never made", async () => {
    const { registered } = await make({
      members: { "etcd-1": { hosts: [pulumi.output("10.0.0.1")] } },
      certificateAuthority: { generations: ["1", "2"], signing: "2" },
    });
    assert.deepEqual(find(registered, "Stash", "etcd-issued").dependencies, []);
  });

  it("keeps secret hosts to itself, so that a reviewer can read the rest", async () => {
    const { registered } = await make({ members: { "etcd-1": { hosts: [pulumi.secret("hidden.example")] } } });
    const record = JSON.stringify(recorded(registered, "etcd-issued"));
    assert.doesNotMatch(record, /hidden/);
    assert.match(record, /"hosts":"\[secret\]"/);
  });

  it("is made without a hook on a monitor that has none, as that of unit tests", async () => {
    const { registered } = await make();
    assert.equal((getMonitor() as { registerResourceHook?: unknown }).registerResourceHook, undefined);
    assert.ok(find(registered, "Stash", "etcd-trust"));
  });

  it("does not mind mocks that answer with nothing", async () => {
    await pulumi.runtime.setMocks({ newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) });
    const pki = new EtcdPki("etcd", identities);
    const app = pki.components["app"];
    assert.ok(app);
    for (const output of [app.leafChecksum, app.bundleChecksum, app.serialNumber, app.renewFrom, pki.checksum])
      assert.equal(typeof (await valueOf(output)), "string");
  });
});

describe("a generation", () => {
  it("stays as it was made, whatever changes in the arguments", async () => {
    const { registered } = await make();
    const ignored = (type: string) => find(registered, type, "etcd-ca-1").ignoreChanges;
    assert.deepEqual(ignored("PrivateKey"), ["algorithm", "ecdsaCurve", "rsaBits"]);
    assert.deepEqual(ignored("SelfSignedCert"), ["subject", "allowedUses", "setSubjectKeyId", "validityPeriodHours"]);
  });

  it("that is kept but not trusted has its key and certificate, and is not in the bundle", async () => {
    const { made, registered } = await make({ certificateAuthority: { generations: ["2"], distrusted: ["1"] } });
    assert.ok(find(registered, "SelfSignedCert", "etcd-ca-1"));
    assert.equal(await valueOf(made.caBundlePem), "certPem:etcd-ca-2");
  });
});

describe("renewal and key rotation by argument", () => {
  const triggers = async (args: EtcdPkiArgs) => {
    const { registered } = await make(args);
    return ["PrivateKey", "LocallySignedCert"].map(
      (type) => find(registered, type, "etcd-component-app").replacementTrigger,
    );
  };

  it("are watched for from the beginning, since a trigger that was unset moves nothing", async () => {
    assert.deepEqual(await triggers({}), ["", ""]);
  });

  it("reach one identity or all, and its own text keeps none out of a rotation of all", async () => {
    const components = { app: { renewNow: "monday", rotateKey: "tuesday" } };
    assert.deepEqual(await triggers({ components }), ["tuesday", "monday"]);
    assert.deepEqual(await triggers({ defaults: { rotateKey: "all" } }), ["all", ""]);
    assert.deepEqual(await triggers({ components, defaults: { rotateKey: "all" } }), ["all tuesday", "monday"]);
  });
});

describe("the checksums", () => {
  it("differ between leaves and are one for the bundle", async () => {
    const { made } = await make();
    const [member, app] = [made.members["etcd-1"], made.components["app"]];
    assert.ok(member && app);
    assert.notEqual(await valueOf(member.leafChecksum), await valueOf(app.leafChecksum));
    assert.equal(await valueOf(app.bundleChecksum), await valueOf(made.bundleChecksum));
    assert.equal(await valueOf(member.bundleChecksum), await valueOf(app.bundleChecksum));
    assert.notEqual(await valueOf(member.peer.bundleChecksum), await valueOf(app.bundleChecksum));
    assert.match(await valueOf(made.checksum), /^[0-9a-f]{64}$/);
  });

  it("stay what they are when generations and identities are named in another order", async () => {
    const sums = async (args: EtcdPkiArgs) => {
      const { made } = await make(args);
      return [await valueOf(made.bundleChecksum), await valueOf(made.checksum)];
    };
    const authority = { signing: "a" };
    assert.deepEqual(
      await sums({
        components: { x: {}, y: {} },
        certificateAuthority: { ...authority, generations: ["a", "b"] },
      }),
      await sums({
        components: { y: {}, x: {} },
        certificateAuthority: { ...authority, generations: ["b", "a"] },
      }),
    );
  });
});
