import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { hasYaml, machineFiles, memberConfig, type MemberConfigPlan } from "../../src/pki/machine";
import { abilitiesOf } from "../../src/pki/machine/etcd-version";
import { peerHostName } from "../../src/naming";
import { TESTED_ETCD_VERSIONS, type EtcdBinaries } from "../support/etcd-binaries";
import { type KeyPair, testAuthority, type TestAuthority } from "../support/issue-certificates";
import { ask, type Form, startMachine, untilHealthy, writeMachine } from "../support/machine-member";
import { freePorts } from "../support/ports";
import { requireEtcd } from "../support/require-etcd";
import type { ServerProcess } from "../support/server-process";

const forms: Form[] = ["flags", "environment", "systemd", "etcd.yaml"];

interface Case {
  name: string;
  /** The release that the configuration is for: the real one, or none. */
  says: "its release" | "no release";
  shared: boolean;
  gateway: boolean;
}

const cases: Case[] = [
  { name: "an own peer authority", says: "its release", shared: false, gateway: false },
  { name: "an own peer authority and a gateway's pair", says: "its release", shared: false, gateway: true },
  { name: "an own peer authority", says: "no release", shared: false, gateway: false },
  { name: "one shared authority", says: "its release", shared: true, gateway: false },
  { name: "one shared authority", says: "no release", shared: true, gateway: false },
];

for (const version of TESTED_ETCD_VERSIONS) {
  for (const { name, says, shared, gateway } of cases.filter(({ gateway }) => !gateway || version !== "3.4")) {
    describe(`etcd ${version} members started with what is written for ${name} and ${says}`, () => {
      const directory = mkdtempSync(join(tmpdir(), "etcd-pki-"));
      let cluster: Machines;

      before(async function () {
        const binaries = await requireEtcd(this, version);
        const etcdVersion = says === "its release" ? binaries.version : undefined;
        cluster = await startMachines(binaries, directory, { etcdVersion, sharedAuthority: shared, gateway });
      });
      after(async () => {
        await cluster?.stop();
        rmSync(directory, { recursive: true, force: true });
      });

      it("are healthy over TLS, whatever the form", async () => {
        const started = Object.values(cluster.members).map(({ form }) => form);
        const expected = shared && (version === "3.4" || says === "no release") ? forms.slice(0, 3) : forms;
        assert.deepEqual(started, expected);
        for (const { client } of Object.values(cluster.members)) {
          const { status, body } = await ask(`${client}/health`, cluster.component, cluster.clientAuthority.certPem);
          assert.equal(status, 200, body);
        }
      });

      it("give a component's certificate nothing on the peer port, and a member's an answer", async () => {
        for (const { peer, pair } of Object.values(cluster.members)) {
          const answered = await ask(`${peer}/members`, pair, cluster.peerAuthority.certPem);
          assert.equal(answered.status, 200, answered.body);
          const id = BigInt(/"id":(\d+)/.exec(answered.body)![1]!).toString(16);
          for (const path of ["/members", `/raft/stream/msgapp/${id}`]) {
            const attack = await ask(`${peer}${path}`, cluster.component, cluster.peerAuthority.certPem);
            assert.equal(attack.status, undefined, `${peer}${path} answered ${attack.body}`);
          }
        }
      });

      if (gateway) {
        it("serve the gateway with a server certificate that no client could use", async () => {
          for (const { client } of Object.values(cluster.members)) {
            assert.match(await rangeByGateway(client, cluster), /"header"/);
          }
        });
      }
    });
  }
}

interface Machine {
  form: Form;
  client: string;
  peer: string;
  pair: KeyPair;
}

interface Machines {
  members: Record<string, Machine>;
  clientAuthority: TestAuthority;
  peerAuthority: TestAuthority;
  component: KeyPair;
  stop(): Promise<void>;
}

type Options = Pick<MemberConfigPlan, "etcdVersion" | "sharedAuthority"> & { gateway: boolean };

/** A member for each form, all of one cluster, each on a loopback address of its own. */
async function startMachines(binaries: EtcdBinaries, directory: string, options: Options): Promise<Machines> {
  const clientAuthority = await testAuthority("etcd-ca-1");
  const peerAuthority = options.sharedAuthority ? clientAuthority : await testAuthority("etcd-peer-ca-1");
  const used = forms.filter((form) => form !== "etcd.yaml" || hasYaml(options));
  const hosts = Object.fromEntries(used.map((_, i) => [`etcd-${i + 1}`, [`127.0.0.${i + 1}`]]));
  const [clientPort, peerPort] = (await freePorts(2)) as [number, number];
  const component = await clientAuthority.issue({ commonName: "my-app", usages: ["client"] });
  // Name constraints may leave it out where etcd has lists.
  const needed = abilitiesOf(options.etcdVersion).lists ? [] : [peerHostName("etcd")];

  const servers: ServerProcess[] = [];
  const members: Record<string, Machine> = {};
  for (const [i, form] of used.entries()) {
    const member = `etcd-${i + 1}`;
    const names = [...hosts[member]!, "localhost", "127.0.0.1"];
    const usages: ("server" | "client")[] = options.gateway ? ["server"] : ["server", "client"];
    const pair = await clientAuthority.issue({ commonName: member, hosts: [...names, ...needed], usages });
    const peer = options.sharedAuthority ? pair : await peerAuthority.issue({ commonName: member, hosts: names });
    const home = join(directory, member);
    const plan = { identity: member, directory: join(home, "pki") };
    const bundle = (authority: TestAuthority) => ({ caBundlePem: authority.certPem });
    writeMachine(
      machineFiles(plan, {
        member: { ...pair, ...bundle(clientAuthority) },
        peer: { ...peer, ...bundle(peerAuthority) },
        gateway: options.gateway
          ? { ...(await clientAuthority.issue({ commonName: "", usages: ["client"] })), ...bundle(clientAuthority) }
          : undefined,
      }),
    );
    const config = memberConfig({
      ...{ cluster: "etcd", clusterToken: "etcd-test", member, hosts, clientPort, peerPort },
      ...{ directory: plan.directory, dataDirectory: join(home, "data") },
      ...{ etcdVersion: options.etcdVersion, sharedAuthority: options.sharedAuthority },
      gatewayCertificate: options.gateway,
    });
    servers.push(startMachine(binaries.etcd, form, config[form]!, home));
    const url = (port: number) => `https://127.0.0.${i + 1}:${port}`;
    members[member] = { form, client: url(clientPort), peer: url(peerPort), pair: peer };
  }
  const stop = async () => void (await Promise.all(servers.map((server) => server.kill())));
  try {
    const healthy = Object.values(members).map(({ client }, i) =>
      untilHealthy(client, component, clientAuthority.certPem, servers[i]!),
    );
    await Promise.all(healthy);
  } catch (error) {
    await stop();
    throw error;
  }
  return { members, clientAuthority, peerAuthority, component, stop };
}

/** What etcd's gateway answers to a read without authentication. */
async function rangeByGateway(client: string, { component, clientAuthority }: Machines): Promise<string> {
  const { body } = await ask(`${client}/v3/kv/range`, component, clientAuthority.certPem, '{"key":"AA=="}');
  return body;
}
