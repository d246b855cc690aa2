import * as pulumi from "@pulumi/pulumi";
import { EtcdPki, kubernetes, type MemberArgs } from "etcd-pki";

const config = new pulumi.Config();

const pki = new EtcdPki("etcd", {
  members: config.getObject<Record<string, MemberArgs>>("members") ?? {
    "etcd-1": { hosts: ["10.0.0.1"] },
    "etcd-2": { hosts: ["10.0.0.2"] },
    "etcd-3": { hosts: ["10.0.0.3"] },
  },
  components: {
    root: {},
    // The names of kubeadm's files come from these two.
    "kube-apiserver": { permissions: kubernetes.apiServer() },
    "kube-etcd-healthcheck-client": {},
  },
});

export const { caBundlePem, withoutKeys } = pki;
