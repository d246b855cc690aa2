import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { handMade } from "../../../support/openssl";
import { run } from "../../../support/run";
import { cfsslProfiles, kubeadm, kubespray, tlsSetup } from "./folders";

const main = resolve(__dirname, "../../../../src/cli/main.ts");

interface Adoption {
  folders: { layout: string }[];
  certificates: { file: string; role: string; commonName: string; signedBy: string; key: string }[];
  findings: { severity: string; reason: string }[];
  commands: string[];
}

describe("etcd-pki adopt", function () {
  this.timeout(120_000);
  const directory = mkdtempSync(join(tmpdir(), "adopt-"));
  const at = (...names: string[]) => join(directory, ...names);
  const adopt = (...args: string[]) => run(process.execPath, ["--require", "tsx/cjs", main, "adopt", ...args]);
  const adoption = async (...args: string[]) => {
    const { code, stdout, stderr } = await adopt(...args, "--json");
    assert.ok(code <= 2, stderr);
    return { code, ...(JSON.parse(stdout) as Adoption) };
  };
  const program = async (folder: string, language = "typescript") => {
    const target = mkdtempSync(at("program-"));
    const { code, stderr, stdout } = await adopt(folder, "--write", target, "--language", language);
    assert.ok(code <= 1, stdout + stderr);
    return readFileSync(join(target, language === "yaml" ? "Pulumi.yaml" : "index.ts"), "utf8");
  };

  before(() => {
    ["tls-setup", "profiles", "kubespray"].forEach((name) => mkdirSync(at(name)));
    tlsSetup(at("tls-setup"));
    cfsslProfiles(at("profiles"));
    kubeadm(at("pki"), "cp-1", "own authority");
    kubespray(at("kubespray"));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const layouts: [string, string, Record<string, string>][] = [
    [
      "tls-setup",
      "hack/tls-setup",
      { "ca.pem": "authority", "etcd1.pem": "member", "peer-etcd1.pem": "peer", "proxy1.pem": "proxy" },
    ],
    [
      "profiles",
      "cfssl",
      { "ca.pem": "authority", "node-a.pem": "member", "root.pem": "component", "app.pem": "component" },
    ],
    [
      "pki/etcd",
      "kubeadm",
      {
        "ca.crt": "authority",
        "server.crt": "member",
        "peer.crt": "peer",
        "healthcheck-client.crt": "component",
        "apiserver-etcd-client.crt": "component",
      },
    ],
    [
      "kubespray",
      "kubespray",
      {
        "ca.pem": "authority",
        "member-node1.pem": "member",
        "admin-node1.pem": "component",
        "node-node2.pem": "component",
      },
    ],
  ];
  for (const [folder, layout, roles] of layouts) {
    it(`recognises the layout of ${layout} and what each file is for, who signed it and whether its key fits`, async () => {
      const { folders, certificates } = await adoption(at(folder));
      assert.equal(folders[0].layout, layout);
      for (const [file, role] of Object.entries(roles))
        assert.equal(certificates.find((row) => row.file.endsWith(`/${file}`))?.role, role, file);
      const signers = new Set(certificates.map(({ role, signedBy }) => (role === "authority" ? "" : signedBy)));
      assert.deepEqual([...signers].sort(), ["", layout === "kubeadm" ? "ca.crt" : "ca.pem"]);
      assert.deepEqual([...new Set(certificates.map(({ key }) => key))], ["fits"]);
    });
  }

  it("finds kubeadm's etcd below its pki, and leaves the authority of Kubernetes alone", async () => {
    const { certificates, findings, code } = await adoption(at("pki"));
    assert.deepEqual([code, findings], [0, []]);
    assert.deepEqual(
      certificates.filter(({ role }) => role === "authority").map(({ commonName }) => commonName),
      ["etcd-ca"],
    );
  });

  it("sees that Kubernetes and etcd have one authority", async () => {
    kubeadm(at("shared"), "cp-1", "etcd's authority");
    const { findings, code } = await adoption(at("shared"));
    assert.equal(code, 1);
    assert.match(
      findings.map(({ reason }) => reason).join(),
      /other systems have the same authority: .*apiserver\.crt/,
    );
  });

  it("names members by their files where all have one common name, and says what to mind", async () => {
    const { findings } = await adoption(at("tls-setup"));
    assert.match(
      findings.map(({ reason }) => reason).join(),
      /one common name, "etcd"; the program names each member by its file/,
    );
    const text = await program(at("tls-setup"));
    assert.match(
      text,
      /etcd1: \{ hosts: \["10\.0\.0\.1", "peer1"\] \}, etcd2: \{ hosts: \["10\.0\.0\.2", "peer2"\] \}/,
    );
    assert.match(text, /proxies: \{ proxy1: \{ hosts: \["10\.0\.0\.1"\] \} \}/);
  });

  it("writes a program with the authority that exists, for servers and peers, and the keys' kind", async () => {
    const text = await program(at("pki"));
    const expected = [
      '  members: { "cp-1": { hosts: ["cp-1", "10.0.0.11"] } },',
      '    generations: ["old"],',
      '    existing: { old: { certPem: file("etcd-ca.pem"), privateKeyPem: config.requireSecret("etcdCaKey") } },',
      "  sharedAuthority: true,",
      '  defaults: { keyAlgorithm: "RSA-2048" },',
    ];
    for (const line of expected) assert.ok(text.split("\n").includes(line), `${line}\n\n${text}`);
    assert.match(text, /"kube-apiserver-etcd-client": \{\}/);
  });

  it("takes a peers' authority of their own for what it is", async () => {
    const pair = (name: string) => ({ cert: at("two", `${name}.pem`), key: at("two", `${name}-key.pem`) });
    handMade({ ...pair("ca"), commonName: "clients" });
    handMade({ ...pair("peer-ca"), commonName: "peers" });
    const member = { commonName: "etcd-1", hosts: ["10.0.0.1"], usages: ["serverAuth", "clientAuth"] };
    handMade({ ...member, ...pair("etcd1"), signer: pair("ca") });
    handMade({ ...member, ...pair("peer-etcd1"), signer: pair("peer-ca") });
    const text = await program(at("two"));
    assert.match(
      text,
      /peerCertificateAuthority: \{[^]*file\("etcd-peer-ca\.pem"\)[^]*requireSecret\("etcdPeerCaKey"\)/,
    );
    assert.doesNotMatch(text, /sharedAuthority/);
    const { commands } = await adoption(at("two"));
    assert.ok(commands.includes(`pulumi config set --secret etcdPeerCaKey < ${at("two", "peer-ca-key.pem")}`));
  });

  it("writes the same in Pulumi YAML", async () => {
    const text = await program(at("pki"), "yaml");
    assert.match(text, /^config:\n {2}etcdCaKey: \{ type: "string", secret: true \}$/m);
    assert.match(text, /^ {8}cp-1: \{ hosts: \["cp-1", "10\.0\.0\.11"\] \}$/m);
    assert.match(text, /^ {12}certPem: \{ fn::readFile: "\.\/etcd-ca\.pem" \}\n {12}privateKeyPem: \$\{etcdCaKey\}$/m);
  });

  it("is a dry run unless told where to write, and writes nothing a second time", async () => {
    const before = readdirSync(at("pki/etcd"));
    const { stdout } = await adopt(at("pki"));
    assert.match(stdout, /^A dry run\. --write DIR would write Pulumi\.yaml, etcd-ca\.pem, index\.ts/m);
    assert.deepEqual(readdirSync(at("pki/etcd")), before);
    const target = at("target");
    assert.match((await adopt(at("pki"), "--write", target)).stdout, /^Wrote .* No key is among them\.$/m);
    const { mtimeMs } = statSync(join(target, "index.ts"));
    assert.match((await adopt(at("pki"), "--write", target)).stdout, /holds all of this already/);
    assert.equal(statSync(join(target, "index.ts")).mtimeMs, mtimeMs);
  });

  it("does not overwrite what somebody has changed since", async () => {
    const target = at("mine");
    mkdirSync(target);
    writeFileSync(join(target, "index.ts"), "// mine");
    const { code, stderr } = await adopt(at("pki"), "--write", target);
    assert.equal(code, 3);
    assert.match(stderr, /has other files of these names: index\.ts\. Nothing was written/);
    assert.deepEqual(readdirSync(target), ["index.ts"]);
  });

  it("lets no key leave the folder, neither into the program nor onto the screen", async () => {
    const target = at("keyless");
    const outputs = [await adopt(at("kubespray"), "--write", target), await adopt(at("kubespray"), "--json")];
    const texts = [...outputs.map(({ stdout, stderr }) => stdout + stderr)];
    texts.push(...readdirSync(target).map((name) => readFileSync(join(target, name), "utf8")));
    assert.ok(texts.some((text) => text.includes("BEGIN CERTIFICATE")));
    for (const text of texts) assert.doesNotMatch(text, /PRIVATE KEY/);
  });

  it("takes the user's word for what a file is", async () => {
    const { certificates } = await adoption(at("profiles"), "--role", "node-b.pem=proxy");
    assert.equal(certificates.find(({ file }) => file.endsWith("node-b.pem"))?.role, "proxy");
    assert.equal((await adopt(at("profiles"), "--role", "node-b.pem=king")).code, 3);
  });
});
