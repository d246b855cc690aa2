import { X509Certificate } from "node:crypto";
import { request } from "node:https";
import type { TLSSocket } from "node:tls";

/** A certificate to ask with, and its key. Nothing else is done with the key. */
export interface KeyPair {
  certPem: string;
  privateKeyPem: string;
}

/** What a server did with a connection. */
export interface Answer {
  /** The certificate that it showed; undefined if it could not be reached. */
  shown?: X509Certificate;
  /** `closed`: it ended the connection without a word, as etcd does where a certificate's hosts do not fit. */
  outcome: "accepted" | "refused" | "closed" | "unreachable";
  /** Why it is not accepted, in the server's or the system's words; otherwise empty. */
  reason: string;
  /** The body of its HTTP answer. */
  body: string;
}

/** One HTTP request. etcd serves these without authentication of a user. */
export interface Request {
  method: "GET" | "POST";
  path: string;
}

/** etcd answers it on the client port and on the peer port. */
export const version: Request = { method: "GET", path: "/version" };

const timeoutMs = 10_000;

/**
 * Asks a live server with a certificate, or with none. In TLS 1.3 a server refuses a client's certificate only after the
 * client's handshake has ended, so only an answer to a request says that it was accepted.
 */
export function ask(address: string, pair: KeyPair | undefined, { method, path }: Request = version): Promise<Answer> {
  const { host, port } = placeOf(address);
  return new Promise((resolve) => {
    let shown: X509Certificate | undefined;
    let body = "";
    const asked = request({
      ...{ host, port, method, path, agent: false, timeout: timeoutMs },
      // It is to be looked at, not to be trusted; nothing secret is sent.
      rejectUnauthorized: false,
      ...(pair && { cert: pair.certPem, key: pair.privateKeyPem }),
    });
    const finish = (outcome: Answer["outcome"], reason = "") => {
      asked.destroy();
      resolve({ ...(shown && { shown }), outcome, reason, body });
    };
    asked.once("socket", (socket: TLSSocket) => {
      const look = () => (shown ??= shownBy(socket));
      socket.once("secureConnect", look).once("error", look);
    });
    asked.once("timeout", () => finish("unreachable", `no answer within ${timeoutMs / 1000} seconds`));
    asked.on("error", (error: NodeJS.ErrnoException) => {
      const alert = alertIn(error);
      if (alert !== undefined) finish("refused", alert);
      else finish(shown ? "closed" : "unreachable", error.message);
    });
    asked.once("response", (response) => {
      response.on("data", (chunk) => (body += chunk));
      response.once("end", () => finish("accepted"));
    });
    asked.end(method === "POST" ? "{}" : undefined);
  });
}

/** Host and port of an address as people write it: `https://10.0.0.1:2379`, `10.0.0.1:2379`, `[fd00::1]:2379`. */
export function placeOf(address: string): { host: string; port: number } {
  const { hostname, port } = new URL(address.includes("://") ? address : `https://${address}`);
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port || 443) };
}

function shownBy(socket: TLSSocket): X509Certificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  return certificate && new X509Certificate(certificate.raw);
}

// ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "unknown ca", the alert as RFC 8446, 6.2 names it.
const alertIn = ({ code = "", message }: NodeJS.ErrnoException): string | undefined =>
  /ALERT_([A-Z_]+)$/.exec(code)?.[1]?.toLowerCase().replaceAll("_", " ") ??
  /ssl\/tls alert ([a-z ]+)|alert ([a-z ]+):/i.exec(message)?.slice(1).find(Boolean);
