import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { type Engine, type Project, type Run, engines } from "../support/engine/engine";
import { writeProgram } from "../support/program";
import { type Args, authority, identities, program, refused, touched } from "../support/rotation/program";
import { skip } from "../support/skip";

const certificates = (pem: string) =>
  (pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []).map((one) => new X509Certificate(one));
const issuers = (pem: string) => certificates(pem).map(({ issuer }) => /CN=(\S+)/.exec(issuer)?.[1]);
const subjects = (pem: string) => certificates(pem).map(({ subject }) => /CN=(\S+)/.exec(subject)?.[1]);

for (const kind of ["stand-in", "pulumi"] as const) {
  describe(`the rotation of a certificate authority on ${kind}`, function () {
    // Many updates a test.
    this.timeout(600_000);
    let engine: Engine | undefined;
    let project: Project;
    const secretHosts = true;
    const env = (args: Args) => ({ env: { ROTATION: JSON.stringify({ ...identities, secretHosts, ...args }) } });
    const up = (args: Args) => project.up(env(args));
    const preview = (args: Args) => project.preview(env(args));
    const pki = ({ outputs }: Run) => outputs["pki"]?.value;
    const cross = (more = {}) => ({ crossSignedBy: { "2": "1" }, ...more });

    before(async function () {
      engine = (await engines()).find((candidate) => candidate.kind === kind);
      if (engine === undefined) return skip(this, `no ${kind} on this machine`);
      project = await engine.open(writeProgram(`rotation-${kind}`, program));
      await up(authority("1", "1"));
    });
    after(() => project?.dispose());

    it("changes nothing while nothing changes", async () => {
      const { steps } = await preview(authority("1", "1"));
      assert.deepEqual(
        steps.filter(({ op }) => op !== "same"),
        [],
      );
    });

    it("is refused in the preview where it skips a stage, and makes no key beside the refusal", async () => {
      const early = refused(
        /"2", which cannot sign yet: whoever has not restarted trusts only "1"; either let "1" sign it/,
      );
      await assert.rejects(preview(authority("2", "2")), early);
      await assert.rejects(preview(authority("1 2", "2")), early);
      await assert.rejects(up({ ...authority("1 2", "2"), defaults: { rotateKey: "x" } }), (error: Run & Error) => {
        assert.deepEqual(touched(error), [], "beside the refusal");
        return early(error);
      });
      assert.deepEqual(touched(await preview(authority("1", "1"))), []);
    });

    it("needs one restart where the old generation signs the new one, too", async () => {
      const first = await up(authority("1", "1"));
      const sign = await up(authority("1 2", "2", cross()));
      assert.match(
        sign.log,
        /sign: every certificate comes from generation "2" now and carries its cross certificate by "1"/,
      );
      assert.deepEqual(
        touched(sign).filter((row) => !row.includes("etcd-ca")),
        ["replace LocallySignedCert etcd-component-app", "replace LocallySignedCert etcd-member-etcd-1"],
      );
      const member = sign.outputs["members"]?.value["etcd-1"];
      assert.deepEqual(issuers(member.certPem), ["etcd-ca-2", "etcd-ca-1"]);
      assert.equal(pki(sign).memberBundle, pki(first).memberBundle);
      assert.deepEqual(subjects(pki(sign).bundle), ["etcd-ca-1", "etcd-ca-2"]);

      await assert.rejects(preview(authority("2", "2")), refused(/crossSignedBy no longer has "2", and members/));
      const distrust = await up(authority("2", "2", cross({ distrusted: ["1"] })));
      assert.match(distrust.log, /distrust: generation "1" leaves the CA bundle/);
      assert.deepEqual(touched(distrust), []);
      assert.deepEqual(subjects(pki(distrust).memberBundle), ["etcd-ca-2"]);
      assert.equal(distrust.outputs["members"]?.value["etcd-1"].certPem, member.certPem);
    });

    it("goes back one stage from each, and forward again", async () => {
      const sign = await up(authority("1 2", "2", cross()));
      assert.deepEqual(subjects(pki(sign).memberBundle), ["etcd-ca-1"]);
      const begin = await up(authority("1", "1", cross({ distrusted: ["2"] })));
      assert.deepEqual(issuers(begin.outputs["members"]?.value["etcd-1"].certPem), ["etcd-ca-1"]);
      await up(authority("1 2", "2", cross()));
      await up(authority("2", "2", cross({ distrusted: ["1"] })));
    });

    it("retires the cross certificate, and the old key with it", async () => {
      const retire = await up(authority("2", "2"));
      assert.match(retire.log, /retire: the cross certificate by "1" leaves the certificate files/);
      assert.deepEqual(issuers(retire.outputs["members"]?.value["etcd-1"].certPem), ["etcd-ca-2"]);
      assert.deepEqual(
        touched(retire).filter((row) => row.startsWith("delete PrivateKey")),
        ["delete PrivateKey etcd-ca-1"],
      );
    });

    it("goes through trust, sign and distrust where the old one cannot sign", async () => {
      const trust = await up(authority("2 3", "2"));
      assert.match(trust.log, /trust: generation "3" joins.* Restart after: every member, one at a time/);
      assert.deepEqual(subjects(pki(trust).memberBundle), ["etcd-ca-2", "etcd-ca-3"]);
      await assert.rejects(
        preview(authority("3", "3", { distrusted: ["2"] })),
        refused(/no longer trusts "2", which signed/),
      );
      const sign = await up(authority("2 3", "3"));
      assert.match(sign.log, /a new certificate for .*: generation "3" signs now/);
      assert.equal(pki(sign).bundleChecksum, pki(trust).bundleChecksum);
      await assert.rejects(
        preview(authority("3", "3")),
        refused(/names generation "2" no longer.*first keep it as distrusted/),
      );
      await up(authority("3", "3", { distrusted: ["2"] }));
      await up(authority("3", "3"));
    });

    it("takes no next stage after an update that ended halfway, and can go back from it", async () => {
      const both = { crossSignedBy: { "4": "3" } };
      await assert.rejects(up({ ...authority("3 4", "4", both), brokenMember: true }), /not a host/);
      await assert.rejects(
        preview(authority("4", "4", { ...both, distrusted: ["3"] })),
        refused(/the last update did not finish.*no longer trusts "3", which signed/),
      );
      await up(authority("3", "3", { ...both, distrusted: ["4"] }));
      await up(authority("3 4", "4", both));
      await up(authority("4", "4", { ...both, distrusted: ["3"] }));
      await up(authority("4", "4"));
    });

    it("drops no generation while a certificate that an update left out is of another than the one that signs", async () => {
      await up(authority("4 5", "4"));
      await up({ ...authority("4 5", "5"), leaveOutMember: true });
      const distrust = authority("5", "5", { distrusted: ["4"] });
      await assert.rejects(
        preview(distrust),
        refused(
          /no longer trusts "4", and the last update left out members\["etcd-1"\], whose certificates are still of "4"/,
        ),
      );
      const again = await up(authority("4 5", "5"));
      assert.match(again.log, /a new certificate for members\["etcd-1"\]: the last update left it out/);
      await up(distrust);
      await up(authority("5", "5"));
    });

    it("leaves a generation as it was made when its arguments change, and makes the next one by them", async () => {
      const args = {
        keyAlgorithm: "ECDSA-P384",
        validityPeriodHours: 10_000,
        subject: { organization: "new" },
      } as const;
      assert.deepEqual(touched(await preview(authority("5", "5", args))), []);
      const made = await up(authority("5 6", "5", args));
      const curves = certificates(pki(made).bundle).map(({ publicKey }) => publicKey.asymmetricKeyDetails?.namedCurve);
      assert.deepEqual(curves, ["prime256v1", "secp384r1"]);
      await up(authority("5", "5", { distrusted: ["6"] }));
      await up(authority("5", "5"));
    });

    it("takes a new certificate for the same key where it is asked to, and then no other", async () => {
      const before = pki(await up(authority("5", "5"))).bundle;
      const reissue = await up(authority("5", "5", { reissue: { "5": "2035" } }));
      const [old, fresh] = [certificates(before)[0], certificates(pki(reissue).bundle)[0]];
      assert.notEqual(old?.serialNumber, fresh?.serialNumber);
      assert.deepEqual(old?.publicKey.export({ format: "jwk" }), fresh?.publicKey.export({ format: "jwk" }));
      assert.match(reissue.log, /reissue: generation "5" takes a new certificate for its same key/);
      assert.deepEqual(touched(await preview(authority("5", "5", { reissue: { "5": "2035" } }))), []);
    });

    it("may use a name again: its key is another one, and so is its subject", async () => {
      const reissue = { "5": "2035" };
      const subjectOf1 = (run: Run) =>
        certificates(pki(run).bundle).find(({ subject }) => /CN=etcd-ca-1(\s|$)/.test(subject))?.subject;
      const first = subjectOf1(await up(authority("1 5", "5", { reissue })));
      await up(authority("5", "5", { reissue, distrusted: ["1"] }));
      await up(authority("5", "5", { reissue }));
      const second = subjectOf1(await up(authority("1 5", "5", { reissue })));
      assert.ok(first && second);
      assert.notEqual(first, second);
      await up(authority("5", "5", { reissue, distrusted: ["1"] }));
    });

    it("leads the peers from a shared authority to one of their own", async () => {
      const client = authority("5", "5", { reissue: { "5": "2035" } });
      const begin = { generations: ["client:5", "1"], signing: "1", crossSignedBy: { "1": "client:5" } };
      // From its own back to a shared one, by the same steps the other way round.
      await assert.rejects(
        preview({ ...client, sharedAuthority: true }),
        refused(/peerCertificateAuthority.signing is "client:5", which cannot sign yet/),
      );
      const back = await up({ ...client, peerCertificateAuthority: { generations: ["1", "client:5"], signing: "1" } });
      assert.match(back.log, /peer port, trust: generation "client:5" joins/);
      await up({ ...client, peerCertificateAuthority: { generations: ["1", "client:5"], signing: "client:5" } });
      const shared = await up({
        ...client,
        peerCertificateAuthority: { generations: ["client:5"], distrusted: ["1"] },
      });
      assert.equal(pki(shared).peerBundle, pki(shared).memberBundle);
      await up({ ...client, sharedAuthority: true });
      await assert.rejects(preview(client), refused(/either let "client:5" sign it, too/));
      const sign = await up({ ...client, peerCertificateAuthority: begin });
      assert.deepEqual(issuers(sign.outputs["members"]?.value["etcd-1"].peer.certPem), [
        "etcd-peers-ca-1",
        "etcd-ca-5",
      ]);
      assert.equal(pki(sign).peerBundle, pki(shared).peerBundle);
      const alone = { generations: ["1"], crossSignedBy: begin.crossSignedBy };
      const distrust = await up({ ...client, peerCertificateAuthority: alone });
      assert.deepEqual(subjects(pki(distrust).peerBundle), ["etcd-peers-ca-1"]);
      const own = await up(client);
      assert.deepEqual(issuers(own.outputs["members"]?.value["etcd-1"].peer.certPem), ["etcd-peers-ca-1"]);
    });
  });
}

describe("the rotation of a certificate authority from YAML", () => {
  it("is refused in the preview where it skips a stage, and says its stage", async function () {
    const engine = (await engines()).find(({ kind }) => kind === "pulumi");
    if (engine === undefined) return skip(this, "no pulumi on this machine");
    const directory = writeProgram("rotation-yaml", "");
    const declare = (generations: string, signing: string) =>
      writeFileSync(
        join(directory, "Pulumi.yaml"),
        JSON.stringify({
          name: "rotation-yaml",
          runtime: "yaml",
          packages: { "etcd-pki": "../../.." },
          resources: {
            etcd: {
              type: "etcd-pki:EtcdPki",
              properties: {
                components: { app: {} },
                certificateAuthority: { generations: generations.split(" "), signing },
              },
            },
          },
          outputs: { bundleChecksum: "${etcd.bundleChecksum}", generation: "${etcd.components.app.generation}" },
        }),
      );
    declare("2026", "2026");
    const project = await engine.open(directory);
    try {
      await project.up();
      declare("2026 2027", "2027");
      await assert.rejects(project.preview(), refused(/"2027", which cannot sign yet/));
      declare("2026 2027", "2026");
      const { log, outputs } = await project.up();
      assert.match(log, /trust: generation "2027"/);
      assert.equal(outputs["generation"]?.value, "2026");
    } finally {
      await project.dispose();
    }
  });
});
