import * as pulumi from "@pulumi/pulumi";
import type { CertificateKind } from "../../naming";
import type { EtcdPkiArgs } from "../args";
import type { FilesPlan, FileTexts, MachineFile } from "../machine";
import { machineFiles } from "../machine";
import type { IssuedCertificate } from "./outputs";

/** The files of one identity's certificates, as outputs of the component. */
export const filesOn = (
  plan: FilesPlan,
  certificates: Partial<Record<CertificateKind, FileTexts<pulumi.Output<string>>>>,
): MachineFile[] =>
  machineFiles(plan, certificates).map(({ content, ...file }) => ({ ...file, content: pulumi.output(content) }));

/** What of a certificate goes into files. etcd reads every form of key: it needs no second one. */
export const texts = ({ caBundlePem, certPem, privateKeyPem }: IssuedCertificate) => ({
  caBundlePem,
  certPem,
  privateKeyPem,
});

/** The declared hosts of every member, or of every proxy. */
export const hostsOf = (identities: EtcdPkiArgs["members" | "proxies"] = {}) =>
  pulumi.output(
    Object.fromEntries(Object.entries(identities).map(([name, own]) => [name, own.hosts])),
  ) as pulumi.Output<Record<string, string[]>>;

/** What is known only in the update may be no list of hosts, and is refused where the certificate asks for it. */
export const areHosts = (hosts: Record<string, unknown>) =>
  Object.values(hosts).every((list) => Array.isArray(list) && list.every((host) => typeof host === "string"));
