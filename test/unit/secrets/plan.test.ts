import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { EtcdPkiArgs } from "../../../src/pki/args";
import { type KubernetesArgs, Layout } from "../../../src/secrets/args";
import { configFor } from "../../../src/secrets/config";
import { mountedFiles, planSecrets } from "../../../src/secrets/plan";

const identities: EtcdPkiArgs = {
  members: { "etcd-1": { hosts: ["10.0.0.1"] } },
  proxies: { "proxy-1": { hosts: ["10.0.0.9"] } },
  components: { "calico-node": {} },
};
const plan = (kubernetes: KubernetesArgs) => planSecrets("etcd", { ...identities, kubernetes });
const only = (kubernetes: KubernetesArgs) => {
  const [row, ...more] = plan(kubernetes);
  assert.ok(row);
  assert.deepEqual(more, []);
  return row;
};
const calico = { "calico-etcd-secrets": { identity: "calico-node", layout: Layout.Calico } };

describe("The plan of Secrets", () => {
  it("names a Secret by its key, in the default namespace", () => {
    const { name, namespace, logicalName, kind } = only({ namespace: "kube-system", secrets: calico });
    assert.deepEqual(
      { name, namespace, logicalName, kind },
      {
        name: "calico-etcd-secrets",
        namespace: "kube-system",
        logicalName: "etcd-secret-calico-etcd-secrets",
        kind: "component",
      },
    );
  });

  it("lets one identity be in two namespaces under one name", () => {
    const rows = plan({
      secrets: {
        "certs-a": { identity: "calico-node", name: "certs", namespace: "a" },
        "certs-b": { identity: "calico-node", name: "certs", namespace: "b" },
      },
    });
    assert.deepEqual(
      rows.map(({ name, namespace }) => `${namespace as string}/${name}`),
      ["a/certs", "b/certs"],
    );
  });

  it("publishes every certificate, a proxy's two among them", () => {
    assert.deepEqual(
      plan({ namespace: "etcd", publishAll: true }).map(({ name, kind, type }) => [name, kind, type]),
      [
        ["etcd-etcd-1", "member", "kubernetes.io/tls"],
        ["etcd-proxy-1", "proxy", "kubernetes.io/tls"],
        ["etcd-proxy-1-upstream", "upstream", "kubernetes.io/tls"],
        ["etcd-calico-node", "component", "kubernetes.io/tls"],
      ],
    );
  });

  it("publishes what no named Secret has", () => {
    const secrets = { ...calico, up: { identity: "proxy-1", upstream: true } };
    assert.deepEqual(
      plan({ namespace: "etcd", publishAll: true, secrets }).map(({ name }) => name),
      ["calico-etcd-secrets", "up", "etcd-etcd-1", "etcd-proxy-1"],
    );
  });

  it("replaces one file name and keeps the layout's others", () => {
    const secrets = { s: { identity: "etcd-1", fileNames: { cert: "etcd.crt" } } };
    const { fileNames, type } = only({ namespace: "etcd", secrets });
    assert.deepEqual(fileNames, { caBundle: "ca.crt", cert: "etcd.crt", privateKey: "tls.key" });
    assert.equal(type, "Opaque", "the API server refuses kubernetes.io/tls without tls.crt");
  });

  it("gives only calico-kube-controllers' key to a group", () => {
    const mode = (layout: Layout) => only({ secrets: { s: { identity: "calico-node", layout } } }).mode.toString(8);
    assert.equal(mode(Layout.Calico), "400");
    assert.equal(mode(Layout.CalicoKubeControllers), "440");
  });
});

describe("The configuration beside a Secret", () => {
  const row = only({ secrets: calico });
  const config = configFor(row.kind, mountedFiles(row));
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
    it(`points ${program} at the mounted files`, () => assert.deepEqual(config[program], settings));
  }

  it("has etcd's own flags for members only", () => {
    const files = { caBundle: "/c", cert: "/s", privateKey: "/k" };
    assert.deepEqual(configFor("member", files)["etcd-peer"], {
      "--peer-trusted-ca-file": "/c",
      "--peer-cert-file": "/s",
      "--peer-key-file": "/k",
      "--peer-client-cert-auth": "true",
    });
    assert.deepEqual(Object.keys(configFor("proxy", files)), ["grpc-proxy-listen"]);
    assert.ok(!("etcd" in configFor("component", files)));
  });

  it("uses the mount path that is given", () => {
    const { fileNames, mountPath } = only({ secrets: { s: { identity: "etcd-1", mountPath: "/certs" } } });
    assert.equal(mountPath, "/certs");
    assert.equal(mountedFiles({ fileNames, mountPath } as never).cert, "/certs/tls.crt");
  });
});
