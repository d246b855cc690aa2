import * as pulumi from "@pulumi/pulumi";
import type { EtcdPkiArgs } from "../args";
import type { MachineFile } from "../machine";
import { certificatePaths, machineFiles, memberEndpoints, proxyConfig } from "../machine";
import { areHosts, hostsOf, texts } from "./on-machines";
import type { IssuedCertificate } from "./outputs";

/** A grpc-proxy's two certificates: the one it listens with, and the one for its connections to the members. */
export interface ProxyCertificates extends IssuedCertificate {
  /** For `etcd grpc-proxy start --cert --key`: no common name, since grpc-proxy refuses any other. */
  upstream: IssuedCertificate;
  /** The files of this proxy, for cloud-init, Butane or a remote copy. */
  files: MachineFile[];
  /**
   * What starts this proxy with these files: `grpc-proxy`, the flags of `etcd grpc-proxy start`, one a line. It listens on the
   * first of its hosts, at etcd's own port 23790. Without members here it names no endpoints.
   */
  config: Record<string, pulumi.Output<string>>;
}

/** Everything that one proxy needs. */
export function proxyOutputs(
  proxy: string,
  { own, upstream }: { own: IssuedCertificate; upstream: IssuedCertificate },
  args: EtcdPkiArgs,
): ProxyCertificates {
  const plan = { identity: proxy, directory: args.directory };
  const hosts = pulumi.all([hostsOf(args.members), hostsOf(args.proxies)]);
  const flags = hosts.apply(([members, proxies]) =>
    areHosts(members) && areHosts(proxies)
      ? proxyConfig(
          certificatePaths(plan, "proxy"),
          certificatePaths(plan, "upstream"),
          proxies[proxy]?.[0] ?? "",
          memberEndpoints(members, args.clientPort),
        )["grpc-proxy"]
      : "",
  );
  return {
    ...own,
    upstream,
    files: machineFiles(plan, { proxy: texts(own), upstream: { ...texts(upstream), caBundlePem: undefined } }),
    config: { "grpc-proxy": flags },
  };
}
