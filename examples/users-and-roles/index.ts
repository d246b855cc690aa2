import * as pulumi from "@pulumi/pulumi";
import { Access, calico, EtcdPki, EtcdRbac, kubernetes, type MemberArgs } from "etcd-pki";

const config = new pulumi.Config();

// One object for both: who gets a certificate of a name is the etcd user of that name.
const components = {
  root: {},
  "kube-apiserver": { permissions: kubernetes.apiServer() },
  "calico-node": { permissions: calico.node({ version: "3.32" }) },
  "my-app": { permissions: [{ prefix: "/my-app/", access: Access.ReadWrite }], roles: ["settings-reader"] },
  dashboard: { permissions: [{ prefix: "/my-app/public/", access: Access.Read }], roles: ["settings-reader"] },
};

// Roles that several components share.
const roles = {
  "settings-reader": [{ prefix: "/settings/", access: Access.Read }],
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
if (endpoints) {
  new EtcdRbac("etcd", {
    endpoints,
    caBundlePem: pki.caBundlePem,
    administrator: pki.components.root,
    components,
    roles,
  });
}

export const { caBundlePem, withoutKeys } = pki;
