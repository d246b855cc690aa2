package main

import (
	"example.com/pulumi-etcd-pki/sdk/go/etcdpki"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		pki, err := etcdpki.NewEtcdPki(ctx, "etcd", &etcdpki.EtcdPkiArgs{
			Members: map[string]etcdpki.MemberArgs{
				"etcd-1": {Hosts: pulumi.ToStringArray([]string{"10.0.0.1", "etcd-1.example.com"})},
				"etcd-2": {Hosts: pulumi.ToStringArray([]string{"10.0.0.2", "etcd-2.example.com"})},
				"etcd-3": {Hosts: pulumi.ToStringArray([]string{"10.0.0.3", "etcd-3.example.com"})},
			},
			Proxies: map[string]etcdpki.ProxyArgs{
				"proxy-1": {Hosts: pulumi.ToStringArray([]string{"10.0.0.9"})},
			},
			Components: map[string]etcdpki.ComponentArgs{
				"root":           {},
				"kube-apiserver": {},
				"calico-node":    {},
				"my-app":         {},
			},
		})
		if err != nil {
			return err
		}
		ctx.Export("caBundlePem", pki.CaBundlePem)
		ctx.Export("withoutKeys", pki.WithoutKeys)
		return nil
	})
}
