import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { EtcdPki, type MachineFile } from "etcd-pki";

const config = new pulumi.Config();
const hosts = config.getObject<Record<string, string>>("hosts") ?? { "etcd-1": "10.0.0.1", "etcd-2": "10.0.0.2" };

const pki = new EtcdPki("etcd", {
  members: Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, { hosts: [host] }])),
  components: { root: {} },
  directory: config.require("directory"),
});

// The content goes through the standard input, so that no key is on a command line. A file is written whole or not at all, since
// etcd reads its pair at each handshake.
const write = ({ path, mode }: MachineFile) =>
  `umask 077 && mkdir -p "$(dirname '${path}')" && cat > '${path}.new' && chmod ${mode} '${path}.new' && mv '${path}.new' '${path}'`;

for (const [name, { files, config: texts }] of Object.entries(pki.members)) {
  const connection = {
    host: hosts[name]!,
    port: config.requireNumber("sshPort"),
    user: config.require("sshUser"),
    privateKey: config.requireSecret("sshKey"),
  };
  const flags = { path: `${config.require("directory")}/etcd.flags`, mode: "0644", content: texts["flags"]! };
  for (const file of [...files, flags]) {
    new remote.Command(`${name}:${file.path}`, {
      connection,
      create: write(file),
      stdin: file.content,
      delete: `rm -f '${file.path}'`,
      // What it prints is not interesting, and would be kept in the state.
      logging: remote.Logging.None,
    });
  }
}

export const { caBundlePem, withoutKeys } = pki;
