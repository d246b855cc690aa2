import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { X509Certificate } from "node:crypto";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { hostsOf } from "../../src/x509";
import { EngineError, type Engine, type Project, type Run, type RunOptions, engines } from "../support/engine/engine";
import { handMade, pemOf } from "../support/openssl";
import { writeProgram } from "../support/program";
import { refused, touched } from "../support/rotation/program";
import { skip } from "../support/skip";

// The address of a machine is known when the machine is there: in the update that makes it, or makes it anew.
const program = `
const { EtcdPki } = require("etcd-pki");
const pulumi = require("@pulumi/pulumi");
const tls = require("@pulumi/tls");
const { machines, isSecret, ...args } = JSON.parse(process.env.DECLARED);
const hostOf = (name) => {
  const machine = new tls.PrivateKey(name, { algorithm: "ED25519" }, { replacementTrigger: machines[name] });
  const host = machine.publicKeyPem.apply(() => machines[name]);
  return isSecret ? pulumi.secret(host) : host;
};
const members = Object.fromEntries(
  Object.keys(machines).map((name) => [name, { hosts: [hostOf(name)], loopback: false }]),
);
const pki = new EtcdPki("etcd", { members, components: { app: {} }, ...args });
exports.certificates = pki.withoutKeys;
`;

describe("an authority with name constraints, and hosts that only the update knows", function () {
  this.timeout(600_000);
  const directory = mkdtempSync(join(tmpdir(), "constrained-"));
  after(() => rmSync(directory, { recursive: true, force: true }));
  const paths = { cert: join(directory, "ca.pem"), key: join(directory, "ca-key.pem") };
  handMade({
    ...{ ...paths, commonName: "constrained" },
    extensions: [
      ...["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"],
      "nameConstraints=critical,permitted;DNS:example.com",
    ],
  });
  const old = { certPem: pemOf(paths.cert), privateKeyPem: pemOf(paths.key) };
  const constrained = { generations: ["old"], existing: { old } };
  const machines = { "etcd-1": "etcd-1.example.com", "etcd-2": "etcd-2.example.com" };
  const wrong = { ...machines, "etcd-2": "etcd-2.example.org" };
  const own = { peerCertificateAuthority: { generations: ["1"] } };

  for (const kind of ["stand-in", "pulumi"] as const) {
    describe(`on ${kind}`, () => {
      let engine: Engine | undefined;
      let project: Project;
      before(async function () {
        engine = (await engines()).find((candidate) => candidate.kind === kind);
        if (engine === undefined) skip(this, `no ${kind} on this machine`);
      });
      beforeEach(async () => void (project = await engine!.open(writeProgram(`name-constraints-${kind}`, program))));
      afterEach(() => project?.dispose());

      const env = (declared: object): RunOptions => ({
        env: { DECLARED: JSON.stringify({ machines, certificateAuthority: constrained, ...own, ...declared }) },
      });
      const up = (declared: object) => project.up(env(declared));
      const preview = (declared: object) => project.preview(env(declared));

      it("issues what it allows, and changes nothing after that", async () => {
        await preview({});
        const run = await up({});
        assert.deepEqual(hosts(run, 'members["etcd-2"]'), ["etcd-2.example.com"]);
        assert.deepEqual(touched(await preview({})), []);
      });

      for (const [what, isSecret, shown] of [
        ["a host", false, /do not allow its host "etcd-2.example.org" \(allowed: example.com\)/],
        ["a secret host", true, /do not allow its host \[secret\] \(allowed: example.com\)/],
      ] as const) {
        it(`refuses ${what} that it does not allow before it is signed, and the next update goes on`, async () => {
          await preview({ machines: wrong, isSecret });
          await assert.rejects(up({ machines: wrong, isSecret }), (error: EngineError) => {
            const ofMember = error.steps.filter(({ name }) => name === "etcd-member-etcd-2");
            assert.deepEqual(
              ofMember.map(({ type }) => type),
              ["tls:index/privateKey:PrivateKey"],
            );
            return refused(shown)(error);
          });
          assert.deepEqual(hosts(await up({ isSecret }), 'members["etcd-2"]'), ["etcd-2.example.com"]);
        });
      }

      it("says in a preview that the hosts are not known, and keeps what is in use where it refuses them", async () => {
        const first = await up({});
        const { log } = await preview({ machines: wrong });
        assert.match(log, /a new certificate for members\["etcd-2"\].*: its hosts are known only in the update/);
        await assert.rejects(up({ machines: wrong }), refused(/do not allow its host "etcd-2.example.org"/));
        const next = await up({});
        const inUse = (run: Run) => certificates(run)['members["etcd-2"]']?.certPem;
        assert.equal(inUse(next), inUse(first));
        assert.deepEqual(touched(await preview({})), []);
      });

      it("signs peers without the name that etcd from 3.5.15 on does not need, and refuses to where it does", async () => {
        const peers = { certificateAuthority: undefined, peerCertificateAuthority: constrained };
        await assert.rejects(preview(peers), refused(/members\["etcd-1"\].peer: .*"etcd.etcd-peer".*etcdVersion/));
        const etcdVersion = "3.5.15";
        const peerHosts = (run: Run) => hosts(run, 'members["etcd-1"].peer');
        assert.deepEqual(peerHosts(await up({ ...peers, etcdVersion })), ["etcd-1.example.com"]);
        assert.deepEqual(touched(await preview({ ...peers, etcdVersion })), []);
        // An authority of its own has the name again once nothing above it forbids that.
        const both = { ...constrained, generations: ["old", "1"], signing: "1", crossSignedBy: { "1": "old" } };
        const steps = [
          { run: both, expected: ["etcd-1.example.com"] },
          { run: { ...both, generations: ["1"], distrusted: ["old"] }, expected: ["etcd-1.example.com"] },
          { run: { generations: ["1"] }, expected: ["etcd-1.example.com", "etcd.etcd-peer"] },
        ];
        for (const { run, expected } of steps)
          assert.deepEqual(peerHosts(await up({ ...peers, etcdVersion, peerCertificateAuthority: run })), expected);
      });
    });
  }
});

const certificates = ({ outputs }: Run) => outputs["certificates"]?.value as Record<string, { certPem: string }>;
const hosts = (run: Run, path: string) => hostsOf(new X509Certificate(certificates(run)[path]?.certPem ?? ""));
