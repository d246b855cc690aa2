import { EtcdPki } from "../../src/index";
import type * as pulumi from "@pulumi/pulumi";
const pki = new EtcdPki("etcd", {
  members: { "etcd-1": { hosts: ["a"] } },
  components: { root: {}, app: { permissions: [{ prefix: "/a/", access: "read" }] } },
});
const pem: pulumi.Output<string> = pki.components.root.certPem;
const peer: pulumi.Output<string> = pki.members["etcd-1"].peer.certPem;
// @ts-expect-error no such member
export const typo = pki.members["etcd-typo"];
// @ts-expect-error none
export const none = pki.proxies["x"];
const dep: pulumi.Resource = pki;
export { pem, peer, dep };
