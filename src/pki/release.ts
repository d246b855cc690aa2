import { shown } from "../shape";
import type { EtcdPkiArgs } from "./args";

/** What is wrong with what `config` is made from, a sentence each. */
export function configProblems(args: EtcdPkiArgs): string[] {
  const { etcdVersion, directory, clusterToken } = args;
  return [
    ...(etcdVersion === undefined || /^3\.\d+\.\d+$/.test(etcdVersion)
      ? []
      : [`etcdVersion is ${shown(etcdVersion)}; give a whole release, such as "3.5.15", since flags came with patches`]),
    ...(args.gatewayCertificate && etcdVersion !== undefined && minorOf(etcdVersion) < 5
      ? [`gatewayCertificate needs etcd 3.5, and etcdVersion is ${shown(etcdVersion)}; leave it out`]
      : []),
    ...(args.gatewayCertificate && args.sharedAuthority
      ? [
          `gatewayCertificate and sharedAuthority exclude each other: with one pair on both ports, members connect to each ` +
            `other with it; leave one out`,
        ]
      : []),
    ...(["clientPort", "peerPort"] as const).flatMap((port) => portProblems(port, args[port])),
    ...(directory === undefined || directory.startsWith("/")
      ? []
      : [`directory is ${shown(directory)}; give an absolute path, such as "/etc/etcd/pki"`]),
    ...(clusterToken === "" ? [`clusterToken is empty; leave it out, or give a text that no other cluster has`] : []),
  ];
}

const minorOf = (version: string) => Number(version.split(".")[1]);

const portProblems = (name: string, port: number | undefined) =>
  port === undefined || (Number.isInteger(port) && port > 0 && port < 65536)
    ? []
    : [`${name} is ${shown(port)}; give a port from 1 to 65535`];
