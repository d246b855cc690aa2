import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect } from "node:tls";
import type { CertificateFacts } from "./certificates";
import { certificatesIn, factsOf } from "./certificates";

/** A certificate, and where it was found. */
export interface Found extends CertificateFacts {
  source: string;
}

interface StackResource {
  type?: string;
  parent?: string;
  delete?: boolean;
  inputs?: { earlyRenewalHours?: unknown };
  outputs?: { certPem?: unknown };
}

/** The certificates of every `EtcdPki` in what `pulumi stack export` prints. Its secrets stay encrypted, none is needed. */
export function inStack(source: string, text: string): Found[] {
  const { deployment } = JSON.parse(text) as { deployment?: { resources?: StackResource[] } };
  return (deployment?.resources ?? [])
    .filter(({ parent, ...resource }) => !resource.delete && parent?.split("::")[2]?.includes("etcd-pki:index:EtcdPki"))
    .flatMap(({ type = "", parent, inputs, outputs }) => {
      if (!/^tls:.*:(LocallySignedCert|SelfSignedCert)$/.test(type) || typeof outputs?.certPem !== "string") return [];
      const early = type.endsWith(":LocallySignedCert") ? inputs?.earlyRenewalHours : undefined;
      const earlyRenewalHours = typeof early === "number" ? early : undefined;
      const cluster = parent?.split("::").slice(3).join("::");
      return certificatesIn(outputs.certPem).map((certificate) => ({
        source,
        ...factsOf(certificate, { cluster, earlyRenewalHours }),
      }));
    });
}

/** The certificates in a PEM file. */
export const inFile = (source: string, text: string): Found[] =>
  certificatesIn(text).map((certificate) => ({ source, ...factsOf(certificate) }));

interface Secret {
  metadata?: { namespace?: string; name?: string };
  data?: Record<string, string>;
}

/** The certificates in what `kubectl get secrets --output json` prints, be it one Secret or a list. */
export function inSecrets(text: string): Found[] {
  const parsed = JSON.parse(text) as Secret & { items?: Secret[] };
  return (parsed.items ?? [parsed]).flatMap(({ metadata, data }) =>
    Object.entries(data ?? {}).flatMap(([key, value]) =>
      inFile(`secret ${metadata?.namespace}/${metadata?.name} ${key}`, Buffer.from(value, "base64").toString()),
    ),
  );
}

const timeoutMs = 5_000;

/** The certificate that a live server shows in its handshake. Nothing is sent, so it need not be trusted to be read. */
export function atEndpoint(address: string): Promise<Found[]> {
  const { hostname, port } = new URL(address.includes("://") ? address : `https://${address}`);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return new Promise((resolve, reject) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ host, port: Number(port || 443), rejectUnauthorized: false, ...name });
    const finish = (error?: Error) => {
      const certificate = socket.getPeerX509Certificate();
      socket.destroy();
      if (certificate === undefined) reject(error ?? new Error("it shows no certificate"));
      else resolve([{ source: address, ...factsOf(new X509Certificate(certificate.raw)) }]);
    };
    socket.setTimeout(timeoutMs, () => finish(new Error(`it does not answer within ${timeoutMs / 1000} seconds`)));
    socket.once("secureConnect", () => finish());
    socket.once("error", finish);
  });
}
