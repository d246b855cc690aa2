import { X509Certificate } from "node:crypto";
import type { Cluster } from "../test/support/etcd-cluster";
import { EXAMPLE } from "./clients";
import { identities, type Identity, type Outputs } from "./identities";
import { paths, shown } from "./paths";
import { say, table } from "./say";

const USAGES: Record<string, string> = { "1.3.6.1.5.5.7.3.1": "server", "1.3.6.1.5.5.7.3.2": "client" };
const HEADING = ["identity", "kind", "common name", "hosts", "usages", "valid until"];

/** What was made, read from the certificates themselves. */
export function showIdentities(outputs: Outputs): void {
  say("");
  table([HEADING, ...identities(outputs).map(row)]).forEach((line) => say(line));
}

function row({ name, kind, certificate }: Identity): string[] {
  const x509 = new X509Certificate(certificate.certPem);
  const commonName = /^CN=(.*)$/m.exec(x509.subject)?.[1] ?? "(none)";
  const hosts = (x509.subjectAltName ?? "").replaceAll(/DNS:|IP Address:/g, "").replace("0:0:0:0:0:0:0:1", "::1");
  const usages = x509.keyUsage.map((usage) => USAGES[usage] ?? usage).join(", ");
  return [name, kind, commonName, hosts || "(none)", usages, new Date(x509.validTo).toISOString().slice(0, 10)];
}

/** The commands to look further. */
export function showCommands(cluster: Cluster, isKept: boolean): void {
  const flags = [
    `--endpoints=${cluster.endpoints.join(",")}`,
    `--cacert=${shown(paths.caBundle)}`,
    `--cert=${shown(paths.certificate(EXAMPLE.component))}`,
    `--key=${shown(paths.privateKey(EXAMPLE.component))}`,
  ];
  const etcdctl = `${program(cluster.binaries.etcdctl)} ${flags.join(" ")}`;
  say("\nTo look further:");
  say(`  openssl x509 -noout -text -in ${shown(paths.certificate("etcd-1"))}`);
  if (isKept) {
    say(`  ${etcdctl} endpoint status --write-out=table`);
    say(`  ${etcdctl} get --prefix /${EXAMPLE.component}/`);
    say("\nThe cluster runs on. To stop it: npm run demo -- --stop");
  } else {
    say("  npm run demo -- --keep    leaves the cluster running, then:");
    say(`  ${etcdctl} get --prefix /${EXAMPLE.component}/`);
    say("\nThe cluster is stopped.");
  }
}

const program = (path: string) => (path.includes("/") ? shown(path) : path);
