import { EtcdPki } from "etcd-pki";

const pki = new EtcdPki("etcd", {
  members: {
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

// With their keys, which the demo writes to files. A program of yours exports `withoutKeys`.
export const { caBundlePem, members, proxies, components } = pki;
