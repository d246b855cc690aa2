import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { engines, EngineError, type Engine, type Project, type Run } from "../support/engine/engine";
import { writeProgram } from "../support/program";
import { skip } from "../support/skip";

/** Declares whatever the environment says, so that one stack sees one declaration after the other. */
const program = `
const { EtcdPki } = require("etcd-pki");
const due = ({ type, props, opts }) =>
  type === "tls:index/locallySignedCert:LocallySignedCert"
    ? { props: { ...props, earlyRenewalHours: props.validityPeriodHours }, opts }
    : undefined;
const opts = process.env.DUE ? { transformations: [due] } : {};
for (const [name, args] of Object.entries(JSON.parse(process.env.DECLARED))) new EtcdPki(name, args, opts);
`;

const members = {
  "etcd-1": { hosts: ["10.0.0.1", "10.0.0.4", "a.example.com", "b.example.com"] },
  "etcd-2": { hosts: ["10.0.0.2"] },
};
const cluster = { members, components: { "my-app": {} } };
const added = { ...cluster, members: { "etcd-0": { hosts: ["10.0.0.3"] }, ...members } };
const reordered = {
  ...cluster,
  members: { "etcd-2": members["etcd-2"], "etcd-1": { hosts: [...members["etcd-1"].hosts].reverse() } },
};
const moved = { ...cluster, members: { ...members, "etcd-1": { hosts: ["10.0.0.7"] } } };
for (const kind of ["stand-in", "pulumi"] as const) {
  describe(`a declaration that changes, on ${kind}`, function () {
    this.timeout(300_000);
    let engine: Engine;
    let project: Project;
    let first: Run;

    const declare = (declared: object) => ({ env: { DECLARED: JSON.stringify(declared) } });
    const up = (declared: object) => project.up(declare({ etcd: declared }));

    before(async function () {
      const found = (await engines()).find((candidate) => candidate.kind === kind);
      if (found === undefined) return skip(this, `no ${kind} on this machine`);
      engine = found;
      project = await engine.open(writeProgram("changes", program));
      first = await up(cluster);
    });

    after(() => project?.dispose());

    it("has nothing to do when nothing changed", async () => {
      assert.ok(first.steps.every(({ op }) => op === "create"));
      assert.deepEqual(everythingChanged(await project.preview(declare({ etcd: cluster }))), []);
    });

    it("touches nothing of the others when a member comes and goes", async () => {
      const own = ["CertRequest", "LocallySignedCert", "PrivateKey"];
      assert.deepEqual(
        certificatesChanged(await up(added)),
        own.flatMap((type) => [`create ${type} etcd-member-etcd-0`, `create ${type} etcd-peer-etcd-0`]),
      );
      assert.deepEqual(
        certificatesChanged(await up(cluster)),
        own.flatMap((type) => [`delete ${type} etcd-member-etcd-0`, `delete ${type} etcd-peer-etcd-0`]),
      );
    });

    it("says that running members must know a new one first, where a list of names guards their peer port", async () => {
      const own = await engine.open(writeProgram("changes-names", program));
      const first = /"etcd-0"\] joins members that accept only the names in their --peer-cert-allowed-cn; first give/;
      const signs = { generations: ["client:1", "1"], signing: "1", crossSignedBy: { "1": "client:1" } };
      const declared = (etcdVersion: string, more: object) => ({
        before: declare({ etcd: { ...cluster, etcdVersion, ...more } }),
        after: declare({ etcd: { ...added, etcdVersion, ...more } }),
      });
      const shared = declared("3.6.16", { sharedAuthority: true });
      await own.up(shared.before);
      assert.match((await own.preview(shared.after)).log, first);
      const oldRelease = declared("3.4.23", { sharedAuthority: true });
      await own.up(oldRelease.before);
      assert.doesNotMatch((await own.preview(oldRelease.after)).log, /joins members/);
      const leaving = declared("3.6.16", { peerCertificateAuthority: signs });
      await own.up(leaving.before);
      assert.match((await own.preview(leaving.after)).log, first);
      await own.dispose();
    });

    it("ignores the order of members and hosts", async () => {
      assert.deepEqual(everythingChanged(await up(reordered)), []);
    });

    it("replaces request and certificate of a member whose hosts change, and keeps its key", async () => {
      assert.deepEqual(certificatesChanged(await up(moved)), [
        "replace CertRequest etcd-member-etcd-1",
        "replace CertRequest etcd-peer-etcd-1",
        "replace LocallySignedCert etcd-member-etcd-1",
        "replace LocallySignedCert etcd-peer-etcd-1",
      ]);
      await up(cluster);
    });
  });

  describe(`a stack, on ${kind}`, function () {
    this.timeout(300_000);
    const declare = (declared: object) => ({ env: { DECLARED: JSON.stringify(declared) } });
    const open = async (context: Mocha.Context, name: string) => {
      const engine = (await engines()).find((candidate) => candidate.kind === kind);
      return engine === undefined
        ? skip(context, `no ${kind} on this machine`)
        : engine.open(writeProgram(name, program));
    };

    it("issues new certificates for the same keys in the renewal window, and nothing else", async function () {
      const project = await open(this, "renewal");
      const declared = declare({ etcd: cluster });
      await project.up(declared);
      // The whole life as the window: what an engine with a clock of its own sees eleven months later.
      const second = await project.up({ env: { ...declared.env, DUE: "yes" } });
      await project.dispose();
      assert.deepEqual(certificatesChanged(second), [
        "replace LocallySignedCert etcd-component-my-app",
        "replace LocallySignedCert etcd-member-etcd-1",
        "replace LocallySignedCert etcd-member-etcd-2",
        "replace LocallySignedCert etcd-peer-etcd-1",
        "replace LocallySignedCert etcd-peer-etcd-2",
      ]);
    });

    it("holds two clusters side by side, and the second's end leaves the first alone", async function () {
      const project = await open(this, "two-clusters");
      const both = await project.up(declare({ blue: cluster, green: cluster }));
      assert.equal(new Set(both.steps.map(({ urn }) => urn)).size, both.steps.length);
      const one = await project.up(declare({ blue: cluster }));
      await project.dispose();
      const names = one.steps.filter(({ op }) => op !== "same").map(({ op, name }) => `${op} ${name.split("-")[0]}`);
      assert.deepEqual([...new Set(names)], ["delete green"]);
    });

    it("refuses bad arguments in words, before any resource exists", async function () {
      const project = await open(this, "refused");
      const declared = { etcd: { members: { "etcd-1": { hosts: "10.0.0.1" } }, components: { "my app": null, x: 7 } } };
      const error = await project.up(declare(declared)).then(
        () => assert.fail("nothing was refused"),
        (failure: unknown) => failure as EngineError,
      );
      await project.dispose();
      assert.match(error.log, /EtcdPki "etcd"/);
      assert.match(error.log, /members\["etcd-1"\]\.hosts/);
      assert.match(error.log, /components\["x"\]/);
      assert.doesNotMatch(error.log, /^\s+at /m);
      assert.deepEqual(
        error.steps.filter(({ type }) => type.startsWith("tls:") || type.startsWith("etcd-pki:")),
        [],
      );
    });
  });
}

const everythingChanged = ({ steps }: Run) =>
  steps
    .filter(({ op }) => op !== "same")
    .map(({ op, type, name }) => `${op} ${type.split(":").at(-1)} ${name}`)
    .sort();

// The record of what was issued is no certificate: it changes with every one of them.
const certificatesChanged = (run: Run) =>
  everythingChanged({ ...run, steps: run.steps.filter(({ type }) => type.startsWith("tls:")) });
