import pulumi
import pulumi_etcd_pki as etcd_pki

pki = etcd_pki.EtcdPki(
    "etcd",
    members={
        "etcd-1": {"hosts": ["10.0.0.1", "etcd-1.example.com"]},
        "etcd-2": {"hosts": ["10.0.0.2", "etcd-2.example.com"]},
        "etcd-3": {"hosts": ["10.0.0.3", "etcd-3.example.com"]},
    },
    proxies={
        "proxy-1": {"hosts": ["10.0.0.9"]},
    },
    components={
        "root": {},
        "kube-apiserver": {},
        "calico-node": {},
        "my-app": {},
    },
)

pulumi.export("caBundlePem", pki.ca_bundle_pem)
pulumi.export("withoutKeys", pki.without_keys)
