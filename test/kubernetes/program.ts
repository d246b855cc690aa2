import { Layout } from "../../src/secrets/args";
import { writeProgram } from "../support/program";

export const serverLayouts: Layout[] = [
  Layout.KubeadmServer,
  Layout.KubeadmPeer,
  Layout.CoreosServer,
  Layout.CoreosPeer,
];
export const clientLayouts = Object.values(Layout).filter((layout) => !serverLayouts.includes(layout));

/** Names a Secret of each layout, for a member or for the component `my-app`. */
const everyLayout = Object.fromEntries(
  Object.values(Layout).map((layout) => {
    const identity = serverLayouts.includes(layout) ? "etcd-1" : "my-app";
    return [layout, { layout, identity }];
  }),
);

/**
 * A cluster's certificates, published as Secrets by `kubernetes`. What it asks the provider for is an output, so that it can
 * be applied without the engine's provider.
 */
export const writeSecretsProgram = (name: string, kubernetesArgs: string, provider: string) =>
  writeProgram(
    name,
    `
const pulumi = require("@pulumi/pulumi");
const k8s = require("@pulumi/kubernetes");
const { Access, EtcdPki, kubernetes } = require("etcd-pki");
const config = new pulumi.Config();
const objects = {};
pulumi.runtime.registerStackTransformation(({ type, name, props }) => {
  if (type === "kubernetes:core/v1:Secret") objects[props.metadata.name] = props;
});
const everyLayout = ${JSON.stringify(everyLayout)};
const components = {
  root: {},
  "kube-apiserver": kubernetes.apiServerWithRoot(),
  compactor: { roles: ["root"] },
  "my-app": { permissions: [{ prefix: "/my-app/", access: Access.ReadWrite }] },
};
const pki = new EtcdPki(
  "etcd",
  { members: { "etcd-1": { hosts: ["127.0.0.1"] } }, components, kubernetes: ${kubernetesArgs} },
  { providers: [${provider}] },
);
exports.caBundlePem = pki.caBundlePem;
exports.members = pki.members;
exports.components = pki.components;
exports.secrets = pki.secrets;
exports.objects = pulumi.secret(objects);
`,
  );
