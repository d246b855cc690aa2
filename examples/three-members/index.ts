import * as pulumi from "@pulumi/pulumi";
import { EtcdPki, type MemberArgs } from "etcd-pki";

const config = new pulumi.Config();

const pki = new EtcdPki("etcd", {
  members: config.getObject<Record<string, MemberArgs>>("members") ?? {
    "etcd-1": { hosts: ["10.0.0.1", "etcd-1.example.com"] },
    "etcd-2": { hosts: ["10.0.0.2", "etcd-2.example.com"] },
    "etcd-3": { hosts: ["10.0.0.3", "etcd-3.example.com"] },
  },
  proxies: {
    "proxy-1": { hosts: ["10.0.0.9"] },
  },
  components: {
    root: {},
    "kube-apiserver": {},
    "calico-node": {},
    "my-app": {},
  },
});

export const { caBundlePem, withoutKeys } = pki;
