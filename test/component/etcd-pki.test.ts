import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, it } from "mocha";
import * as pulumi from "@pulumi/pulumi";
import { unknown } from "@pulumi/pulumi/output";
import * as tls from "@pulumi/tls";
import * as x509 from "@peculiar/x509";
import { type EtcdPkiArgs, ProxyUpstream } from "../../src/pki/args";
import type { IssuedCertificate } from "../../src/pki/certificate/outputs";
import { EtcdPki } from "../../src/pki/etcd-pki";
import { type Registered, register, valueOf } from "../support/mocks";

const args: EtcdPkiArgs = {
  members: { "etcd-1": { hosts: ["10.0.0.1", "b", "a"] }, "etcd-2": { hosts: pulumi.output(["10.0.0.2"]) } },
  proxies: { "proxy-1": { hosts: ["10.0.0.9"] } },
  components: { root: {}, "my-app": {} },
};
const make = (opts?: pulumi.ComponentResourceOptions) => register(() => new EtcdPki("etcd", args, opts));
const children = (registered: Registered[]) => registered.filter(({ type }) => type.startsWith("tls:"));
const named = (registered: Registered[], type: string, name: string) =>
  registered.find((row) => row.type.endsWith(type) && row.name === name)?.inputs ?? {};

// The secret signature of Pulumi's wire format.
const isSecret = (value: unknown) => JSON.stringify(value).includes("1b47061264138c4ac30d75fd1eb44270");

describe("EtcdPki", () => {
  it("keeps its resources' logical names, which users' states rely on", async () => {
    const everything: EtcdPkiArgs = {
      ...args,
      etcdVersion: "3.6.1",
      gatewayCertificate: true,
      certificateAuthority: { generations: ["1", "2"], signing: "2", crossSignedBy: { "2": "1" } },
      peerCertificateAuthority: { generations: ["1", "client:2"], signing: "1", crossSignedBy: { "1": "client:2" } },
    };
    const { registered } = await register(() => [
      new EtcdPki("etcd", everything),
      new EtcdPki("shared", { ...args, sharedAuthority: true, proxyUpstream: ProxyUpstream.Shared }),
    ]);
    const names = registered
      .filter(({ type }) => /^(tls|pulumi:index:)/.test(type))
      .map(({ type, name }) => `${type} ${name}`);
    const golden = resolve(__dirname, "../golden/logical-names.txt");
    assert.deepEqual(names.sort(), readFileSync(golden, "utf8").trim().split("\n"));
  });

  it("is the parent of all its resources", async () => {
    const { made, registered } = await make();
    const urn = await valueOf(made.urn);
    assert.match(urn, /etcd-pki:index:EtcdPki::etcd$/);
    for (const child of children(registered)) assert.equal(child.parent, urn, child.name);
  });

  it("has all its children made before what depends on it", async () => {
    const program = () => {
      const pki = new EtcdPki("etcd", args);
      return new tls.PrivateKey("after", { algorithm: "ED25519" }, { dependsOn: pki });
    };
    const { registered } = await register(program);
    const { dependencies } = registered.find(({ name }) => name === "after") as Registered;
    assert.equal(dependencies.filter((urn) => urn.includes("$tls:")).length, 28);
  });

  it("puts no resource into an output, since Pulumi would walk through all others for each", async () => {
    let walks = 0;
    await register(() => {
      const pki = new EtcdPki("etcd", args);
      return Object.defineProperty(pki, "walked", { enumerable: true, get: () => walks++ }).urn;
    });
    assert.equal(walks, 0);
  });

  it("has for each component its files, and what points programs at them and at the members", async () => {
    const { made } = await make();
    const { files, config } = made.components["my-app"]!;
    assert.deepEqual(
      files.map(({ path, mode }) => [path, mode]),
      [
        ["/etc/etcd/pki/ca.pem", "0644"],
        ["/etc/etcd/pki/my-app.pem", "0644"],
        ["/etc/etcd/pki/my-app-key.pem", "0600"],
      ],
    );
    const [, , key] = files;
    assert.ok(await pulumi.isSecret(key!.content));
    const names = ["calico", "calico-config", "felix", "typha", "kube-apiserver", "etcdctl"];
    assert.deepEqual(Object.keys(config), names);
    assert.equal(
      await valueOf(config["kube-apiserver"]!),
      "--etcd-servers=https://10.0.0.1:2379,https://10.0.0.2:2379\n--etcd-cafile=/etc/etcd/pki/ca.pem\n" +
        "--etcd-certfile=/etc/etcd/pki/my-app.pem\n--etcd-keyfile=/etc/etcd/pki/my-app-key.pem\n",
    );
  });

  it("has for each proxy its files, and the flags that start it", async () => {
    const { made } = await make();
    const { files, config } = made.proxies["proxy-1"]!;
    assert.deepEqual(
      await Promise.all(files.map(async ({ path, content }) => [path, await pulumi.isSecret(content)])),
      ["ca", "proxy-1", "proxy-1-key", "proxy-1-upstream", "proxy-1-upstream-key"].map((name) => [
        `/etc/etcd/pki/${name}.pem`,
        name.endsWith("-key"),
      ]),
    );
    assert.deepEqual((await valueOf(config["grpc-proxy"]!)).trimEnd().split("\n"), [
      "--endpoints=https://10.0.0.1:2379,https://10.0.0.2:2379",
      "--cacert=/etc/etcd/pki/ca.pem",
      "--cert=/etc/etcd/pki/proxy-1-upstream.pem",
      "--key=/etc/etcd/pki/proxy-1-upstream-key.pem",
      "--trusted-ca-file=/etc/etcd/pki/ca.pem",
      "--cert-file=/etc/etcd/pki/proxy-1.pem",
      "--key-file=/etc/etcd/pki/proxy-1-key.pem",
      "--listen-addr=10.0.0.9:23790",
    ]);
  });

  it("writes no key's file for a component that brings its request", async () => {
    const keys = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    const signingAlgorithm = { name: "ECDSA", hash: "SHA-256" };
    const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: "CN=app", keys, signingAlgorithm });
    const certRequestPem = request.toString("pem");
    const program = () => new EtcdPki("etcd", { components: { app: { certRequestPem } } });
    const { files } = (await register(program)).made.components["app"]!;
    assert.deepEqual(
      files.map(({ path }) => path),
      ["/etc/etcd/pki/ca.pem", "/etc/etcd/pki/app.pem"],
    );
  });

  it("stands twice in one stack", async () => {
    const both = () => [new EtcdPki("etcd", args), new EtcdPki("events", args)];
    const urns = children((await register(both)).registered).map(({ urn }) => urn);
    assert.equal(new Set(urns).size, urns.length);
    assert.equal(urns.length, 56);
  });

  it("passes its provider on to every child", async () => {
    const { registered } = await register(() => {
      const provider = new tls.Provider("mine");
      return new EtcdPki("etcd", args, { providers: [provider] });
    });
    for (const child of children(registered)) assert.match(child.provider, /pulumi:providers:tls::mine/, child.name);
  });

  it("protects, where it is protected, what must not be lost, and nothing that a renewal replaces", async () => {
    const certificateAuthority = { generations: ["1"], distrusted: ["0"] };
    const { registered } = await register(
      () => new EtcdPki("etcd", { ...args, certificateAuthority }, { protect: true }),
    );
    const kept = registered
      .filter(({ protect }) => protect)
      .map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);
    assert.deepEqual(kept.sort(), [
      "EtcdPki etcd",
      "PrivateKey etcd-ca-1",
      "PrivateKey etcd-peers-ca-1",
      "Stash etcd-issued",
      "Stash etcd-trust",
    ]);
  });

  it("makes every private key a secret, as an output and where it is passed on", async () => {
    const { made, registered } = await make();
    const outputs = [made.members, made.proxies, made.components].flatMap((kind) =>
      Object.values<IssuedCertificate>(kind),
    );
    const keys = [...outputs, ...Object.values(made.proxies).map(({ upstream }) => upstream)];
    assert.equal(keys.length, 6);
    for (const { privateKeyPem, privateKeyPkcs8Pem } of keys) {
      assert.equal(await pulumi.isSecret(privateKeyPem), true);
      assert.equal(await pulumi.isSecret(privateKeyPkcs8Pem), true);
    }
    for (const { type, name, inputs } of children(registered)) {
      const passed = Object.entries(inputs).filter(([input]) => /privateKeyPem/i.test(input));
      for (const [input, value] of passed) assert.ok(isSecret(value), `${type} ${name} ${input}`);
    }
  });

  it("does not make its certificates secret, which a reviewer wants to read", async () => {
    const { made } = await make();
    assert.equal(await pulumi.isSecret(made.caBundlePem), false);
    assert.equal(
      await pulumi.isSecret((made.members["etcd-1"] as never as { certPem: pulumi.Output<string> }).certPem),
      false,
    );
  });

  it("records none of its arguments, since they may hold secrets", async () => {
    const { registered } = await make();
    assert.deepEqual(named(registered, ":EtcdPki", "etcd"), {});
  });

  it("has no output for its authority's private key", async () => {
    const { made } = await make();
    const outputs = Object.keys(made).filter((key) => !key.startsWith("__"));
    assert.deepEqual(
      outputs.filter((key) => /key|authority/i.test(key)),
      ["withoutKeys"],
    );
    assert.ok(outputs.includes("caBundlePem"));
  });

  it("shows all its resources in a preview, in which hosts may be unknown", async () => {
    const hosts = pulumi.output(unknown) as unknown as pulumi.Output<string[]>;
    const { registered } = await register(() => new EtcdPki("etcd", { members: { a: { hosts } } }), true);
    assert.equal(children(registered).length, 10);
  });

  it("asks for sorted hosts with loopback, for members", async () => {
    const { registered } = await make();
    const { dnsNames, ipAddresses } = named(registered, ":CertRequest", "etcd-member-etcd-1");
    assert.deepEqual(
      [dnsNames, ipAddresses],
      [
        ["a", "b", "localhost"],
        ["10.0.0.1", "127.0.0.1", "::1"],
      ],
    );
  });

  it("never renews its authority by itself, and a leaf 30 days before its end", async () => {
    const { registered } = await make();
    assert.equal(named(registered, ":SelfSignedCert", "etcd-ca-1").earlyRenewalHours, 0);
    assert.equal(named(registered, ":LocallySignedCert", "etcd-component-root").validityPeriodHours, 8760);
  });

  it("gives all proxies one upstream certificate where they share it", async () => {
    const proxies = { a: { hosts: ["a"] }, b: { hosts: ["b"] } };
    const { made } = await register(() => new EtcdPki("etcd", { proxies, proxyUpstream: ProxyUpstream.Shared }));
    const upstream = await valueOf(pulumi.output(made.proxies["a"]?.upstream.certPem as pulumi.Output<string>));
    assert.equal(upstream, "certPem:etcd-upstream");
    assert.equal(made.proxies["b"]?.upstream, made.proxies["a"]?.upstream);
  });

  it("has an output of everything public, in which no key is", async () => {
    const { made } = await make();
    assert.deepEqual(Object.keys(made.withoutKeys).sort(), [
      'components["my-app"]',
      'components["root"]',
      'members["etcd-1"]',
      'members["etcd-1"].peer',
      'members["etcd-2"]',
      'members["etcd-2"].peer',
      'proxies["proxy-1"]',
      'proxies["proxy-1"].upstream',
    ]);
    const all = pulumi.output(made.withoutKeys);
    assert.equal(await pulumi.isSecret(all), false);
    assert.doesNotMatch(JSON.stringify(await valueOf(all)), /privateKey/i);
  });

  it("publishes the bundle and issues nothing while only an authority without its key is in use", async () => {
    const { made, registered } = await register(
      () =>
        new EtcdPki("etcd", {
          ...args,
          sharedAuthority: true,
          certificateAuthority: { generations: ["old", "1"], existing: { old: { certPem: "not checked here" } } },
        }),
    ).catch((error: Error) => ({ made: error, registered: [] as Registered[] }));
    assert.match(String(made), /certPem is no certificate/);
    assert.deepEqual(registered, []);
  });

  it("refuses all bad arguments in one error without a stack, before any resource exists", async () => {
    const bad = { members: { a: { hosts: ["a:1"] } }, components: { a: {} } };
    const registered: Registered[] = [];
    const attempt = async () => registered.push(...(await register(() => new EtcdPki("etcd", bad))).registered);
    await assert.rejects(attempt, (error: Error) => {
      assert.ok(pulumi.RunError.isInstance(error));
      assert.match(
        error.message,
        /^EtcdPki "etcd": 2 problems in its arguments\.\n {2}- .*share.*\n {2}- .*has a port/,
      );
      return true;
    });
    assert.deepEqual(children(registered), []);
  });
});
