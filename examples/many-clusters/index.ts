import * as pulumi from "@pulumi/pulumi";
import { EtcdPki, type MemberArgs } from "etcd-pki";

// The cluster of one stack. What differs between clusters is in their settings.
const config = new pulumi.Config();

const pki = new EtcdPki("etcd", {
  members: config.requireObject<Record<string, MemberArgs>>("members"),
  components: { root: {}, "my-app": {} },
});

export const { caBundlePem, withoutKeys } = pki;
