import { createPrivateKey, X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { connect } from "node:tls";

/** How to reach etcd and as whom. */
export interface Connection {
  endpoints: string[];
  caBundlePem: string;
  certPem: string;
  privateKeyPem: string;
}

const PROBE_MS = 5000;
// What an HTTP/2 client says first: the preface, and settings that change none (RFC 9113, 3.4 and 6.5).
const HELLO = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

/** What an error code of Node's network and TLS layers means for etcd. */
const CAUSES: [RegExp, string][] = [
  [/ECONNREFUSED/, "nothing listens there; is etcd running, and is the port right?"],
  [/ENOTFOUND|EAI_AGAIN/, "this host name cannot be resolved"],
  [/EHOSTUNREACH|ENETUNREACH/, "there is no route to this host"],
  [/ETIMEDOUT/, "nothing answers; a firewall, or a host that is down?"],
  [/CERT_HAS_EXPIRED/, "the member's certificate has expired; renew it"],
  [/CERT_NOT_YET_VALID/, "the member's certificate is not valid yet; compare the clocks"],
  [/ERR_TLS_CERT_ALTNAME_INVALID/, "the member's certificate does not name this host; add it to the member's hosts"],
  [
    /SELF_SIGNED_CERT|DEPTH_ZERO|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_SIGNATURE_FAILURE/,
    "the member's certificate is signed by no authority of caBundlePem",
  ],
  [
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_|UNSUPPORTED_CERTIFICATE|HANDSHAKE_FAILURE)|CERTIFICATE_REQUIRED/,
    "the member refuses the administrator's certificate; is its authority in the member's --trusted-ca-file?",
  ],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/, "what listens there does not speak TLS"],
];

/** What the administrator's certificate says by itself, before any member is asked; empty: nothing is wrong. */
export function administratorProblems({ certPem, privateKeyPem }: Connection, now = new Date()): string[] {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(certPem);
  } catch {
    return ["administrator.certPem is no PEM certificate; give an EtcdPki's components.root"];
  }
  const name = /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? "";
  const wrongName = `the administrator's certificate is for ${JSON.stringify(name)}; etcd lets "root" change users and roles, so give the component root's`;
  const expired =
    `the administrator's certificate ended on ${certificate.validTo}. "pulumi up" renews it if an EtcdPki made it. For ` +
    `"pulumi refresh" and "pulumi destroy" without that, put the paths of another certificate of root and of its key into ` +
    `the environment, as ETCD_RBAC_CERT and ETCD_RBAC_KEY`;
  return [
    ...(name === "root" ? [] : [wrongName]),
    ...(new Date(certificate.validTo) < now ? [expired] : []),
    ...(isKeyOf(certificate, privateKeyPem)
      ? []
      : ["administrator.privateKeyPem is not the key of administrator.certPem"]),
  ];
}

function isKeyOf(certificate: X509Certificate, privateKeyPem: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(privateKeyPem));
  } catch {
    return false;
  }
}

/** Why no etcd answers at an endpoint, in words; undefined: the connection itself is fine. */
export async function connectionProblem(endpoint: string, connection: Connection): Promise<string | undefined> {
  const { certPem: cert, privateKeyPem: key } = connection;
  const error = await handshake(endpoint, connection.caBundlePem, { cert, key });
  return error && (CAUSES.find(([code]) => code.test(error))?.[1] ?? error);
}

/**
 * Whether a member asks its clients for a certificate, which it must do to take their common names as users. Undefined:
 * it did not show, since it did not answer.
 */
export async function asksForCertificate(endpoint: string, caBundlePem: string): Promise<boolean | undefined> {
  const error = await handshake(endpoint, caBundlePem, {});
  return error === undefined ? false : ALERT.test(error) ? true : undefined;
}

// How a member refuses who shows no certificate: TLS 1.3 names it, TLS 1.2 and some releases of Go say "bad certificate".
const ALERT = /CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE|ALERT_HANDSHAKE_FAILURE|ECONNRESET/;

/**
 * The code of what went wrong; undefined: nothing did. A TLS 1.3 client finishes its handshake before the server has looked
 * at its certificate, so the answer is the server's first HTTP/2 frame, however long the line is.
 */
function handshake(endpoint: string, ca: string, client: { cert?: string; key?: string }): Promise<string | undefined> {
  const { hostname, port } = new URL(endpoint);
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    let socket: TLSSocket | undefined = undefined;
    const timer = setTimeout(() => done("ETIMEDOUT"), PROBE_MS);
    const done = (code?: string) => {
      clearTimeout(timer);
      socket?.destroy();
      resolve(code);
    };
    try {
      const trust = { ca, allowPartialTrustChain: true };
      socket = connect({ host, port: Number(port), ...trust, ...client, ALPNProtocols: ["h2"], ...serverName(host) });
    } catch (error) {
      return done(codeOf(error));
    }
    socket.on("error", (error) => done(codeOf(error)));
    socket.on("close", () => done("ECONNRESET: the member closed the connection"));
    socket.on("secureConnect", () => socket?.write(HELLO));
    socket.on("data", () => done());
  });
}

// A name only: Node warns of IP addresses here, and TLS does not send them.
const serverName = (host: string) => (/^[\d.]+$|:/.test(host) ? {} : { servername: host });

const codeOf = (error: unknown): string => {
  const { code, message } = error as { code?: string; message?: string };
  return `${code ?? ""} ${message ?? ""}`.trim();
};
