import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { goTool } from "./go-tool";
import { testAuthority } from "./issue-certificates";
import { freePorts } from "./ports";
import { startServer, type ServerProcess } from "./server-process";

const READY_WITHIN_MS = 120_000;
const TOKEN = "administrator-of-this-test";

/** What an API server answers: its JSON, whatever the status. */
export interface Answer {
  status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test knows what it asked for
  body: any;
}

export interface ApiServer {
  /** For whoever wants to be its administrator. */
  readonly kubeconfig: string;
  readonly logFile: string;
  /** What it has logged so far. */
  log(): string;
  request(method: string, path: string, body?: object): Promise<Answer>;
  stop(): Promise<void>;
}

export interface ApiServerOptions {
  /** For its certificates and its log; made if missing, never removed. */
  directory: string;
  etcdEndpoints: string[];
  /** `--etcd-cafile` and the like, and whatever else shall differ. */
  flags: Record<string, string>;
}

/** kube-apiserver of the project's own Go module; built once, which takes long. */
export const kubeApiServer = () =>
  goTool({
    module: "kubernetes",
    program: "kube-apiserver",
    package: "k8s.io/kubernetes/cmd/kube-apiserver",
    usualSeconds: 300,
  });

/** Starts a kube-apiserver on loopback with etcd as its store, and waits until it is ready. */
export async function startApiServer({ directory, etcdEndpoints, flags }: ApiServerOptions): Promise<ApiServer> {
  const program = await kubeApiServer();
  mkdirSync(directory, { recursive: true });
  const [port] = await freePorts(1);
  const { files, caPem } = await ownFiles(directory);
  const all = {
    ...fixedFlags,
    ...files,
    "--secure-port": `${port}`,
    "--etcd-servers": etcdEndpoints.join(","),
    ...flags,
  };
  const logFile = join(directory, "kube-apiserver.log");
  const args = Object.entries(all).map(([flag, value]) => `${flag}=${value}`);
  const server = startServer(program, args, logFile);
  const url = `https://127.0.0.1:${port}`;
  const apiServer: ApiServer = {
    kubeconfig: kubeconfig(url, caPem),
    logFile,
    log: () => readFileSync(logFile, "utf8"),
    request: (method, path, body) => send(url + path, caPem, method, body),
    stop: () => server.stop(),
  };
  await untilReady(apiServer, server);
  return apiServer;
}

const fixedFlags = {
  "--bind-address": "127.0.0.1",
  "--service-cluster-ip-range": "10.96.0.0/24",
  "--service-account-issuer": "https://kubernetes.default.svc",
  // No node could reach a loopback address, so there is nothing to write down.
  "--endpoint-reconciler-type": "none",
  // Nothing here makes service accounts.
  "--disable-admission-plugins": "ServiceAccount",
};

async function ownFiles(directory: string) {
  const authority = await testAuthority("kube-apiserver-ca");
  const serving = await authority.issue({ commonName: "kube-apiserver", usages: ["server"] });
  const serviceAccount = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const write = (name: string, content: string) => {
    writeFileSync(join(directory, name), content, { mode: 0o600 });
    return join(directory, name);
  };
  const serviceAccountKey = write(
    "service-account.key",
    serviceAccount.export({ type: "pkcs1", format: "pem" }) as string,
  );
  return {
    caPem: authority.certPem,
    files: {
      "--tls-cert-file": write("serving.crt", serving.certPem),
      "--tls-private-key-file": write("serving.key", serving.privateKeyPem),
      "--service-account-key-file": serviceAccountKey,
      "--service-account-signing-key-file": serviceAccountKey,
      "--token-auth-file": write("tokens.csv", `${TOKEN},administrator,1,"system:masters"\n`),
    },
  };
}

function kubeconfig(server: string, caPem: string): string {
  const name = "test";
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": Buffer.from(caPem).toString("base64") } }],
    users: [{ name, user: { token: TOKEN } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}

async function untilReady(apiServer: ApiServer, server: ServerProcess): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (let said = ""; ; await delay(250)) {
    const { status, body } = await apiServer
      .request("GET", "/readyz?verbose")
      .catch((error: Error) => ({ status: 0, body: error.message }));
    if (status === 200) return;
    said = String(body);
    const log = () => `The end of its log ${apiServer.logFile}:\n${server.logTail()}`;
    if (server.ended) throw new Error(`kube-apiserver is not running. ${log()}`);
    if (Date.now() < deadline) continue;
    await server.stop();
    throw new Error(`kube-apiserver is not ready after ${READY_WITHIN_MS / 1000} s: ${said}. ${log()}`);
  }
}

function send(url: string, ca: string, method: string, body?: object): Promise<Answer> {
  const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, ca, headers, agent: false, timeout: 10_000 }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: parsed(text) }));
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 10 s")));
    sent.on("error", reject);
    sent.end(body && JSON.stringify(body));
  });
}

// /readyz answers with plain text.
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
