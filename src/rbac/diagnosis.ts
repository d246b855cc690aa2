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

const PROBE_MS = 3000;
// TLS 1.3 clients finish their handshake before the server has looked at their certificate.
const REFUSAL_MS = 300;

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
  const expired = `the administrator's certificate ended on ${certificate.validTo}; renew it and run "pulumi up", or see ETCD_RBAC_CERT`;
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

/** Whether a member asks its clients for a certificate, which it must do to take their common names as users. */
export async function asksForCertificate(endpoint: string, caBundlePem: string): Promise<boolean> {
  return (await handshake(endpoint, caBundlePem, {})) !== undefined;
}

/** The code of what went wrong; undefined: nothing did. */
function handshake(endpoint: string, ca: string, client: { cert?: string; key?: string }): Promise<string | undefined> {
  const { hostname, port } = new URL(endpoint);
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    let socket: TLSSocket | undefined = undefined;
    const done = (code?: string) => {
      socket?.destroy();
      resolve(code);
    };
    try {
      socket = connect({ host, port: Number(port), ca, ...client, ALPNProtocols: ["h2"], ...serverName(host) });
    } catch (error) {
      return done(codeOf(error));
    }
    socket.on("error", (error) => done(codeOf(error)));
    socket.on("close", () => done("ECONNRESET: the member closed the connection"));
    socket.on("secureConnect", () => setTimeout(done, REFUSAL_MS));
    socket.setTimeout(PROBE_MS, () => done("ETIMEDOUT"));
  });
}

// A name only: Node warns of IP addresses here, and TLS does not send them.
const serverName = (host: string) => (/^[\d.]+$|:/.test(host) ? {} : { servername: host });

const codeOf = (error: unknown): string => {
  const { code, message } = error as { code?: string; message?: string };
  return `${code ?? ""} ${message ?? ""}`.trim();
};
