import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { exampleCluster } from "../../support/example-cluster";
import { startMachine, writeMachine } from "../../support/machine-member";
import { type RealStack, hasPulumi, openRealStackIn } from "../../support/real-stack";
import { requireEtcd } from "../../support/require-etcd";
import { skip } from "../../support/skip";
import { type Sshd, sshdMissing, startSshd } from "../../support/sshd";

const example = (name: string) => resolve(__dirname, "../../../examples", name);
const up = ["up", "--yes", "--skip-preview", "--suppress-outputs"];
const destroy = ["destroy", "--yes", "--skip-preview", "--suppress-outputs"];

interface CloudConfig {
  write_files: { path: string; permissions: string; content: string }[];
}
const parsed = (userData: string) => {
  assert.match(userData, /^#cloud-config\n/);
  return JSON.parse(userData.replace("#cloud-config\n", "")) as CloudConfig;
};

describe("machines that get their files", function () {
  this.timeout(5 * 60_000);
  let directory: string;
  let stack: RealStack | undefined;

  before(async function () {
    if (!hasPulumi()) skip(this, "pulumi is not installed");
    await requireEtcd(this, "3.6");
  });
  beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "machines-"))));
  afterEach(() => {
    stack?.dispose();
    rmSync(directory, { recursive: true, force: true });
  });

  async function ends() {
    await stack!.run(["preview", "--expect-no-changes"]);
    assert.doesNotMatch(await stack!.run(["stack", "export"]), /PRIVATE KEY/);
    await stack!.run(destroy);
    assert.doesNotMatch(await stack!.run(["stack", "export"]), /tls:index/);
  }

  it("by cloud-init start as members with nothing else (examples/cloud-init)", async function () {
    const { etcd } = await requireEtcd(this, "3.6");
    stack = await openRealStackIn(example("cloud-init"));
    const pki = join(directory, "pki");
    await stack.run(["config", "set", "directory", pki]);
    await stack.run(["config", "set", "--path", "members.etcd-1.hosts[0]", "127.0.0.1"]);
    await stack.run(up);
    const { userData } = await stack.outputs<{ userData: Record<string, string> }>();
    assert.doesNotMatch(await stack.run(["stack", "output", "--json"]), /PRIVATE KEY/);
    const { write_files: files } = parsed(userData["etcd-1"]!);
    const systemd = files.pop()!;
    assert.ok(files.every(({ path }) => path.startsWith(pki)));
    writeMachine(files.map(({ path, permissions, content }) => ({ path, mode: permissions, content })));
    const content = systemd.content.replaceAll("/var/lib/etcd", join(directory, "data"));
    const server = startMachine(etcd, "systemd", content, directory);
    await untilServing(() => server.ended || /ready to serve client requests/.test(server.logTail()));
    assert.match(server.logTail(), /ready to serve client requests/);
    await server.kill();
    await ends();
  });

  it("by cloud-init in Pulumi YAML: all files of the member (examples/cloud-init/yaml)", async () => {
    stack = await openRealStackIn(example("cloud-init/yaml"));
    await stack.run(up);
    const { userData } = await stack.outputs<{ userData: string }>();
    assert.doesNotMatch(await stack.run(["stack", "output", "--json"]), /PRIVATE KEY/);
    const { write_files: files } = parsed(userData);
    assert.deepEqual(
      files.map(({ path, permissions }) => `${permissions} ${path.split("/").at(-1)}`).sort(),
      ["0600 peer-key.pem", "0600 server-key.pem", "0644 ca.pem", "0644 etcd-pki.conf", "0644 peer-ca.pem", "0644 peer.pem", "0644 server.pem"], // prettier-ignore
    );
    assert.equal(files.filter(({ content }) => content.includes("PRIVATE KEY")).length, 2);
    await ends();
  });

  describe("over a real ssh server (examples/ssh)", () => {
    let sshd: Sshd | undefined;

    before(function () {
      const missing = sshdMissing() ?? commandMissing();
      if (missing !== undefined) skip(this, missing);
    });
    after(() => sshd?.stop());

    it("start as members with nothing else", async function () {
      const binaries = await requireEtcd(this, "3.6");
      sshd = await startSshd(directory);
      stack = await openRealStackIn(example("ssh"));
      const pki = join(directory, "pki");
      const settings = { directory: pki, sshUser: sshd.user, sshPort: String(sshd.port) };
      const plain = Object.entries(settings).flatMap(([name, value]) => ["--plaintext", `${name}=${value}`]);
      await stack.run(["config", "set-all", ...plain, "--secret", `sshKey=${sshd.privateKey}`]);
      await stack.run(["config", "set", "--path", "hosts.etcd-1", "127.0.0.1"]);
      await stack.run(up);
      assert.equal(statSync(join(pki, "server-key.pem")).mode & 0o777, 0o600);
      assert.equal(statSync(join(pki, "ca.pem")).mode & 0o777, 0o644);

      const cluster = await exampleCluster(binaries, directory, 1, "root");
      cluster.start("etcd-1", readFileSync(join(pki, "etcd.flags"), "utf8").trimEnd().split("\n"));
      await untilServing(() =>
        /ready to serve client requests/.test(readFileSync(join(directory, "etcd-1.log"), "utf8")),
      );
      await cluster.stop();
      await ends();
      assert.ok(!existsSync(join(pki, "server-key.pem")));
    });
  });
});

async function untilServing(isDone: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!isDone()) {
    assert.ok(Date.now() < deadline, "etcd does not serve");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function commandMissing(): string | undefined {
  try {
    const { version } = createRequire(__filename)("@pulumi/command/package.json") as { version: string };
    const provider = join(homedir(), ".pulumi/plugins", `resource-command-v${version}`);
    return existsSync(provider) ? undefined : `no command provider; pulumi plugin install resource command ${version}`;
  } catch {
    return "no package @pulumi/command; npm ci";
  }
}
