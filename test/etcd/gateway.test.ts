import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, before, describe, it } from "mocha";
import type { EtcdPkiArgs } from "../../src/pki/args";
import type { Project } from "../support/engine/engine";
import { standIn } from "../support/engine/stand-in/stand-in";
import { type EtcdBinaries, TESTED_ETCD_VERSIONS } from "../support/etcd-binaries";
import type { KeyPair } from "../support/issue-certificates";
import { ask, startMachine, untilHealthy, writeMachine } from "../support/machine-member";
import { freePorts } from "../support/ports";
import { writeProgram } from "../support/program";
import { requireEtcd } from "../support/require-etcd";
import { refused } from "../support/rotation/program";
import type { ServerProcess } from "../support/server-process";

const hosts = { "etcd-1": "127.0.0.1", "etcd-2": "127.0.0.2", "etcd-3": "127.0.0.3" };
const names = Object.keys(hosts) as (keyof typeof hosts)[];

const program = `
const { EtcdPki } = require("etcd-pki");
const pki = new EtcdPki("etcd", {
  members: { "etcd-1": { hosts: ["127.0.0.1"] }, "etcd-2": { hosts: ["127.0.0.2"] }, "etcd-3": { hosts: ["127.0.0.3"] } },
  components: { app: {} },
  ...JSON.parse(process.env.PKI),
});
module.exports = { members: pki.members, app: pki.components.app };
`;

interface Issued {
  members: Record<string, { files: { path: string; mode: string; content: string }[]; config: { flags: string } }>;
  app: KeyPair & { caBundlePem: string };
}

const step = { gatewayCertificate: true, keepClientUsage: true };

// The gateway has a certificate of its own since 3.5.
const versions = TESTED_ETCD_VERSIONS.filter((version) => version !== "3.4");
for (const version of versions) {
  describe(`a gateway certificate for the running members of etcd ${version}`, function () {
    this.timeout(300_000);
    let binaries: EtcdBinaries;
    let root: string;
    let project: Project;
    let servers: Record<string, ServerProcess> = {};
    let ports: Pick<EtcdPkiArgs, "clientPort" | "peerPort">;

    before(async function () {
      binaries = await requireEtcd(this, version);
    });
    beforeEach(async () => {
      root = mkdtempSync(join(tmpdir(), "gateway-"));
      project = await standIn.open(writeProgram("gateway", program));
      const [clientPort, peerPort] = (await freePorts(2)) as [number, number];
      ports = { clientPort, peerPort };
    });
    afterEach(async () => {
      await Promise.all(Object.values(servers).map((server) => server.kill()));
      servers = {};
      await project?.dispose();
      rmSync(root, { recursive: true, force: true });
    });

    const env = (declared: EtcdPkiArgs) => ({
      env: { PKI: JSON.stringify({ ...ports, etcdVersion: binaries.version, ...declared }) },
    });
    const issue = async (declared: EtcdPkiArgs): Promise<Issued> => {
      const { outputs } = await project.up(env(declared));
      return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])) as never;
    };
    const here = (name: string, text: string) =>
      text.replaceAll("/etc/etcd/pki", join(root, name, "pki")).replaceAll("/var/lib/etcd", join(root, name, "data"));
    const deliver = ({ members }: Issued) => {
      for (const name of names)
        writeMachine(members[name]!.files.map((file) => ({ ...file, path: here(name, file.path) })));
    };
    const start = (name: string, { members }: Issued) =>
      void (servers[name] = startMachine(
        binaries.etcd,
        "flags",
        here(name, members[name]!.config.flags),
        join(root, name),
      ));
    const url = (name: keyof typeof hosts) => `https://${hosts[name]}:${ports.clientPort}`;
    const healthy = (name: keyof typeof hosts, { app }: Issued) =>
      untilHealthy(url(name), app, app.caBundlePem, servers[name]!);
    const startAll = async (issued: Issued) => {
      deliver(issued);
      for (const name of names) start(name, issued);
      for (const name of names) await healthy(name, issued);
    };
    const restart = async (config: Issued) => {
      for (const name of names) {
        await servers[name]!.stop();
        start(name, config);
        await healthy(name, config);
      }
    };
    // "a" in base64.
    const gateways = async ({ app }: Issued) =>
      Promise.all(
        names.map(
          async (name) => (await ask(`${url(name)}/v3/kv/range`, app, app.caBundlePem, `{"key":"YQ=="}`)).status,
        ),
      );

    it("comes in two updates with a restart between them, and no gateway is cut off from its member", async () => {
      const first = await issue({});
      await startAll(first);
      assert.deepEqual(await gateways(first), [200, 200, 200]);
      await assert.rejects(
        project.preview(env({ gatewayCertificate: true })),
        refused(/members\["etcd-1"\].*first declare keepClientUsage: true beside it and restart every member/),
      );
      const both = await issue(step);
      deliver(both);
      assert.deepEqual(await gateways(both), [200, 200, 200]);
      // A member that happens to restart with what it had.
      await restart(first);
      assert.deepEqual(await gateways(both), [200, 200, 200]);
      await restart(both);
      assert.deepEqual(await gateways(both), [200, 200, 200]);
      const own = await issue({ gatewayCertificate: true });
      deliver(own);
      await restart(own);
      assert.deepEqual(await gateways(own), [200, 200, 200]);
    });

    it("cuts them off where client usage goes before the restart, so that the above can fail", async () => {
      const first = await issue({});
      await startAll(first);
      await issue(step);
      deliver(await issue({ gatewayCertificate: true }));
      await restart(first);
      assert.deepEqual(
        (await gateways(first)).filter((status) => status === 200),
        [],
      );
    });
  });
}
