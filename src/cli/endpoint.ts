import { X509Certificate } from "node:crypto";
import { isIP, isIPv6 } from "node:net";
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import { connect } from "node:tls";

const timeoutMs = 5_000;

/** The port of etcd's clients (IANA, etcd-client), where an address names none. */
const clientPort = 2379;

/** Host and port of an address as people write it: `10.0.0.1`, `etcd-1:2379`, `https://[::1]:2379`, `::1`. */
export function addressOf(address: string): { host: string; port: number } {
  const bare = address.replace(/^https:\/\//, "").replace(/\/$/, "");
  if (isIPv6(bare)) return { host: bare, port: clientPort };
  const [, bracketed, name = "", port] = /^(?:\[([^\]]+)\]|([^:/@?#\s]+))(?::(\d+))?$/.exec(bare) ?? [];
  const host = bracketed ?? name;
  const number = port === undefined ? clientPort : Number(port);
  if (host === "" || (bracketed !== undefined && !isIPv6(host)) || number < 1 || number > 65535)
    throw new Error("it is no address; give https://, a host and a port, such as https://10.0.0.1:2379 or [::1]:2379");
  return { host, port: number };
}

/** The certificates that a live server shows in its handshake. Nothing is sent, so it need not be trusted to be read. */
export async function certificatesAt(address: string): Promise<X509Certificate[]> {
  const { host, port } = addressOf(address);
  return shownBy(host, port);
}

function shownBy(host: string, port: number): Promise<X509Certificate[]> {
  return new Promise((resolve, reject) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ host, port, rejectUnauthorized: false, ...name });
    const finish = (error?: Error) => {
      const shown = chainOf(socket);
      socket.destroy();
      if (shown.length === 0) reject(error ?? new Error("it shows no certificate"));
      else resolve(shown);
    };
    socket.setTimeout(timeoutMs, () => finish(new Error(`it does not answer within ${timeoutMs / 1000} seconds`)));
    socket.once("secureConnect", () => finish());
    socket.once("error", finish);
  });
}

// The leaf, and what the server sends with it: a cross certificate ends, too. A self-signed one is its own issuer.
function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (next?.raw !== undefined) {
    const certificate = new X509Certificate(next.raw);
    if (chain.some(({ fingerprint256 }) => fingerprint256 === certificate.fingerprint256)) break;
    chain.push(certificate);
    next = next.issuerCertificate;
  }
  return chain;
}
