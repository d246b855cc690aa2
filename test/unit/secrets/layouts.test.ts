import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Layout } from "../../../src/secrets/args";
import { layouts, secretType } from "../../../src/secrets/layouts";

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

  it("say no path for kubeadm's names: its static pods mount no Secret", () => {
    const kubeadm = Object.values(Layout).filter((name) => name.startsWith("kubeadm-"));
    assert.equal(kubeadm.length, 4);
    assert.deepEqual(
      kubeadm.map((name) => layouts[name].mountPath),
      Array(4).fill(undefined),
    );
  });
});
