import * as pulumi from "@pulumi/pulumi";
import { EtcdPki, type MemberArgs, type MemberCertificates } from "etcd-pki";

const config = new pulumi.Config();

const pki = new EtcdPki("etcd", {
  members: config.getObject<Record<string, MemberArgs>>("members") ?? {
    "etcd-1": { hosts: ["10.0.0.1"] },
    "etcd-2": { hosts: ["10.0.0.2"] },
    "etcd-3": { hosts: ["10.0.0.3"] },
  },
  components: { root: {} },
  directory: config.require("directory"),
});

/** What a machine reads at its first boot. JSON is YAML, too. */
function cloudConfig({ files, config }: MemberCertificates): pulumi.Output<string> {
  const write_files = [
    ...files.map(({ path, mode, content }) => ({ path, permissions: mode, content })),
    { path: "/etc/systemd/system/etcd.service.d/etcd-pki.conf", permissions: "0644", content: config["systemd"] },
  ];
  const runcmd = [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "etcd"]]; // prettier-ignore
  return pulumi.jsonStringify({ write_files, runcmd }).apply((json) => `#cloud-config\n${json}\n`);
}

// Each is a secret, since the member's keys are in it. Give it to your cloud's machine, as `userData` or `user_data`.
export const userData = Object.fromEntries(
  Object.entries(pki.members).map(([name, member]) => [name, cloudConfig(member)]),
);
export const { caBundlePem, withoutKeys } = pki;
