import { signerOf } from "../../x509";
import type { Cluster, Shown } from "./cluster";
import { names } from "./cluster";
import type { Inventory } from "./inventory";
import type { Finding } from "./lint";

/** Compares what the members show and advertise with what the folder holds. */
export function liveFindings(inventory: Inventory, cluster: Cluster): Finding[] {
  return [
    ...cluster.shown.flatMap((shown) => shownFindings(shown, inventory)),
    ...peerFindings(inventory, cluster),
    ...cluster.unreadable.map((reason): Finding => ({
      severity: "warning",
      subject: "a live member",
      reason,
      remedy: "start it, or leave its address out",
    })),
  ];
}

function shownFindings({ address, host, certificate }: Shown, { items, authority }: Inventory): Finding[] {
  const findings: Finding[] = [];
  const trusted = authority && signerOf(certificate, [authority.certificate]) !== undefined;
  const isHere = items.some((item) => item.certificate.fingerprint256 === certificate.fingerprint256);
  if (authority && !trusted)
    findings.push({
      severity: "refused",
      subject: address,
      reason: `the member shows a certificate that ${authority.path} did not sign`,
      remedy: "adopt the folder of the running cluster: clients trust the authority that the member shows",
    });
  else if (!isHere)
    findings.push({
      severity: "warning",
      subject: address,
      reason: `the member shows a certificate that is not in the folder (serial ${certificate.serialNumber})`,
      remedy: "adopt the folders of all machines together, so that no host is left out",
    });
  if (!names(certificate, host))
    findings.push({
      severity: "warning",
      subject: address,
      reason: `the member's certificate does not name ${host}, so clients that look at it cannot connect`,
      remedy: "the program adds it to the member's hosts",
    });
  return findings;
}

function peerFindings({ items }: Inventory, { held }: Cluster): Finding[] {
  const servers = items.filter(({ role }) => role === "member" || role === "peer");
  const covered = (host: string) => servers.some(({ certificate }) => names(certificate, host));
  return (held?.peerHosts ?? [])
    .filter((host) => !covered(host))
    .map((host): Finding => ({
      severity: "warning",
      subject: "the cluster",
      reason: `a member advertises ${host} to its peers, and no certificate in the folder names it`,
      remedy: "adopt the folders of all machines together, or add it to its member's hosts in the program",
    }));
}
