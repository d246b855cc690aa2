package main

import (
	"example.com/pulumi-etcd-pki/sdk/go/etcdpki"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// One map for both: who gets a certificate of a name is the etcd user of that name.
var components = map[string]etcdpki.ComponentArgs{
	"root":           {},
	"kube-apiserver": {Presets: []etcdpki.PresetArgs{{Name: "kube-apiserver"}}},
	"calico-node":    {Presets: []etcdpki.PresetArgs{{Name: "calico-node", Version: pulumi.StringRef("3.32")}}},
	"my-app": {
		Permissions: on("/my-app/", etcdpki.AccessReadWrite),
		Roles:       []string{"settings-reader"},
	},
	"dashboard": {
		Permissions: on("/my-app/public/", etcdpki.AccessRead),
		Roles:       []string{"settings-reader"},
	},
}

// Roles that several components share.
var roles = map[string][]etcdpki.PermissionArgs{
	"settings-reader": on("/settings/", etcdpki.AccessRead),
}

func on(prefix string, access etcdpki.Access) []etcdpki.PermissionArgs {
	return []etcdpki.PermissionArgs{{Prefix: pulumi.StringRef(prefix), Access: access}}
}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		pki, err := etcdpki.NewEtcdPki(ctx, "etcd", &etcdpki.EtcdPkiArgs{
			Members: map[string]etcdpki.MemberArgs{
				"etcd-1": {Hosts: pulumi.ToStringArray([]string{"10.0.0.1", "etcd-1.example.com"})},
				"etcd-2": {Hosts: pulumi.ToStringArray([]string{"10.0.0.2", "etcd-2.example.com"})},
				"etcd-3": {Hosts: pulumi.ToStringArray([]string{"10.0.0.3", "etcd-3.example.com"})},
			},
			Components: components,
		})
		if err != nil {
			return err
		}
		root := pki.Components.MapIndex(pulumi.String("root"))
		_, err = etcdpki.NewEtcdRbac(ctx, "etcd", &etcdpki.EtcdRbacArgs{
			Endpoints: pulumi.ToStringArray([]string{
				"https://10.0.0.1:2379",
				"https://10.0.0.2:2379",
				"https://10.0.0.3:2379",
			}),
			CaBundlePem:   pki.CaBundlePem,
			Administrator: etcdpki.AdministratorArgs{CertPem: root.CertPem(), PrivateKeyPem: root.PrivateKeyPem()},
			Components:    components,
			Roles:         roles,
		})
		if err != nil {
			return err
		}
		ctx.Export("caBundlePem", pki.CaBundlePem)
		ctx.Export("withoutKeys", pki.WithoutKeys)
		return nil
	})
}
