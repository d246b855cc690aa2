import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { EtcdPkiArgs } from "../../src/pki/args";
import { standIn } from "../support/engine/stand-in/stand-in";
import { ETCD_VERSIONS, type EtcdBinaries } from "../support/etcd-binaries";
import { type KeyPair } from "../support/issue-certificates";
import { type Answer, ask, type Form, startMachine, untilHealthy, writeMachine } from "../support/machine-member";
import { handMade, pemOf } from "../support/openssl";
import { freePorts } from "../support/ports";
import { writeProgram } from "../support/program";
import { requireEtcd } from "../support/require-etcd";
import type { ServerProcess } from "../support/server-process";

const hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
const names = ["etcd-1", "etcd-2", "etcd-3"];
const forms: Form[] = ["flags", "environment", "systemd"];

const program = `
const { EtcdPki } = require("etcd-pki");
const pki = new EtcdPki("etcd", {
  members: { "etcd-1": { hosts: ["127.0.0.1"] }, "etcd-2": { hosts: ["127.0.0.2"] }, "etcd-3": { hosts: ["127.0.0.3"] } },
  components: { "my-app": {} },
  ...JSON.parse(process.env.PKI),
});
module.exports = { members: pki.members, components: pki.components, peerCaBundlePem: pki.peerCaBundlePem };
`;

interface Printed {
  members: Record<
    string,
    {
      peer: KeyPair;
      files: { path: string; mode: string; content: string }[];
      config: Record<Form, string>;
    }
  >;
  components: Record<string, KeyPair & { caBundlePem: string }>;
  peerCaBundlePem: string;
}

/** How the two ports can be declared. On all but the first, the peer port trusts who signs components, too. */
const declarations: Record<string, (existing: KeyPair) => EtcdPkiArgs> = {
  "an authority for each port": () => ({}),
  "one shared authority": () => ({ sharedAuthority: true }),
  "the way from a shared authority to one for each port": () => ({
    peerCertificateAuthority: {
      generations: ["client:1", "1"],
      signing: "1",
      crossSignedBy: { "1": "client:1" },
    },
  }),
  "one authority that exists already, on both sides": (old) => ({
    certificateAuthority: { generations: ["old"], existing: { old } },
    peerCertificateAuthority: { generations: ["old"], existing: { old } },
  }),
};

for (const version of ETCD_VERSIONS) {
  describe(`etcd ${version} members, started with what EtcdPki prints as their config`, function () {
    this.timeout(900_000);
    const root = mkdtempSync(join(tmpdir(), "printed-config-"));
    let binaries: EtcdBinaries;
    let existing: KeyPair;
    let cluster: Cluster | undefined;

    before(async function () {
      binaries = await requireEtcd(this, version);
      const files = { cert: join(root, "ca.crt"), key: join(root, "ca.key") };
      handMade({ ...files, commonName: "by-hand" });
      existing = { certPem: pemOf(files.cert), privateKeyPem: pemOf(files.key) };
    });
    after(() => rmSync(root, { recursive: true, force: true }));

    const say = (declared: string, path: string, { status, body }: Answer) =>
      console.log(
        `        etcd ${binaries.version}, ${declared}: GET ${path} as my-app: ${status ?? "no answer"} ${body.slice(0, 90)}`,
      );

    for (const [i, [name, declared]] of Object.entries(declarations).entries()) {
      it(`with ${name}, give a component nothing on the peer port`, async () => {
        cluster = await start(binaries, join(root, String(i)), declared(existing));
        try {
          const { peer, component, peerCaBundlePem } = cluster;
          const id = await cluster.memberId();
          for (const path of ["/members", `/raft/stream/msgapp/${id}`]) {
            const attack = await ask(`${peer}${path}`, component, peerCaBundlePem);
            assert.equal(attack.status, undefined, `${path} answered ${attack.status} ${attack.body}`);
            say(name, path, attack);
          }
        } finally {
          await cluster.stop();
        }
      });
    }

    it("give a component what it asks for on the peer port without the names of the members, so that the above can fail", async () => {
      cluster = await start(binaries, join(root, "open"), { sharedAuthority: true }, (config) =>
        config.replace(/^.*PEER_CERT_ALLOWED_.*\n?|^--peer-cert-allowed-.*\n?/gim, ""),
      );
      try {
        const attack = await ask(`${cluster.peer}/members`, cluster.component, cluster.peerCaBundlePem);
        assert.equal(attack.status, 200, attack.body);
        say("a shared authority and no names of members", "/members", attack);
      } finally {
        await cluster.stop();
      }
    });
  });
}

interface Cluster {
  /** The first member's peer URL. */
  peer: string;
  component: KeyPair;
  peerCaBundlePem: string;
  /** The first member's, as one of its peers is told. */
  memberId(): Promise<string>;
  stop(): Promise<void>;
}

/** Issues for the declaration, and starts its three members, each in another form, with what is printed for them. */
async function start(
  binaries: EtcdBinaries,
  directory: string,
  declared: EtcdPkiArgs,
  change = (config: string) => config,
): Promise<Cluster> {
  const [clientPort, peerPort] = (await freePorts(2)) as [number, number];
  const { members, components, peerCaBundlePem } = await print({
    ...{ clientPort, peerPort, etcdVersion: binaries.version },
    ...declared,
  });
  const component = components["my-app"]!;
  const servers = names.map((name, i): ServerProcess => {
    // One machine stands for three.
    const home = join(directory, name);
    const here = (text: string) =>
      text.replaceAll("/etc/etcd/pki", join(home, "pki")).replaceAll("/var/lib/etcd", join(home, "data"));
    const { files, config } = members[name]!;
    writeMachine(files.map((file) => ({ ...file, path: here(file.path) })));
    const form = forms[i]!;
    return startMachine(binaries.etcd, form, change(here(config[form])), home);
  });
  const stop = async () => void (await Promise.all(servers.map((server) => server.kill())));
  try {
    const url = (i: number) => `https://${hosts[i]}:${clientPort}`;
    await Promise.all(servers.map((server, i) => untilHealthy(url(i), component, component.caBundlePem, server)));
  } catch (error) {
    await stop();
    throw error;
  }
  const peer = `https://${hosts[0]}:${peerPort}`;
  const memberId = async () => {
    const { status, body } = await ask(`${peer}/members`, members["etcd-2"]!.peer, peerCaBundlePem);
    assert.equal(status, 200, body);
    return BigInt(/"id":(\d+)/.exec(body)![1]!).toString(16);
  };
  return { peer, component, peerCaBundlePem, memberId, stop };
}

async function print(declared: EtcdPkiArgs): Promise<Printed> {
  const project = await standIn.open(writeProgram("printed-config", program));
  try {
    const { outputs } = await project.up({ env: { PKI: JSON.stringify(declared) } });
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])) as never;
  } finally {
    await project.dispose();
  }
}
