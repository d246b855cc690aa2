import * as pulumi from "@pulumi/pulumi";
import { EtcdPki, type EtcdPkiArgs, type MemberArgs } from "etcd-pki";

const config = new pulumi.Config();

const existing = { old: { certPem: config.require("oldCert"), privateKeyPem: config.requireSecret("oldKey") } };
const own = { generations: ["1"] };

/** One update each, in this order. The preview refuses what would break connections. */
const stages: Record<
  string,
  Pick<EtcdPkiArgs, "certificateAuthority" | "peerCertificateAuthority" | "sharedAuthority">
> = {
  // New pairs, signed by the old authority, which everybody trusts already.
  "take-over": { certificateAuthority: { generations: ["old"], existing }, sharedAuthority: true },
  // An authority of the program's own signs. The old one has signed it, too.
  sign: {
    certificateAuthority: { generations: ["old", "1"], signing: "1", crossSignedBy: { "1": "old" }, existing },
    sharedAuthority: true,
  },
  // The old one is no longer trusted.
  distrust: {
    certificateAuthority: { ...own, distrusted: ["old"], crossSignedBy: { "1": "old" }, existing },
    sharedAuthority: true,
  },
  // Its key leaves the state.
  retire: { certificateAuthority: own, sharedAuthority: true },
  // The peers get an authority of their own, which the clients' one has signed, too.
  "sign-peers": {
    certificateAuthority: own,
    peerCertificateAuthority: { generations: ["client:1", "1"], signing: "1", crossSignedBy: { "1": "client:1" } },
  },
  "distrust-peers": {
    certificateAuthority: own,
    peerCertificateAuthority: { generations: ["1"], crossSignedBy: { "1": "client:1" } },
  },
  // As any new cluster.
  done: { certificateAuthority: own },
};

const stage = stages[config.require("stage")];
if (stage === undefined) throw new Error(`stage must be one of ${Object.keys(stages).join(", ")}.`);

const pki = new EtcdPki("etcd", {
  members: config.getObject<Record<string, MemberArgs>>("members") ?? {
    "etcd-1": { hosts: ["10.0.0.1"] },
    "etcd-2": { hosts: ["10.0.0.2"] },
    "etcd-3": { hosts: ["10.0.0.3"] },
  },
  components: { root: {}, "my-app": {} },
  ...stage,
});

export const { caBundlePem, withoutKeys } = pki;
