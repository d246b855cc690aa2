import assert from "node:assert/strict";
import { createHash, createPublicKey, X509Certificate } from "node:crypto";
import { before, describe, it } from "mocha";
import { changes, KINDS, PROGRAM, record, type Recorded } from "../support/engine/agreement";
import { describeCertificate, describeKey, isIssuedBy } from "../support/engine/certificate";
import { engines, type Engine, type Run } from "../support/engine/engine";
import { writeProgram } from "../support/program";
import { skip } from "../support/skip";
import { standIn } from "../support/engine/stand-in/stand-in";

const KUBERNETES_PROGRAM = `
import { Provider } from "@pulumi/kubernetes/provider";
import { Secret } from "@pulumi/kubernetes/core/v1/secret";
const provider = new Provider("cluster", { kubeconfig: "{}", enableSecretMutable: process.env.MUTABLE === "true" });
new Secret("etcd", { metadata: { name: "etcd" }, data: { key: process.env.VALUE ?? "b25l" } }, { provider });
`;
const HOUR = 3_600_000;

const rows = (run: Run) => [...run.steps].map((step) => ({ ...step })).sort((a, b) => (a.urn < b.urn ? -1 : 1));

const recordings = new Map<string, Recorded>();

describe("The engines", function () {
  this.timeout(600_000);
  let found: Engine[];

  before(async () => {
    found = await engines();
    const directory = writeProgram("certificates", PROGRAM);
    const recorded = await Promise.all(
      found.map(async (engine) => [engine.kind, await record(engine, directory)] as const),
    );
    recorded.forEach(([kind, recording]) => recordings.set(kind, recording));
  });

  for (const kind of ["stand-in", "pulumi"]) {
    describe(`(${kind})`, () => {
      let runs: Record<string, Run>;
      let state: string;
      const run = (name: string): Run => runs[name] ?? assert.fail(`no run ${name}`);
      const pki = (name: string) => run(name).outputs["pki"]?.value as Record<string, Record<string, string>>;

      before(function () {
        const recorded = recordings.get(kind);
        if (!recorded) return skip(this, "no pulumi on this machine");
        ({ runs, state } = recorded);
      });

      it("create every resource of a first run, and announce them in the preview", () => {
        for (const name of ["first preview", "first up"]) {
          assert.equal(run(name).steps.length, 2 + 5 * KINDS.length);
          assert.ok(run(name).steps.every(({ op }) => op === "create"));
        }
      });

      it("name the parent of each resource", () => {
        const { steps } = run("first up");
        const leaf = steps.find(({ type, name }) => type.endsWith(":LocallySignedCert") && name === "p256");
        assert.equal(steps.find(({ urn }) => urn === leaf?.parent)?.type, "test:index:Pki");
      });

      it("change nothing in a second run", () => assert.deepEqual(changes(run("second up")), []));

      it("replace the request and the certificate for a new host, and keep the key", () => {
        const expected = ["replace CertRequest p256 [dnsNames]", "replace LocallySignedCert p256 [certRequestPem]"];
        assert.deepEqual(changes(run("preview of a new host")), expected);
        assert.deepEqual(changes(run("up with a new host")), expected);
        const [before, after] = [pki("first up")["p256"]!, pki("up with a new host")["p256"]!];
        assert.equal(before["keyPem"], after["keyPem"]);
        assert.match(new X509Certificate(after["certPem"]!).subjectAltName ?? "", /c\.example\.com/);
      });

      it("update the certificate's row only when the renewal window changes", () => {
        assert.deepEqual(changes(run("up with another window")), ["update LocallySignedCert p256 [earlyRenewalHours]"]);
        assert.equal(pki("up with another window")["p256"]!["certPem"], pki("up with a new host")["p256"]!["certPem"]);
      });

      it("replace a certificate in its renewal window, and nothing else", () => {
        for (const name of ["preview in the window", "up in the window"]) {
          const [row, ...more] = changes(run(name));
          assert.match(row ?? "", /^replace LocallySignedCert p256 /);
          assert.deepEqual(more, []);
        }
        assert.notEqual(pki("up in the window")["p256"]!["certPem"], pki("up with another window")["p256"]!["certPem"]);
      });

      it("replace on another replacement trigger, not on the first", () => {
        assert.ok(!changes(run("first trigger")).some((row) => row.includes(" rsa ")));
        assert.deepEqual(changes(run("same trigger")), []);
        assert.deepEqual(changes(run("preview of another trigger")), [
          "replace CertRequest rsa [privateKeyPem]",
          "replace LocallySignedCert rsa [certRequestPem]",
          "replace PrivateKey rsa []",
        ]);
      });

      for (const key of KINDS) {
        it(`issue a chain that verifies and keys in the provider's format (${key})`, () => {
          const leaf = pki("first up")[key]!;
          assert.ok(isIssuedBy(leaf["certPem"]!, leaf["caCertPem"]!));
          assert.ok(isIssuedBy(leaf["caCertPem"]!, leaf["caCertPem"]!));
          const publicKey = createPublicKey(leaf["keyPem"]!);
          assert.ok(new X509Certificate(leaf["certPem"]!).publicKey.equals(publicKey));
          assert.ok(createPublicKey(leaf["pkcs8"]!).equals(publicKey));
          assert.ok(createPublicKey(leaf["publicKeyPem"]!).equals(publicKey));
        });
      }

      it("take the identifier of a CA's key from the key's bits", () => {
        const ca = new X509Certificate(pki("first up")["p256"]!["caCertPem"]!);
        const { x, y } = ca.publicKey.export({ format: "jwk" });
        const point = Buffer.concat([Buffer.from([4]), ...[x, y].map((part) => Buffer.from(part!, "base64url"))]);
        const digest = createHash("sha1").update(point).digest();
        assert.ok(ca.raw.includes(Buffer.concat([Buffer.from([4, 20]), digest])));
      });

      it("keep outputs that hold keys secret, and only these", () => {
        assert.equal(run("first up").outputs["pki"]?.secret, true);
        assert.equal(run("first up").outputs["publicPart"]?.secret, false);
      });

      it("keep no private key in clear in the state and in the log", () => {
        assert.match(state, /BEGIN CERTIFICATE/);
        assert.doesNotMatch(state, /PRIVATE KEY/);
        for (const { log } of Object.values(runs)) assert.doesNotMatch(log, /PRIVATE KEY/);
      });

      it("find nothing changed in a refresh", () => {
        assert.deepEqual(changes(run("refresh")), []);
      });

      it("delete everything in a destroy", () => {
        assert.ok(run("destroy").steps.every(({ op }) => op === "delete"));
        assert.equal(run("destroy").steps.length, run("first up").steps.length);
      });
    });
  }

  describe("(both)", () => {
    before(function () {
      if (found.length < 2) return skip(this, "no pulumi on this machine to agree with");
    });
    const both = () => [recordings.get("stand-in")!, recordings.get("pulumi")!] as const;

    it("agree on every row of every run", () => {
      const [ours, theirs] = both();
      for (const name of Object.keys(theirs.runs)) {
        assert.deepEqual(rows(ours.runs[name]!), rows(theirs.runs[name]!), name);
      }
    });

    for (const key of KINDS) {
      it(`agree on every field of the certificates, and on the keys' formats (${key})`, () => {
        const [ours, theirs] = both().map(({ runs }) => runs["first up"]!.outputs["pki"]!.value[key]);
        for (const pem of ["caCertPem", "certPem"]) {
          assert.deepEqual(describeCertificate(ours[pem]), describeCertificate(theirs[pem]), pem);
        }
        assert.deepEqual(describeKey(ours.keyPem), describeKey(theirs.keyPem));
        assert.deepEqual([ours.keyAlgorithm, ours.caKeyAlgorithm], [theirs.keyAlgorithm, theirs.caKeyAlgorithm]);
        assert.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort());
      });
    }
  });
});

describe("The stand-in", function () {
  this.timeout(600_000);

  it("has a clock that moves, so that a test can wait for the renewal window", async () => {
    const project = await standIn.open(writeProgram("clock", PROGRAM, { compile: false }));
    try {
      const first = await project.up({ env: { EARLY: "24" } });
      const end = Date.parse(first.outputs["pki"]!.value.p256.end);
      const at = (time: number) => ({ env: { EARLY: "24" }, now: new Date(time) });
      assert.deepEqual(changes(await project.preview(at(end - 25 * HOUR))), []);
      assert.deepEqual(changes(await project.preview(at(end - 23 * HOUR))), [
        "replace LocallySignedCert p256 [readyForRenewal]",
      ]);
    } finally {
      await project.dispose();
    }
  });

  it("replaces a Kubernetes Secret whose data changes, unless its provider makes Secrets mutable", async () => {
    const directory = writeProgram("secrets", KUBERNETES_PROGRAM);
    const outcomes = [];
    for (const MUTABLE of ["false", "true"]) {
      const project = await standIn.open(directory);
      await project.up({ env: { MUTABLE } });
      outcomes.push(changes(await project.up({ env: { MUTABLE, VALUE: "dHdv" } })));
      assert.doesNotMatch(JSON.stringify(await project.exportState()), /b25l|dHdv/);
      await project.dispose();
    }
    assert.deepEqual(outcomes, [["replace Secret etcd [data]"], ["update Secret etcd [data]"]]);
  });
});

describe("The stand-in", function () {
  this.timeout(60_000);

  it("runs a program in a process that ran others before as Pulumi's launcher does in one of its own", async () => {
    const program = `
      const config = new (require("@pulumi/pulumi").Config)();
      exports.value = process.env.VALUE;
      exports.token = config.getSecret("token");
      exports.isLoadedAnew = require("etcd-pki").isLoadedAnew ?? true;
      require("etcd-pki").isLoadedAnew = false;`;
    const token = { value: "t0ken", secret: true } as const;
    const project = await standIn.open(writeProgram("launcher", program), { config: { token } });
    const outputs = async (env: Record<string, string>) => (await project.up({ env })).outputs;
    await outputs({ VALUE: "before" });
    const again = await outputs({ VALUE: "now" });
    // Options of Node.js are for a process's start, so it is the launcher that gets them.
    assert.deepEqual(again, await outputs({ VALUE: "now", NODE_OPTIONS: "--stack-trace-limit=20" }));
    await project.dispose();
    assert.deepEqual(again, {
      value: { value: "now", secret: false },
      token: { value: "t0ken", secret: true },
      isLoadedAnew: { value: true, secret: false },
    });
  });
});
