import * as pulumi from "@pulumi/pulumi";
import type { EtcdPkiArgs } from "../args";
import type { MachineFile } from "../machine";
import { certificatePaths, clientPrograms, componentConfig, machineFiles, memberEndpoints } from "../machine";
import { areHosts, hostsOf, texts } from "./on-machines";
import type { IssuedCertificate } from "./outputs";

/** A component's certificate, and what brings it to a machine. */
export interface ComponentCertificates extends IssuedCertificate {
  /** The files of this component, for cloud-init, Butane or a remote copy. Without a key where it brought its request. */
  files: MachineFile[];
  /**
   * What points a program at these files and at the members, by program: `etcdctl`, `kube-apiserver`, `calico`,
   * `calico-config` (the ConfigMap's entries), `felix` and `typha`. Without members here it names no endpoints.
   */
  config: Record<string, pulumi.Output<string>>;
}

/** Everything that one component needs. */
export function componentOutputs(component: string, own: IssuedCertificate, args: EtcdPkiArgs): ComponentCertificates {
  const plan = { identity: component, directory: args.directory };
  const hasKey = args.components?.[component]?.certRequestPem === undefined;
  const { privateKeyPem, ...withoutKey } = texts(own);
  const files = machineFiles(plan, { component: { ...withoutKey, ...(hasKey && { privateKeyPem }) } });
  const config = hostsOf(args.members).apply((hosts) =>
    areHosts(hosts)
      ? componentConfig(certificatePaths(plan, "component"), memberEndpoints(hosts, args.clientPort))
      : ({} as Record<string, string>),
  );
  return {
    ...own,
    files,
    config: Object.fromEntries(clientPrograms.map((name) => [name, config.apply((all) => all[name] ?? "")])),
  };
}
