import * as pulumi from "@pulumi/pulumi";
import { type CertificateAuthorityArgs, EtcdPki, type MemberArgs } from "etcd-pki";

// The cluster of one stack. What differs between clusters is in their settings.
const config = new pulumi.Config();

// The steps of a rotation, in their order. ../rotation says who restarts after each.
const steps: Record<string, CertificateAuthorityArgs> = {
  now: { generations: ["1"] },
  sign: { generations: ["1", "2"], signing: "2", crossSignedBy: { "2": "1" } },
  distrust: { generations: ["2"], distrusted: ["1"], crossSignedBy: { "2": "1" } },
  retire: { generations: ["2"] },
};

export const step = config.get("step") ?? "now";
const certificateAuthority = steps[step];
if (certificateAuthority === undefined) throw new Error(`step must be one of ${Object.keys(steps).join(", ")}.`);

const pki = new EtcdPki("etcd", {
  members: config.requireObject<Record<string, MemberArgs>>("members"),
  components: { root: {}, "my-app": {} },
  certificateAuthority,
});

export const { caBundlePem, withoutKeys } = pki;
