import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { Etcd3 } from "etcd3";
import { NONE, openClient } from "../../src/rbac/client";
import { connectionProblem } from "../../src/rbac/diagnosis";
import { type Cluster, startCluster } from "../support/etcd-cluster";
import { DEFAULT_ETCD_VERSION } from "../support/etcd-binaries";
import { type KeyPair, testAuthority } from "../support/issue-certificates";
import { requireEtcd } from "../support/require-etcd";
import { run } from "../support/run";
import { skip } from "../support/skip";

/** The files of a client, and what they hold. */
interface Files extends KeyPair {
  bundle: string;
  cert: string;
  key: string;
  caBundlePem: string;
}

interface Case {
  name: string;
  /** What the member sends. */
  serves: "leaf" | "leaf and intermediate" | "leaf and cross certificate";
  trusted: ("intermediate" | "root" | "old" | "new")[];
  /** Who refuses it. All others take it. */
  refusedBy?: Client[];
}

type Client =
  | "etcdctl"
  | "curl"
  | "Java"
  | "Python as before 3.13"
  | "Python as of 3.13"
  | "Node"
  | "Node, allowPartialTrustChain"
  | "etcd3 on Node"
  | "EtcdRbac";

/** Who wants the whole chain up to a root. */
const wholeChain: Client[] = ["Python as before 3.13", "Node", "etcd3 on Node"];
const cases: Case[] = [
  { name: "an intermediate is trusted", serves: "leaf", trusted: ["intermediate"], refusedBy: wholeChain },
  {
    name: "an intermediate is trusted and sent",
    serves: "leaf and intermediate",
    trusted: ["intermediate"],
    refusedBy: wholeChain,
  },
  { name: "the root above is trusted", serves: "leaf and intermediate", trusted: ["root"] },
  {
    name: "an intermediate is trusted with the root above",
    serves: "leaf and intermediate",
    trusted: ["intermediate", "root"],
  },
  {
    name: "a cross certificate is sent and the old is trusted",
    serves: "leaf and cross certificate",
    trusted: ["old"],
  },
  {
    name: "a cross certificate is sent and the new is trusted",
    serves: "leaf and cross certificate",
    trusted: ["new"],
  },
  {
    name: "a cross certificate is sent and both are trusted",
    serves: "leaf and cross certificate",
    trusted: ["old", "new"],
  },
];

const program = (name: string) => resolve(__dirname, "../support/anchors", name);

describe("What a client trusts of a member's certificate file", function () {
  this.timeout(300_000);
  const directory = mkdtempSync(join(tmpdir(), "anchors-"));
  let cluster: Cluster;
  let pems: Record<Case["trusted"][number], string>;
  let served: Record<Case["serves"], KeyPair>;
  let clientPair: KeyPair;

  before(async function () {
    await requireEtcd(this, DEFAULT_ETCD_VERSION);
    const [root, intermediate, old, fresh] = await Promise.all(
      ["root", "intermediate", "old", "new"].map((name) => testAuthority(`anchors-${name}`)),
    );
    const [signed, cross] = await Promise.all([root!.crossSign(intermediate!), old!.crossSign(fresh!)]);
    pems = { root: root!.certPem, intermediate: signed, old: old!.certPem, new: fresh!.certPem };
    const leaf = await intermediate!.issue({ commonName: "etcd-1" });
    const crossed = await fresh!.issue({ commonName: "etcd-1" });
    served = {
      leaf,
      "leaf and intermediate": { ...leaf, certPem: leaf.certPem + signed },
      "leaf and cross certificate": { ...crossed, certPem: crossed.certPem + cross },
    };
    // The member trusts only the old one: who sends nothing but the leaf is refused.
    const client = await fresh!.issue({ commonName: "root", usages: ["client"] });
    clientPair = { ...client, certPem: client.certPem + cross };
    const members = { "etcd-1": await old!.issue({ commonName: "etcd-1" }) };
    cluster = await startCluster({ version: DEFAULT_ETCD_VERSION, directory, caBundlePem: old!.certPem, members });
  });
  after(async () => {
    await cluster?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const [bundle, cert, key] = ["ca.pem", "client.pem", "client-key.pem"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const files = (trusted: Case["trusted"]): Files => {
    const caBundlePem = trusted.map((name) => pems[name]).join("");
    writeFileSync(bundle, caBundlePem);
    writeFileSync(cert, clientPair.certPem);
    writeFileSync(key, clientPair.privateKeyPem, { mode: 0o600 });
    return { ...clientPair, bundle, cert, key, caBundlePem };
  };
  const health = () => `${cluster.endpoints[0]}/health`;
  const runs = async (command: string, ...args: string[]) => {
    const { code, stdout, stderr } = await run(command, args);
    return code === 0 ? "taken" : stdout + stderr;
  };

  const python = (own: Files, chain: string) =>
    runs("python3", program("anchors.py"), health(), own.bundle, own.cert, own.key, chain);

  /** Whether each kind of client takes the member; its own words where not. */
  const clients: Record<Client, (own: Files) => Promise<string>> = {
    etcdctl: async (own) => {
      const { code, stderr } = await cluster.etcdctl(["get", "key", "--command-timeout=3s"], own, own);
      return code === 0 ? "taken" : stderr;
    },
    curl: (own) => runs("curl", "-sSf", "--cacert", own.bundle, "--cert", own.cert, "--key", own.key, health()),
    Java: (own) => runs("java", program("Anchors.java"), health(), own.bundle, own.cert, own.key),
    "Python as before 3.13": (own) => python(own, "whole"),
    "Python as of 3.13": (own) => python(own, "partial"),
    Node: (own) => asked(health(), own),
    "Node, allowPartialTrustChain": (own) => asked(health(), own, { allowPartialTrustChain: true }),
    "etcd3 on Node": async ({ caBundlePem, certPem, privateKeyPem }) => {
      const credentials = {
        rootCertificate: Buffer.from(caBundlePem),
        certChain: Buffer.from(certPem),
        privateKey: Buffer.from(privateKeyPem),
      };
      const etcd = new Etcd3({ hosts: cluster.endpoints, credentials });
      try {
        await etcd.get("key").options({ deadline: Date.now() + 3_000 });
        return "taken";
      } catch (error) {
        return (error as Error).message;
      } finally {
        etcd.close();
      }
    },
    EtcdRbac: async (own) => {
      const connection = { endpoints: cluster.endpoints, ...own };
      const problem = await connectionProblem(cluster.endpoints[0]!, connection);
      if (problem !== undefined) return problem;
      const etcd = await openClient(connection, NONE);
      etcd.close();
      return "taken";
    },
  };

  for (const [client, ask] of Object.entries(clients) as [Client, (own: Files) => Promise<string>][]) {
    describe(client, () => {
      before(async function () {
        const command = [
          ["Java", "java"],
          ["Python", "python3"],
          ["curl", "curl"],
        ].find(([kind]) => client.startsWith(kind!));
        if (command && (await run(command[1]!, ["--version"]).catch(() => undefined)) === undefined)
          skip(this, `no ${command[1]} on this machine`);
      });

      for (const { name, serves, trusted, refusedBy = [] } of cases)
        it(`${refusedBy.includes(client) ? "refuses" : "takes"} the member where ${name}`, async () => {
          cluster.replaceFiles("etcd-1", served[serves]);
          const answer = await ask(files(trusted));
          if (refusedBy.includes(client)) assert.match(answer, /unable.to.get.(local.)?issuer/i);
          else assert.equal(answer, "taken");
        });
    });
  }
});

const asked = (url: string, { caBundlePem, certPem, privateKeyPem }: Files, more = {}) =>
  new Promise<string>((done) =>
    get(url, { ca: caBundlePem, cert: certPem, key: privateKeyPem, agent: false, ...more }, (response) => {
      response.resume();
      done(response.statusCode === 200 ? "taken" : String(response.statusCode));
    }).on("error", (error: NodeJS.ErrnoException) => done(error.code ?? error.message)),
  );
