import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Layout } from "../../../src/secrets/args";
import { layouts, secretType, usesOf } from "../../../src/secrets/layouts";
import type { CertificateKind } from "../../../src/naming";

// As the consumers' own documents have them: CA, certificate, key, type, mode.
const documented: [Layout, string, string, string, string, number?][] = [
  [Layout.Tls, "ca.crt", "tls.crt", "tls.key", "kubernetes.io/tls"],
  [Layout.Calico, "etcd-ca", "etcd-cert", "etcd-key", "Opaque"],
  [Layout.CalicoKubeControllers, "etcd-ca", "etcd-cert", "etcd-key", "Opaque", 0o440],
  [Layout.KubeadmClient, "ca.crt", "apiserver-etcd-client.crt", "apiserver-etcd-client.key", "Opaque"],
  [Layout.KubeadmHealthcheck, "ca.crt", "healthcheck-client.crt", "healthcheck-client.key", "Opaque"],
  [Layout.KubeadmServer, "ca.crt", "server.crt", "server.key", "Opaque"],
  [Layout.KubeadmPeer, "ca.crt", "peer.crt", "peer.key", "Opaque"],
  [Layout.KubePrometheus, "etcd-client-ca.crt", "etcd-client.crt", "etcd-client.key", "Opaque"],
  [Layout.Cilium, "etcd-client-ca.crt", "etcd-client.crt", "etcd-client.key", "Opaque"],
  [Layout.CoreosClient, "etcd-client-ca.crt", "etcd-client.crt", "etcd-client.key", "Opaque"],
  [Layout.CoreosServer, "server-ca.crt", "server.crt", "server.key", "Opaque"],
  [Layout.CoreosPeer, "peer-ca.crt", "peer.crt", "peer.key", "Opaque"],
  [Layout.EtcdOperator, "ca.crt", "tls.crt", "tls.key", "kubernetes.io/tls"],
  [Layout.Bitnami, "ca.crt", "cert.pem", "key.pem", "Opaque"],
  [Layout.EtcdDruid, "bundle.crt", "tls.crt", "tls.key", "kubernetes.io/tls"],
  [Layout.Kamaji, "ca.crt", "tls.crt", "tls.key", "kubernetes.io/tls"],
];

describe("The layouts of Secrets", () => {
  for (const [name, caBundle, cert, privateKey, type, mode] of documented) {
    it(`gives ${name} the files ${caBundle}, ${cert} and ${privateKey}`, () => {
      const layout = layouts[name];
      assert.deepEqual(
        { caBundle: layout.caBundle, cert: layout.cert, privateKey: layout.privateKey, type: secretType(layout) },
        { caBundle, cert, privateKey, type },
      );
      assert.equal(layout.mode, mode);
    });
  }

  it("has a documented row for each", () => {
    assert.deepEqual(documented.map(([name]) => name).sort(), Object.values(Layout).sort());
  });

  const fits: [CertificateKind, Layout, boolean][] = [
    ["member", Layout.KubeadmServer, true],
    ["member", Layout.KubeadmPeer, true],
    ["member", Layout.KubePrometheus, true],
    ["proxy", Layout.KubeadmServer, true],
    ["proxy", Layout.KubeadmPeer, false],
    ["proxy", Layout.Calico, false],
    ["upstream", Layout.CoreosClient, true],
    ["upstream", Layout.CoreosServer, false],
    ["component", Layout.Calico, true],
    ["component", Layout.CoreosPeer, false],
  ];
  for (const [kind, layout, does] of fits) {
    it(`${does ? "lets" : "does not let"} a ${kind} certificate be used as ${layout}`, () => {
      assert.equal(
        layouts[layout].uses.some((use) => usesOf[kind].includes(use)),
        does,
      );
    });
  }
});
