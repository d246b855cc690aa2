import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, it } from "mocha";
import { type Project, type Run, type RunOptions, type State, engines } from "../support/engine/engine";
import { parseUrn } from "../support/engine/types";
import { writeProgram } from "../support/program";
import { type Args, authority, identities, refused, touched } from "../support/rotation/program";
import { skip } from "../support/skip";

// What once left a stack that no update could lead out of.
const program = `
const { EtcdPki } = require("etcd-pki");
const { secret } = require("@pulumi/pulumi");
const { isProtected, secretRecords, ...args } = JSON.parse(process.env.DECLARED);
const seal = ({ type, props, opts }) =>
  type === "pulumi:index:Stash" ? { props: { ...props, input: secret(props.input) }, opts } : undefined;
const pki = new EtcdPki("etcd", args, { protect: isProtected, transformations: secretRecords ? [seal] : [] });
exports.bundles = [pki.caBundlePem, pki.memberCaBundlePem, pki.peerCaBundlePem];
exports.components = pki.components;
`;

type Declared = Args & { isProtected?: boolean; secretRecords?: boolean };

for (const kind of ["stand-in", "pulumi"] as const) {
  describe(`no dead end, on ${kind}:`, function () {
    this.timeout(600_000);
    let project: Project | undefined;
    const open = async (context: Mocha.Context): Promise<Project> => {
      const engine = (await engines()).find((candidate) => candidate.kind === kind);
      if (engine === undefined) return skip(context, `no ${kind} on this machine`);
      return (project = await engine.open(writeProgram(`dead-ends-${kind}`, program)));
    };
    const declared = (args: Declared = {}, more: RunOptions = {}): RunOptions => ({
      env: { DECLARED: JSON.stringify({ ...identities, ...args }), PULUMI_EXPERIMENTAL: "true" },
      ...more,
    });
    afterEach(async () => {
      await project?.dispose();
      project = undefined;
    });

    it("what is protected is renewed, moved, rotated and reissued all the same", async function () {
      const own = await open(this);
      const up = (args: Declared) => own.up(declared({ isProtected: true, ...args }));
      await up({});
      const members = { "etcd-1": { hosts: ["10.0.0.7"], renewNow: "2026-11" } };
      const defaults = { rotateKey: "2026-11" };
      const moved = await up({ members, defaults });
      assert.ok(touched(moved).includes("replace PrivateKey etcd-component-app"));
      const reissue = { reissue: { "1": "2026-11" } };
      assert.ok(
        touched(await up({ members, defaults, ...authority("1", "1", reissue) })).includes(
          "replace SelfSignedCert etcd-ca-1",
        ),
      );
      await up({ members, defaults, ...authority("1 2", "2", { ...reissue, crossSignedBy: { "2": "1" } }) });
      await up({
        ...{ members, defaults, components: {} },
        ...authority("2", "2", { ...reissue, crossSignedBy: { "2": "1" }, distrusted: ["1"] }),
      });
      const retired = await up({ members, defaults, components: {}, ...authority("2", "2") });
      assert.ok(touched(retired).includes("delete PrivateKey etcd-ca-1"));
      await assert.rejects(own.destroy(declared()), /protect/);
      await own.up(declared({ members, defaults, components: {}, ...authority("2", "2") }));
      await own.destroy(declared());
    });

    it("an authority that has ended changes nothing by itself, and reissue leads out", async function () {
      const own = await open(this);
      const now = new Date(Date.now() + 11 * 365 * 24 * 3_600_000);
      const first = await own.up(declared());
      await own.importState(ended(await own.exportState()));
      const preview = await own.preview(declared({}, { now }));
      assert.match(preview.log, /the generation "1" of certificateAuthority ended on 20.*take a new certificate/);
      const later = await own.up(declared({}, { now }));
      assert.deepEqual(bundles(later), bundles(first));
      const reissue = { reissue: { "1": "now" } };
      const both = { certificateAuthority: reissue, peerCertificateAuthority: reissue };
      await own.preview(declared(both, { now }));
      const out = await own.up(declared(both, { now }));
      assert.match(out.log, /client port, reissue: generation "1" takes a new certificate for its same key/);
      assert.notDeepEqual(bundles(out), bundles(first));
      const { steps } = await own.preview(declared(both, { now }));
      assert.deepEqual(changed(steps), []);
    });

    it("a generation whose key is another one is refused in the preview", async function () {
      const own = await open(this);
      await own.up(declared());
      const state = await own.exportState();
      const [key, other] = ["etcd-ca-1", "etcd-peers-ca-1"].map(
        (name) => find(state, "PrivateKey", name).outputs as Record<string, unknown>,
      );
      const swapped = { ...key };
      Object.assign(key as object, other);
      await own.importState(state);
      await assert.rejects(
        own.preview(declared()),
        refused(/its private key would be another one than that of its cert/),
      );
      Object.assign(key as object, swapped);
      await own.importState(state);
      assert.deepEqual(changed((await own.preview(declared())).steps), []);
    });

    it("a record of trust that is lost is refused in the preview", async function () {
      const own = await open(this);
      await own.up(declared());
      const state = await own.exportState();
      const { urn } = find(state, "Stash", "etcd-trust");
      await own.importState(without(state, urn));
      await assert.rejects(own.preview(declared()), refused(/what was trusted last \(etcd-trust\) would be made anew/));
      // With --skip-preview the record of what was issued stands in for it.
      await assert.rejects(own.up(declared(authority("2", "2"))), refused(/"2", which cannot sign yet/));
      await own.importState(without(state, urn));
      await own.up(declared());
      assert.deepEqual(changed((await own.preview(declared())).steps), []);
    });

    it("no step is taken without a record of what was issued, and the update that it names leads out", async function () {
      const own = await open(this);
      await own.up(declared());
      const state = await own.exportState();
      const { urn } = find(state, "Stash", "etcd-issued");
      await own.importState(without(state, urn));
      const next = declared(authority("1 2", "1"));
      const message = refused(
        /no record of what was issued \(etcd-issued\).*certificateAuthority: { generations: \["1"\] }, peerCertificateAuthority: { generations: \["1"\] }/,
      );
      await assert.rejects(own.preview(next), message);
      await own.up(declared());
      await own.up(next);
      // Without a preview the record of trust has gone on, and so the refusal stays.
      const trusted = await own.exportState();
      await own.importState(without(trusted, urn));
      await assert.rejects(own.up(declared(authority("1 2", "2"))), unproven);
      await assert.rejects(own.up(declared(authority("1 2", "2"))), unproven);
    });

    it("records that a transformation makes secret guard all the same", async function () {
      const own = await open(this);
      await own.up(declared({ secretRecords: true }));
      await assert.rejects(
        own.preview(declared({ secretRecords: true, ...authority("2", "2") })),
        refused(/"2", which cannot sign yet: whoever has not restarted trusts only "1"/),
      );
      await own.up(declared({ secretRecords: true, ...authority("1 2", "2", { crossSignedBy: { "2": "1" } }) }));
      // And when the transformation is taken off again.
      await assert.rejects(own.preview(declared(authority("2", "2"))), refused(/crossSignedBy no longer has "2"/));
    });

    if (kind === "stand-in") return;

    it("a generation's key that is replaced by hand is refused in the preview", async function () {
      const own = await open(this);
      await own.up(declared());
      const { urn } = find(await own.exportState(), "PrivateKey", "etcd-ca-1");
      const flags = ["--replace", urn];
      await assert.rejects(own.preview(declared({}, { flags })), refused(/its private key would be another one/));
      assert.deepEqual(changed((await own.preview(declared())).steps), []);
    });

    it("a record that is replaced by hand guards all the same", async function () {
      const own = await open(this);
      await own.up(declared());
      const state = await own.exportState();
      const replacing = (name: string) => ({ flags: ["--replace", find(state, "Stash", name).urn] });
      const step = authority("2", "2");
      await assert.rejects(
        own.preview(declared({}, replacing("etcd-trust"))),
        refused(/would be made anew.*--replace/),
      );
      await assert.rejects(own.up(declared(step, replacing("etcd-trust"))), refused(/"2", which cannot sign yet/));
      await own.importState(state);
      const trusted = authority("1 2", "1");
      await assert.rejects(
        own.preview(declared(trusted, replacing("etcd-issued"))),
        refused(/no record of what was issued \(etcd-issued\)/),
      );
      await own.up(declared({}, replacing("etcd-issued")));
      await own.up(declared(trusted));
      // What the refusal names leads out.
      const moved = await own.exportState();
      await own.importState(without(moved, find(moved, "Stash", "etcd-issued").urn));
      await assert.rejects(own.preview(declared(trusted)), unproven);
      await own.up(declared(trusted, { flags: ["--replace", "**etcd-trust"] }));
      assert.deepEqual(changed((await own.preview(declared(trusted))).steps), []);
    });

    it("a stack that was only ever updated with --target takes no step before one complete update", async function () {
      const own = await open(this);
      const part = {
        flags: ["", "-trust", "-ca-1", "-component-app"].flatMap((name) => ["--target", `**etcd${name}`]),
      };
      await own.up(declared({}, part));
      const trusted = authority("1 2", "1");
      await assert.rejects(own.preview(declared(trusted)), refused(/no record of what was issued \(etcd-issued\)/));
      await own.up(declared());
      await own.up(declared(trusted));
    });

    it("a record that the first update left out is depended on by nothing, and comes with the next one", async function () {
      for (const left of ["etcd-trust", "Stash::etcd-ca-1", "etcd-issued"]) {
        const own = await open(this);
        await own.up(declared({}, { flags: ["--exclude", `**${left}`] }));
        const resources = (await own.exportState()).deployment.resources ?? [];
        const urns = new Set(resources.map(({ urn }) => urn));
        const missing = resources.flatMap(({ dependencies = [] }) => dependencies.filter((urn) => !urns.has(urn)));
        assert.deepEqual(missing, []);
        await own.up(declared({}, { flags: ["--skip-preview"] }));
        assert.deepEqual(changed((await own.preview(declared())).steps), []);
        await own.dispose();
      }
    });

    it("what a saved plan says is what an update does", async function () {
      const own = await open(this);
      await own.up(declared());
      const plan = join(mkdtempSync(join(tmpdir(), "plan-")), "plan.json");
      const next: Declared = {
        members: { ...identities.members, "etcd-2": { hosts: ["10.0.0.2"] } },
        ...authority("1 2", "2", { crossSignedBy: { "2": "1" } }),
      };
      await own.preview(declared(next, { flags: ["--save-plan", plan] }));
      const { steps } = await own.up(declared(next, { flags: ["--plan", plan] }));
      assert.ok(steps.some(({ op, name }) => op === "create" && name === "etcd-member-etcd-2"));
    });

    it("an identity that an update left out before it was made comes with the next one", async function () {
      const own = await open(this);
      await own.up(declared());
      const components = { app: {}, fresh: {} };
      const left = await own.up(declared({ components }, { flags: ["--exclude", "**etcd-component-fresh"] }));
      assert.deepEqual(touched(left), []);
      assert.equal(touched(await own.up(declared({ components }))).length, 3);
      assert.deepEqual(changed((await own.preview(declared({ components }))).steps), []);
    });
  });
}

const unproven = refused(/no record of what was issued.*--replace '\*\*etcd-trust' begins the records anew/);
const bundles = ({ outputs }: Run) => outputs["bundles"]?.value as string[];
const changed = (steps: Run["steps"]) =>
  steps.filter(({ op }) => op !== "same").map(({ op, type, name }) => `${op} ${type.split(":").at(-1)} ${name}`);

function find(state: State, type: string, name: string) {
  const found = state.deployment.resources?.find(
    (resource) => resource.type.endsWith(`:${type}`) && parseUrn(resource.urn).name === name,
  );
  return found ?? assert.fail(`no ${type} ${name}`);
}

/** As it is once the authorities have ended: the provider then plans to make new ones. */
function ended(state: State): State {
  for (const name of ["etcd-ca-1", "etcd-peers-ca-1"])
    Object.assign(find(state, "SelfSignedCert", name).outputs as object, { validityEndTime: "2020-01-01T00:00:00Z" });
  return state;
}

function without(state: State, lost: string): State {
  const keep = (urns: string[] = []) => urns.filter((urn) => urn !== lost);
  const resources = (state.deployment.resources ?? [])
    .filter(({ urn }) => urn !== lost)
    .map((resource) => {
      const { propertyDependencies = {}, dependencies } = resource as typeof resource & {
        propertyDependencies?: Record<string, string[]>;
      };
      const rest = Object.entries(propertyDependencies).map(([name, urns]) => [name, keep(urns ?? [])]);
      return { ...resource, dependencies: keep(dependencies), propertyDependencies: Object.fromEntries(rest) };
    });
  return { ...state, deployment: { ...state.deployment, resources } };
}
