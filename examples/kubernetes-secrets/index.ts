import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { calico, EtcdPki, kubernetes, Layout } from "etcd-pki";

const config = new pulumi.Config();
const namespace = config.require("namespace");
const cluster = new k8s.Provider("cluster", {
  kubeconfig: config.requireSecret("kubeconfig"),
  // A renewed certificate then reaches its Secret in place. Without it the Secret is deleted and made again.
  enableSecretMutable: true,
});

const pki = new EtcdPki(
  "etcd",
  {
    members: {
      "etcd-1": { hosts: ["10.0.0.1", "etcd-1.example.com"] },
      "etcd-2": { hosts: ["10.0.0.2", "etcd-2.example.com"] },
      "etcd-3": { hosts: ["10.0.0.3", "etcd-3.example.com"] },
    },
    components: {
      root: {},
      "kube-apiserver": { permissions: kubernetes.apiServer() },
      "calico-node": { permissions: calico.node({ version: "3.32" }) },
      "calico-kube-controllers": { permissions: calico.kubeControllers({ version: "3.32" }) },
      prometheus: {},
    },
    kubernetes: {
      namespace,
      secrets: {
        "calico-etcd-secrets": { identity: "calico-node", layout: Layout.Calico },
        "calico-kube-controllers-etcd": {
          identity: "calico-kube-controllers",
          layout: Layout.CalicoKubeControllers,
        },
        "kube-etcd-client-certs": { identity: "prometheus", layout: Layout.KubePrometheus },
        "kube-apiserver-etcd": { identity: "kube-apiserver" },
      },
    },
  },
  { providers: [cluster] },
);

// What Calico's manifest reads beside its Secret.
new k8s.core.v1.ConfigMap(
  "calico-config",
  {
    metadata: { name: "calico-config", namespace },
    data: {
      etcd_endpoints: [1, 2, 3].map((number) => `https://10.0.0.${number}:2379`).join(","),
      ...pki.secrets["calico-etcd-secrets"]?.config["calico-config"],
    },
  },
  { provider: cluster },
);

export const secrets = pki.secrets;
