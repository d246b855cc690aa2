import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { DEFAULT_ETCD_VERSION, type EtcdBinaries, TESTED_ETCD_VERSIONS } from "../support/etcd-binaries";
import { type Form, startedBy, startMachine } from "../support/machine-member";
import { freePorts } from "../support/ports";
import { requireEtcd } from "../support/require-etcd";
import { run } from "../support/run";
import { type ServerProcess, startServer } from "../support/server-process";
import { stackOf } from "../support/stack-export";

const main = resolve(__dirname, "../../src/cli/main.ts");
const one = { generations: ["1"], signing: "1" };
const forms: Form[] = ["flags", "environment", "etcd.yaml"];
// Not 127.0.0.1, which counts as no address of the machine's.
const members = Object.fromEntries(forms.map((_, i) => [`etcd-${i + 1}`, [`127.0.0.${i + 2}`, "127.0.0.1"]]));

const layouts = ["machine", "tls-setup", "kubeadm", "kubespray", "{identity}/{kind}-{part}.pem"];
// Where the files lie is nothing to a release, what is in them is.
const cases = TESTED_ETCD_VERSIONS.flatMap((version) =>
  (version === DEFAULT_ETCD_VERSION ? layouts : ["tls-setup"]).map((layout) => ({ version, layout })),
);

for (const { version, layout } of cases) {
  describe(`etcd ${version} with the files of etcd-pki files in the layout ${layout}`, () => {
    const directory = mkdtempSync(join(tmpdir(), "etcd-pki-"));
    const machine = (identity: string) => join(directory, "out", identity);
    const written = (identity: string, name: string) =>
      readFileSync(join(machine(identity), `${identity}.${name}`), "utf8");
    const servers: ServerProcess[] = [];
    let binaries: EtcdBinaries;

    before(async function () {
      binaries = await requireEtcd(this, version);
      const export_ = join(directory, "stack.json");
      const declared = {
        client: one,
        peer: one,
        members,
        proxies: { "proxy-1": ["127.0.0.1"] },
        components: ["my-app"],
      };
      writeFileSync(export_, await stackOf()(declared));
      const [clientPort, peerPort] = await freePorts(2);
      const { code, stderr } = await run(process.execPath, [
        ...["--require", "tsx/cjs", main, "files", "--export", export_, "--layout", layout],
        ...["--directory", join(directory, "out", "{identity}"), "--etcd-version", binaries.version],
        ...["--config", [...forms, "etcdctl", "grpc-proxy"].join(), "--data-directory", join(directory, "data")],
        ...["--client-port", `${clientPort}`, "--peer-port", `${peerPort}`],
      ]);
      assert.equal(code, 0, stderr);
      for (const [i, form] of forms.entries()) {
        const member = `etcd-${i + 1}`;
        // The members of a real cluster have a machine each, and so a data folder.
        const text = written(member, form).replaceAll(join(directory, "data"), join(directory, "data", member));
        mkdirSync(join(directory, "data"), { recursive: true });
        servers.push(startMachine(binaries.etcd, form, text, machine(member)));
      }
    });
    after(async () => {
      await Promise.all(servers.map((server) => server.kill()));
      rmSync(directory, { recursive: true, force: true });
    });

    const etcdctl = (args: string[], changes: Record<string, string> = {}) => {
      const { env } = startedBy("environment", written("my-app", "etcdctl"), directory);
      return run(binaries.etcdctl, args, {
        env: { ...env, ETCDCTL_DIAL_TIMEOUT: "20s", ...changes },
      });
    };

    it("is healthy at every member for etcdctl with what is written for a component", async () => {
      const { code, stdout, stderr } = await etcdctl(["endpoint", "health", "--command-timeout=20s"]);
      assert.equal(code, 0, `${stderr}\n${servers.map((server) => server.logTail()).join("\n")}`);
      assert.equal((stdout + stderr).match(/is healthy/g)?.length, 3);
    });

    it("is reached through a grpc-proxy that was started with what is written for it", async () => {
      const [port] = await freePorts(1);
      const flags = written("proxy-1", "grpc-proxy").replace(/(--listen-addr=).*/, `$1127.0.0.1:${port}`);
      const log = join(directory, "proxy.log");
      servers.push(startServer(binaries.etcd, ["grpc-proxy", "start", ...flags.trimEnd().split("\n")], log));
      const read = ["get", "--prefix", "nothing", "--command-timeout=20s"];
      const { code, stderr } = await etcdctl(read, { ETCDCTL_ENDPOINTS: `https://127.0.0.1:${port}` });
      assert.equal(code, 0, `${stderr}\n${readFileSync(log, "utf8")}`);
    });
  });
}
