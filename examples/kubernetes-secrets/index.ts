import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { calico, EtcdPki, EtcdSecrets, KeyFormat, kubernetes, Layout } from "etcd-pki";

const config = new pulumi.Config();
const namespace = config.require("namespace");

const { members, components } = new EtcdPki("etcd", {
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
    linstor: {},
    haproxy: {},
  },
});

// The members and the control plane that runs on them come in between. Their kubeconfig may be an output of theirs.
const cluster = new k8s.Provider("cluster", {
  kubeconfig: config.requireSecret("kubeconfig"),
  // A renewed certificate then reaches its Secret in place. Without it the Secret is deleted and made again.
  enableSecretMutable: true,
});

export const { secrets } = new EtcdSecrets(
  "etcd",
  {
    namespace,
    secrets: {
      "calico-etcd-secrets": { ...components["calico-node"]!, layout: Layout.Calico },
      "calico-kube-controllers-etcd": {
        ...components["calico-kube-controllers"]!,
        layout: Layout.CalicoKubeControllers,
      },
      "kube-etcd-client-certs": { ...components["prometheus"]!, layout: Layout.KubePrometheus },
      "kube-apiserver-etcd": components["kube-apiserver"]!,
      // Java reads PKCS#8 only.
      "linstor-etcd": { ...components["linstor"]!, keyFormat: KeyFormat.Pkcs8 },
      // HAProxy reads certificate and key from one file.
      "haproxy-etcd": { ...components["haproxy"]!, fileNames: { combined: "haproxy.pem" } },
      // A member that runs in a pod.
      "etcd-1-server": { ...members["etcd-1"]!, layout: Layout.EtcdOperator },
    },
  },
  { provider: cluster },
);

// What Calico's manifest reads beside its Secret.
new k8s.core.v1.ConfigMap(
  "calico-config",
  {
    metadata: { name: "calico-config", namespace },
    data: {
      etcd_endpoints: [1, 2, 3].map((number) => `https://10.0.0.${number}:2379`).join(","),
      ...secrets["calico-etcd-secrets"]?.config["calico-config"],
    },
  },
  { provider: cluster },
);
