import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type EtcdSecretsArgs, KeyFormat, Layout, type SecretArgs } from "../../../src/secrets/args";
import { configFor } from "../../../src/secrets/config";
import { layouts } from "../../../src/secrets/layouts";
import { mountedFiles, planSecrets } from "../../../src/secrets/plan";

const pems = { certPem: "certificate", privateKeyPem: "key", caBundlePem: "bundle" };
const plan = (secrets: Record<string, Partial<SecretArgs>>, namespace?: EtcdSecretsArgs["namespace"]) =>
  planSecrets("etcd", {
    namespace,
    secrets: Object.fromEntries(Object.entries(secrets).map(([key, own]) => [key, { ...pems, ...own }])),
  });
const only = (own: Partial<SecretArgs>) => plan({ s: own }, "etcd")[0]!;

// A changed line deletes a live Secret of every user.
const golden: [key: string, own: Partial<SecretArgs>, name: string, logicalName: string][] = [
  ["my-app-etcd", {}, "my-app-etcd", "etcd-secret-my-app-etcd"],
  ["handle", { name: "calico-etcd-secrets" }, "calico-etcd-secrets", "etcd-secret-calico-etcd-secrets"],
  ["dots", { name: "etcd.example.com" }, "etcd.example.com", "etcd-secret-etcd.example.com"],
  ["system:kube-apiserver", {}, "system-kube-apiserver-3394c960", "etcd-secret-system-kube-apiserver-3394c960"],
  ["certs-a", { name: "certs", namespace: "a" }, "certs", "etcd-secret-a/certs"],
  ["certs-b", { name: "certs", namespace: "b" }, "certs", "etcd-secret-b/certs"],
];

describe("The plan of Secrets", () => {
  const rows = plan(Object.fromEntries(golden.map(([key, own]) => [key, own])), "etcd");
  golden.forEach(([key, , name, logicalName], i) => {
    it(`knows the Secret ${name} of ${JSON.stringify(key)} by the logical name ${logicalName}`, () => {
      assert.deepEqual([rows[i]?.key, rows[i]?.name, rows[i]?.logicalName], [key, name, logicalName]);
    });
  });

  it("keeps the logical name where the handle, the namespace or the certificate changes", () => {
    const before = plan({ "my-app-etcd": {} }, "etcd");
    const after = plan({ app: { name: "my-app-etcd", certPem: "another" } }, "elsewhere");
    assert.equal(after[0]?.logicalName, before[0]?.logicalName);
  });

  it("takes the namespace of all where a Secret names none", () => {
    assert.deepEqual(
      plan({ a: {}, b: { namespace: "own" } }, "etcd").map(({ namespace }) => namespace),
      ["etcd", "own"],
    );
  });

  it("takes the key in PKCS#8 where it is the only one", () => {
    const { privateKeyPem } = only({ privateKeyPem: undefined, privateKeyPkcs8Pem: "pkcs8" });
    assert.equal(privateKeyPem, "pkcs8");
    assert.equal(only({ privateKeyPkcs8Pem: "pkcs8" }).privateKeyPem, "key");
  });

  it("replaces one file name and keeps the layout's others", () => {
    const { fileNames, type } = only({ fileNames: { cert: "etcd.crt" } });
    assert.deepEqual(fileNames, { caBundle: "ca.crt", cert: "etcd.crt", privateKey: "tls.key" });
    assert.equal(type, "Opaque", "the API server refuses kubernetes.io/tls without tls.crt");
  });

  it("adds a combined file and keeps the type", () => {
    const { fileNames, type } = only({ fileNames: { combined: "haproxy.pem" } });
    assert.equal(fileNames.combined, "haproxy.pem");
    assert.equal(type, "kubernetes.io/tls");
    assert.equal(mountedFiles(only({ fileNames: { combined: "a.pem" } })).combined, "/etc/etcd/tls/a.pem");
    assert.ok(!("combined" in mountedFiles(only({}))));
  });

  it("gives only calico-kube-controllers' key to a group", () => {
    const mode = (layout: Layout) => only({ layout }).mode.toString(8);
    assert.equal(mode(Layout.Calico), "400");
    assert.equal(mode(Layout.CalicoKubeControllers), "440");
  });

  it("writes a key as it is passed unless PKCS#8 is asked for", () => {
    assert.equal(only({}).keyFormat, KeyFormat.Default);
    assert.equal(only({ keyFormat: KeyFormat.Pkcs8 }).keyFormat, KeyFormat.Pkcs8);
  });
});

describe("The configuration beside a Secret", () => {
  const config = (own: Partial<SecretArgs>) => {
    const row = only(own);
    return configFor(layouts[row.layout].uses, mountedFiles(row));
  };
  const calico = config({ layout: Layout.Calico });
  const expected: [program: string, settings: Record<string, string>][] = [
    [
      "calico",
      {
        ETCD_CA_CERT_FILE: "/calico-secrets/etcd-ca",
        ETCD_CERT_FILE: "/calico-secrets/etcd-cert",
        ETCD_KEY_FILE: "/calico-secrets/etcd-key",
      },
    ],
    [
      "calico-config",
      {
        etcd_ca: "/calico-secrets/etcd-ca",
        etcd_cert: "/calico-secrets/etcd-cert",
        etcd_key: "/calico-secrets/etcd-key",
      },
    ],
    [
      "kube-apiserver",
      {
        "--etcd-cafile": "/calico-secrets/etcd-ca",
        "--etcd-certfile": "/calico-secrets/etcd-cert",
        "--etcd-keyfile": "/calico-secrets/etcd-key",
      },
    ],
  ];
  for (const [program, settings] of expected) {
    it(`points ${program} at the mounted files`, () => assert.deepEqual(calico[program], settings));
  }

  it("is for servers, for clients or for both, as the layout is", () => {
    const programs = (layout: Layout) => Object.keys(config({ layout }));
    assert.deepEqual(programs(Layout.KubeadmServer), ["etcd", "grpc-proxy-listen"]);
    assert.deepEqual(programs(Layout.KubeadmPeer), []);
    assert.ok(!programs(Layout.Calico).includes("etcd"));
    assert.ok(["etcd", "etcdctl"].every((program) => programs(Layout.Tls).includes(program)));
  });

  it("makes etcd ask its clients for a certificate", () => {
    assert.deepEqual(config({ layout: Layout.KubeadmServer, mountPath: "/certs" })["etcd"], {
      "--trusted-ca-file": "/certs/ca.crt",
      "--cert-file": "/certs/server.crt",
      "--key-file": "/certs/server.key",
      "--client-cert-auth": "true",
    });
  });
});
