import * as pulumi from "@pulumi/pulumi";
import type { EtcdPkiArgs } from "../args";
import type { IssuedCertificate } from "./outputs";

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
