import { Layout } from "../../src/secrets/args";
import { writeProgram } from "../support/program";

export const serverLayouts: Layout[] = [
  Layout.KubeadmServer,
  Layout.KubeadmPeer,
  Layout.CoreosServer,
  Layout.CoreosPeer,
];
export const clientLayouts = Object.values(Layout).filter((layout) => !serverLayouts.includes(layout));

/**
 * A cluster's certificates as Secrets of each layout, a member's or those of the component `my-app`. What it asks the provider
 * for is an output, so that it can be applied without the engine's provider.
 */
export const writeSecretsProgram = (name: string) =>
  writeProgram(
    name,
    `
const pulumi = require("@pulumi/pulumi");
const k8s = require("@pulumi/kubernetes");
const { Access, EtcdPki, EtcdSecrets, kubernetes } = require("etcd-pki");
const objects = {};
pulumi.runtime.registerStackTransformation(({ type, name, props }) => {
  if (type === "kubernetes:core/v1:Secret") objects[props.metadata.name] = props;
});
const components = {
  root: {},
  "kube-apiserver": kubernetes.apiServerWithRoot(),
  compactor: { roles: ["root"] },
  "my-app": { permissions: [{ prefix: "/my-app/", access: Access.ReadWrite }] },
};
const pki = new EtcdPki("etcd", { members: { "etcd-1": { hosts: ["127.0.0.1"] } }, components });
const of = (identity, layout) => ({ caBundlePem: pki.caBundlePem, ...identity, layout });
const secrets = {
  "system:kube-apiserver": of(pki.components["kube-apiserver"]),
  "etcd-client": of(pki.components["kube-apiserver"], "kubeadm-client"),
};
for (const layout of ${JSON.stringify(serverLayouts)}) secrets[layout] = of(pki.members["etcd-1"], layout);
for (const layout of ${JSON.stringify(clientLayouts)}) secrets[layout] = of(pki.components["my-app"], layout);
const provider = new k8s.Provider("none", {});
const published = new EtcdSecrets("etcd", { namespace: "kube-system", secrets }, { provider });
exports.caBundlePem = pki.caBundlePem;
exports.members = pki.members;
exports.components = pki.components;
exports.secrets = published.secrets;
exports.objects = pulumi.secret(objects);
`,
  );
