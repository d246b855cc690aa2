/* global require */
const pulumi = require("@pulumi/pulumi");
const { Access, calico, EtcdRbac, kubernetes } = require("etcd-pki");

const config = new pulumi.Config();

new EtcdRbac("etcd", {
  endpoints: config.requireObject("endpoints"),
  caBundlePem: config.require("caBundlePem"),
  administrator: { certPem: config.require("certPem"), privateKeyPem: config.requireSecret("privateKeyPem") },
  components: {
    root: {},
    "kube-apiserver": { permissions: kubernetes.apiServer() },
    "calico-node": { permissions: calico.node({ version: "3.32" }) },
    "my-app": { permissions: [{ prefix: "/my-app/", access: Access.ReadWrite }] },
  },
});
