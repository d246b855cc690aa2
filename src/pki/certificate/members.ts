import * as pulumi from "@pulumi/pulumi";
import type { EtcdPkiArgs } from "../args";
import type { MachineFile } from "../machine";
import { clusterTokenOf, hasYaml, machineFiles, memberConfig } from "../machine";
import type { PkiPlan } from "../plan";
import { areHosts, hostsOf, texts } from "./on-machines";
import type { IssuedCertificate } from "./outputs";

/** A member's certificates: the pair for its clients, and that for its peers. */
export interface MemberCertificates extends IssuedCertificate {
  /** For `--peer-cert-file` and `--peer-key-file`. With a shared authority it is the same pair. */
  peer: IssuedCertificate;
  /** For `--client-cert-file` and `--client-key-file`, if `gatewayCertificate` asks for it. */
  gateway?: IssuedCertificate;
  /** The files of this member, for cloud-init, Butane or a remote copy. */
  files: MachineFile[];
  /**
   * What starts this member with these files, by form: `flags` (one a line), `environment` (an `EnvironmentFile`), `etcd.yaml`
   * (for `--config-file`) and `systemd` (a drop-in). `etcd.yaml` is missing where it cannot keep components off the peer
   * port: with a shared authority before etcd 3.5.15.
   */
  config: Record<string, pulumi.Output<string>>;
}

/** The certificates of one member, by the port that they are for. */
export interface MemberPairs {
  own: IssuedCertificate;
  peer: IssuedCertificate;
  gateway?: IssuedCertificate;
}

/** Everything that one member needs. */
export function memberOutputs(
  member: string,
  { own, peer, gateway }: MemberPairs,
  args: EtcdPkiArgs,
  plan: PkiPlan,
): MemberCertificates {
  return {
    ...own,
    peer,
    ...(gateway && { gateway }),
    files: machineFiles(
      { identity: member, directory: args.directory },
      { member: texts(own), peer: texts(peer), ...(gateway && { gateway: texts(gateway) }) },
    ),
    config: configOf(member, args, plan),
  };
}

function configOf(member: string, args: EtcdPkiArgs, { cluster, isPeerPortOpen }: PkiPlan) {
  const { etcdVersion, clientPort, peerPort, directory, gatewayCertificate } = args;
  const settings = {
    ...{ cluster, member, etcdVersion, clientPort, peerPort, directory, gatewayCertificate },
    clusterToken: args.clusterToken ?? clusterTokenOf(cluster, pulumi.getProject(), pulumi.getStack()),
    sharedAuthority: isPeerPortOpen,
  };
  const texts = hostsOf(args.members).apply(
    (known) =>
      (areHosts(known) ? memberConfig({ ...settings, hosts: known }) : {}) as unknown as Record<string, string>,
  );
  const forms = ["flags", "environment", ...(hasYaml(settings) ? ["etcd.yaml"] : []), "systemd"];
  return Object.fromEntries(forms.map((form) => [form, texts.apply((all) => all[form] ?? "")]));
}
