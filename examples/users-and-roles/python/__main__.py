import pulumi
import pulumi_etcd_pki as etcd_pki

# One map for both: who gets a certificate of a name is the etcd user of that name.
components = {
    "root": {},
    "kube-apiserver": {"presets": [{"name": "kube-apiserver"}]},
    "calico-node": {"presets": [{"name": "calico-node", "version": "3.32"}]},
    "my-app": {
        "permissions": [{"prefix": "/my-app/", "access": "readwrite"}],
        "roles": ["settings-reader"],
    },
    "dashboard": {
        "permissions": [{"prefix": "/my-app/public/", "access": "read"}],
        "roles": ["settings-reader"],
    },
}

# Roles that several components share.
roles = {
    "settings-reader": [{"prefix": "/settings/", "access": "read"}],
}

pki = etcd_pki.EtcdPki(
    "etcd",
    members={
        "etcd-1": {"hosts": ["10.0.0.1", "etcd-1.example.com"]},
        "etcd-2": {"hosts": ["10.0.0.2", "etcd-2.example.com"]},
        "etcd-3": {"hosts": ["10.0.0.3", "etcd-3.example.com"]},
    },
    components=components,
)

etcd_pki.EtcdRbac(
    "etcd",
    endpoints=["https://10.0.0.1:2379", "https://10.0.0.2:2379", "https://10.0.0.3:2379"],
    ca_bundle_pem=pki.ca_bundle_pem,
    administrator={
        "cert_pem": pki.components["root"].cert_pem,
        "private_key_pem": pki.components["root"].private_key_pem,
    },
    components=components,
    roles=roles,
)

pulumi.export("caBundlePem", pki.ca_bundle_pem)
pulumi.export("withoutKeys", pki.without_keys)
