import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { after, before, describe, it } from "mocha";
import { TESTED_ETCD_VERSIONS, etcdBinaries } from "../support/etcd-binaries";
import { type Cluster, startCluster } from "../support/etcd-cluster";
import { engines } from "../support/engine/engine";
import { testAuthority } from "../support/issue-certificates";
import { ask } from "../support/machine-member";
import { freePorts } from "../support/ports";
import { writeProgram } from "../support/program";
import { requireEtcd } from "../support/require-etcd";
import { run } from "../support/run";
import { startServer } from "../support/server-process";

const program = `
const { EtcdPki } = require("etcd-pki");
const hosts = ["127.0.0.1"];
const pki = new EtcdPki("etcd", {
  members: { "etcd-1": { hosts }, "etcd-2": { hosts }, "etcd-3": { hosts } },
  proxies: { "proxy-1": { hosts } },
  components: { root: {}, "my-app": {} },
});
const { caBundlePem, peerCaBundlePem, members, proxies, components } = pki;
exports.pki = { caBundlePem, peerCaBundlePem, members, proxies, components };
`;

interface Pair {
  certPem: string;
  privateKeyPem: string;
}
interface Pki {
  caBundlePem: string;
  peerCaBundlePem: string;
  members: Record<string, Pair & { peer: Pair }>;
  proxies: Record<string, Pair & { upstream: Pair }>;
  components: Record<string, Pair>;
}

// etcd sees the certificates only, so any engine's will do.
const issue = async (): Promise<Pki> => {
  const [engine] = await engines();
  const project = await engine!.open(writeProgram("etcd-pki", program));
  const { outputs } = await project.up();
  await project.dispose();
  return outputs.pki!.value;
};

describe("etcd with the issued certificates", () => {
  let pki: Pki;
  const issued = issue();

  for (const version of TESTED_ETCD_VERSIONS) {
    describe(version, () => {
      let cluster: Cluster;
      const directory = mkdtempSync(join(tmpdir(), "etcd-pki-"));
      const as = (component: string, ...args: string[]) => cluster.etcdctl(args, pki.components[component]);

      before(async function () {
        await requireEtcd(this, version);
        pki = await issued;
        const { caBundlePem, members } = pki;
        cluster = await startCluster({ version, directory, caBundlePem, members });
      });
      after(async () => {
        await cluster?.stop();
        rmSync(directory, { recursive: true, force: true });
      });

      it("is healthy through each member", async () => {
        for (const { endpoint } of Object.values(cluster.members)) {
          const { code, stderr } = await cluster.etcdctl(["endpoint", "health"], pki.components.root, {
            endpoints: [endpoint],
          });
          assert.equal(code, 0, stderr);
        }
      });

      it("refuses the same names from another authority", async () => {
        const stranger = await (await testAuthority("stranger")).issue({ commonName: "root" });
        assert.notEqual((await cluster.etcdctl(["get", "key", "--command-timeout=1s"], stranger)).code, 0);
      });

      it("refuses a component as a server", async () => {
        const [port] = await freePorts(1);
        const pair = (name: string, { certPem, privateKeyPem }: Pair) =>
          ["cert", "key"].map((kind) => {
            const file = join(directory, `${name}.${kind}`);
            writeFileSync(file, kind === "cert" ? certPem : privateKeyPem, { mode: 0o600 });
            return `--${kind}-file=${file}`;
          });
        const { etcd } = await etcdBinaries(version);
        const url = `https://127.0.0.1:${port}`;
        const flags = [
          `--listen-client-urls=${url}`,
          `--advertise-client-urls=${url}`,
          "--listen-peer-urls=http://127.0.0.1:0",
        ];
        const data = `--data-dir=${join(directory, "impostor")}`;
        const impostor = startServer(
          etcd,
          [...flags, data, ...pair("app", pki.components["my-app"]!)],
          join(directory, "impostor.log"),
        );
        const refusal = await handshake(port!, pki);
        await impostor.kill();
        assert.equal(refusal, "INVALID_PURPOSE");
      });

      it("lets nobody but members in on the peer port", async () => {
        const { peerEndpoint } = cluster.members["etcd-1"]!;
        const get = (path: string, pair: Pair) => ask(`${peerEndpoint}${path}`, pair, pki.peerCaBundlePem);
        const member = pki.members["etcd-2"]!;
        const { status, body } = await get("/members", member.peer);
        assert.equal(status, 200, body);
        const id = BigInt(/"id":(\d+)/.exec(body)![1]!).toString(16);
        for (const path of ["/members", `/raft/stream/msgapp/${id}`])
          for (const pair of [pki.components["my-app"]!, pki.components["root"]!, member]) {
            const attack = await get(path, pair);
            assert.equal(attack.status, undefined, attack.body);
          }
      });

      it("starts a grpc-proxy with a proxy's two certificates, and refuses one with a common name upstream", async () => {
        const { listening, upstream, ca } = writeProxyFiles(directory, pki);
        const { etcd } = await etcdBinaries(version);
        const [port] = await freePorts(1);
        const url = `127.0.0.1:${port}`;
        const flags = (client: string[]) => [
          ...["grpc-proxy", "start", `--endpoints=${cluster.endpoints}`, `--listen-addr=${url}`, `--cacert=${ca}`],
          ...[...client, ...listening],
        ];
        const proxy = startServer(etcd, flags(upstream), join(directory, "proxy.log"));
        const read = await retried(() =>
          cluster.etcdctl(["get", "--prefix", "nothing"], pki.components.root, { endpoints: [`https://${url}`] }),
        );
        await proxy.kill();
        assert.equal(read.code, 0, `${read.stderr}\n${proxy.logTail()}`);

        const named = listening.map((flag) => flag.replace("--cert-file", "--cert").replace("--key-file", "--key"));
        const refused = await run(etcd, flags(named));
        assert.match(refused.stdout + refused.stderr, /non empty Common Name/i);
      });

      it("takes a component's common name for its user", async () => {
        for (const command of [
          "user add root --no-password",
          "role add root",
          "user grant-role root root",
          "user add my-app --no-password",
          "role add my-app",
          "role grant-permission my-app readwrite --prefix=true /my-app/",
          "user grant-role my-app my-app",
          "auth enable",
        ]) {
          const { code, stderr } = await as("root", ...command.split(" "));
          assert.equal(code, 0, `${command}: ${stderr}`);
        }
        assert.equal((await as("my-app", "put", "/my-app/key", "value")).code, 0);
        assert.match((await as("my-app", "put", "/other/key", "value")).stderr, /permission denied/);
        assert.match(
          (await cluster.etcdctl(["get", "/my-app/key"], pki.members["etcd-1"])).stderr,
          /permission denied|user name not found|invalid auth/,
        );
      });
    });
  }
});

/** The code with which a client refuses the server, once there is one. */
async function handshake(port: number, { caBundlePem, components }: Pki): Promise<string | undefined> {
  const { certPem, privateKeyPem } = components.root!;
  const code = await new Promise<string | undefined>((resolve) => {
    const options = { host: "127.0.0.1", port, ca: caBundlePem, cert: certPem, key: privateKeyPem };
    const socket = connect({ ...options, checkServerIdentity: () => undefined }, () => resolve(undefined));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    socket.on("error", () => socket.destroy());
  });
  if (code !== "ECONNREFUSED") return code;
  await new Promise((resolve) => setTimeout(resolve, 100));
  return handshake(port, { caBundlePem, components } as Pki);
}

function writeProxyFiles(directory: string, { caBundlePem, proxies }: Pki) {
  const { upstream, ...listening } = proxies["proxy-1"]!;
  const write = (name: string, content: string) => {
    const file = join(directory, name);
    writeFileSync(file, content, { mode: 0o600 });
    return file;
  };
  return {
    ca: write("proxy-ca.pem", caBundlePem),
    listening: [
      `--cert-file=${write("proxy.pem", listening.certPem)}`,
      `--key-file=${write("proxy-key.pem", listening.privateKeyPem)}`,
    ],
    upstream: [
      `--cert=${write("upstream.pem", upstream.certPem)}`,
      `--key=${write("upstream-key.pem", upstream.privateKeyPem)}`,
    ],
  };
}

async function retried(attempt: () => ReturnType<typeof run>, times = 10): ReturnType<typeof run> {
  const result = await attempt();
  return result.code === 0 || times === 0 ? result : retried(attempt, times - 1);
}
