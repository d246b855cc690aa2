import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { EtcdPki, EtcdSecrets, Layout } from "etcd-pki";

const config = new pulumi.Config();
const render = config.get("render");

const { components, caBundlePem, withoutKeys } = new EtcdPki("etcd", {
  members: { "etcd-1": { hosts: ["10.0.0.1"] }, "etcd-2": { hosts: ["10.0.0.2"] }, "etcd-3": { hosts: ["10.0.0.3"] } },
  // One etcd user for each cluster: what one may do can differ, and one can be taken away alone.
  components: { root: {}, "calico-east": {}, "calico-west": {}, "prometheus-east": {} },
});

/** A cluster's Secrets are a component of their own, with the cluster's provider. */
function publish(cluster: "east" | "west", secrets: EtcdSecretsOf) {
  const provider = new k8s.Provider(cluster, {
    ...(render ? { renderYamlToDirectory: `${render}/${cluster}` } : { kubeconfig: config.requireSecret(cluster) }),
    enableSecretMutable: true,
  });
  return new EtcdSecrets(cluster, { namespace: "kube-system", secrets }, { provider });
}
type EtcdSecretsOf = ConstructorParameters<typeof EtcdSecrets>[1]["secrets"];

publish("east", {
  "calico-etcd-secrets": { ...components["calico-east"], layout: Layout.Calico },
  "prometheus-etcd": components["prometheus-east"],
});
publish("west", { "calico-etcd-secrets": { ...components["calico-west"], layout: Layout.Calico } });

export { caBundlePem, withoutKeys };
