import { AcmeEtcd } from "@acme/etcd";

const { pki } = new AcmeEtcd("etcd", {
  members: { "etcd-1": { hosts: ["10.0.0.1"] } },
  components: { "my-app": {} },
});

export const { caBundlePem, withoutKeys } = pki;
