import * as pulumi from "@pulumi/pulumi";
import { type CertificateAuthorityArgs, EtcdPki, type MemberArgs } from "etcd-pki";

const config = new pulumi.Config();

const steps: Record<string, CertificateAuthorityArgs> = {
  now: { generations: ["1"] },
  sign: { generations: ["1", "2"], signing: "2", crossSignedBy: { "2": "1" } },
  distrust: { generations: ["2"], distrusted: ["1"], crossSignedBy: { "2": "1" } },
  retire: { generations: ["2"] },
};

const certificateAuthority = steps[config.require("step")];
if (certificateAuthority === undefined) throw new Error(`step must be one of ${Object.keys(steps).join(", ")}.`);

const pki = new EtcdPki("etcd", {
  members: config.getObject<Record<string, MemberArgs>>("members") ?? {
    "etcd-1": { hosts: ["10.0.0.1"] },
    "etcd-2": { hosts: ["10.0.0.2"] },
    "etcd-3": { hosts: ["10.0.0.3"] },
  },
  components: { root: {}, "my-app": {} },
  certificateAuthority,
});

export const { caBundlePem, withoutKeys } = pki;
