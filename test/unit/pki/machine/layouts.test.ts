import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { CertificateKind } from "../../../../src/naming";
import { certificatePaths, layoutProblems, machineFiles } from "../../../../src/pki/machine";

const template = "{identity}/{kind}-{part}.pem";
// prettier-ignore
// Layout, kind, identity, then the three files, as the layout's own documents have them.
const documented: [string, CertificateKind, string, string, string, string][] = [
  ["machine", "member", "etcd-1", "/etc/etcd/pki/ca.pem", "/etc/etcd/pki/server.pem", "/etc/etcd/pki/server-key.pem"],
  ["machine", "peer", "etcd-1", "/etc/etcd/pki/peer-ca.pem", "/etc/etcd/pki/peer.pem", "/etc/etcd/pki/peer-key.pem"],
  ["machine", "component", "app", "/etc/etcd/pki/ca.pem", "/etc/etcd/pki/app.pem", "/etc/etcd/pki/app-key.pem"],
  ["tls-setup", "member", "etcd1", "/etc/etcd/certs/ca.pem", "/etc/etcd/certs/etcd1.pem", "/etc/etcd/certs/etcd1-key.pem"],
  ["tls-setup", "proxy", "proxy1", "/etc/etcd/certs/ca.pem", "/etc/etcd/certs/proxy1.pem", "/etc/etcd/certs/proxy1-key.pem"],
  ["kubeadm", "member", "etcd-1", "/etc/kubernetes/pki/etcd/ca.crt", "/etc/kubernetes/pki/etcd/server.crt", "/etc/kubernetes/pki/etcd/server.key"],
  ["kubeadm", "component", "kube-apiserver", "/etc/kubernetes/pki/etcd/ca.crt", "/etc/kubernetes/pki/apiserver-etcd-client.crt", "/etc/kubernetes/pki/apiserver-etcd-client.key"],
  ["kubeadm", "component", "kube-etcd-healthcheck-client", "/etc/kubernetes/pki/etcd/ca.crt", "/etc/kubernetes/pki/etcd/healthcheck-client.crt", "/etc/kubernetes/pki/etcd/healthcheck-client.key"],
  ["kubespray", "member", "node1", "/etc/ssl/etcd/ssl/ca.pem", "/etc/ssl/etcd/ssl/member-node1.pem", "/etc/ssl/etcd/ssl/member-node1-key.pem"],
  ["kubespray", "component", "admin-node1", "/etc/ssl/etcd/ssl/ca.pem", "/etc/ssl/etcd/ssl/admin-node1.pem", "/etc/ssl/etcd/ssl/admin-node1-key.pem"],
  [template, "peer", "a", "/etc/etcd/pki/a/peer-ca.pem", "/etc/etcd/pki/a/peer-cert.pem", "/etc/etcd/pki/a/peer-key.pem"],
];

describe("The layouts of files on machines", () => {
  for (const [layout, kind, identity, caBundle, cert, privateKey] of documented) {
    it(`has ${cert} for the ${kind} ${identity} in ${layout}`, () => {
      assert.deepEqual(certificatePaths({ identity, layout }, kind), { caBundle, cert, privateKey });
    });
  }

  it("puts the identity's name into the folder", () => {
    const plan = { identity: "etcd-1", directory: "out/{identity}/" };
    assert.equal(certificatePaths(plan, "member").cert, "out/etcd-1/server.pem");
  });

  it("keeps a name that looks like a path in its folder", () => {
    const plan = { identity: "a/../../../root/my key", directory: "/etc/etcd/pki" };
    assert.equal(certificatePaths(plan, "component").cert, "/etc/etcd/pki/a-..-..-..-root-my-key.pem");
  });

  it("takes the names of objects for no layout and no known component", () => {
    assert.equal(layoutProblems("layout", "constructor").length, 1);
    assert.match(
      certificatePaths({ identity: "constructor", layout: "kubeadm" }, "component").cert,
      /etcd\/constructor\.crt$/,
    );
  });

  it("refuses a template that knows more than there is", () => {
    assert.deepEqual(layoutProblems("layout", "{host}/{part}.pem"), [
      "layout has {host} in it; a template knows {identity}, {kind}, {part}",
    ]);
  });

  it("gives each file its mode, and no file for what is not there", () => {
    const texts = { caBundlePem: "ca", certPem: "cert" };
    const files = machineFiles<string>(
      { identity: "etcd-1" },
      {
        member: { ...texts, privateKeyPem: "key", privateKeyPkcs8Pem: "pkcs8", combinedPem: "both" },
        peer: texts,
        gateway: texts,
      },
    );
    const folder = "/etc/etcd/pki";
    assert.deepEqual(files, [
      { path: `${folder}/ca.pem`, mode: "0644", content: "ca" },
      { path: `${folder}/server.pem`, mode: "0644", content: "cert" },
      { path: `${folder}/server-key.pem`, mode: "0600", content: "key" },
      { path: `${folder}/server-key.pk8`, mode: "0600", content: "pkcs8" },
      { path: `${folder}/server.combined.pem`, mode: "0600", content: "both" },
      { path: `${folder}/peer-ca.pem`, mode: "0644", content: "ca" },
      { path: `${folder}/peer.pem`, mode: "0644", content: "cert" },
      { path: `${folder}/gateway.pem`, mode: "0644", content: "cert" },
    ]);
  });
});
