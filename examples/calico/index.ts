import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { calico, EtcdPki, EtcdRbac, EtcdSecrets, kubernetes, Layout, type MemberArgs } from "etcd-pki";

const config = new pulumi.Config();
const namespace = "kube-system";
const version = "3.32";

// Everybody who talks to etcd. Each has a certificate, and is the etcd user of its name.
const components = {
  root: {},
  "kube-apiserver": { permissions: kubernetes.apiServer() },
  "calico-node": { permissions: calico.node({ version }) },
  "calico-cni": { permissions: calico.cni({ version }) },
  "calico-kube-controllers": { permissions: calico.kubeControllers({ version }) },
  "calico-typha": { permissions: calico.typha({ version }) },
  // People, with calicoctl.
  "calico-support": { permissions: calico.calicoctlReadOnly({ version }) },
  "calico-policy-editor": { permissions: calico.policyEditor({ version }) },
  "calico-admin": { permissions: calico.full({ version }) },
};

const pki = new EtcdPki("etcd", {
  members: config.getObject<Record<string, MemberArgs>>("members") ?? {
    "etcd-1": { hosts: ["10.0.0.1", "etcd-1.example.com"] },
    "etcd-2": { hosts: ["10.0.0.2", "etcd-2.example.com"] },
    "etcd-3": { hosts: ["10.0.0.3", "etcd-3.example.com"] },
  },
  components,
});

// Set once the members run with their certificates.
const endpoints = config.getObject<string[]>("endpoints");
const rbac = endpoints && [
  new EtcdRbac("etcd", {
    endpoints,
    caBundlePem: pki.caBundlePem,
    administrator: pki.components.root,
    components,
  }),
];

// Set once the control plane runs on them.
const kubeconfig = config.getSecret("kubeconfig");
if (endpoints && rbac && kubeconfig) {
  // With enableSecretMutable a renewed certificate reaches its Secret in place.
  const provider = new k8s.Provider("cluster", { kubeconfig, enableSecretMutable: true });
  const { secrets } = new EtcdSecrets(
    "etcd",
    {
      namespace,
      secrets: {
        "calico-etcd-secrets": { ...pki.components["calico-node"], layout: Layout.Calico },
        "calico-cni-etcd-secrets": { ...pki.components["calico-cni"], layout: Layout.Calico },
        "calico-typha-etcd-secrets": { ...pki.components["calico-typha"], layout: Layout.Calico },
        "calico-kube-controllers-etcd-secrets": {
          ...pki.components["calico-kube-controllers"],
          layout: Layout.CalicoKubeControllers,
        },
      },
    },
    // The API server needs its user to take the Secrets, and to give them back.
    { provider, dependsOn: rbac },
  );

  // What Calico's manifest reads beside its Secret.
  new k8s.core.v1.ConfigMap(
    "calico-config",
    {
      metadata: { name: "calico-config", namespace },
      data: { etcd_endpoints: endpoints.join(","), ...secrets["calico-etcd-secrets"]?.config["calico-config"] },
    },
    { provider, dependsOn: rbac },
  );
}

export const { caBundlePem, withoutKeys } = pki;
