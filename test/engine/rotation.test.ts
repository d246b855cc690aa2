import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { type Engine, type Project, type Run, engines } from "../support/engine/engine";
import { writeProgram } from "../support/program";
import { type Args, authority, identities, program, refused, touched } from "../support/rotation/program";
import { skip } from "../support/skip";

const issuer = (pem: string) => new X509Certificate(pem).issuer;

for (const kind of ["stand-in", "pulumi"] as const) {
  describe(`the rotation of a certificate authority on ${kind}`, () => {
    // On Pulumi's own engine these would take minutes, and answer nothing that the others do not.
    const onStandIn = kind === "stand-in" ? it : () => undefined;
    let engine: Engine | undefined;
    let project: Project;
    const secretHosts = true;
    const env = (args: Args) => ({ env: { ROTATION: JSON.stringify({ ...identities, secretHosts, ...args }) } });
    const up = (args: Args) => project.up(env(args));
    const preview = (args: Args) => project.preview(env(args));

    before(async function () {
      engine = (await engines()).find((candidate) => candidate.kind === kind);
      if (engine === undefined) return skip(this, `no ${kind} on this machine`);
      project = await engine.open(writeProgram(`rotation-${kind}`, program));
      await up(authority("2026", "2026"));
    });
    after(() => project?.dispose());

    it("changes nothing while nothing changes", async () => {
      const { steps } = await preview(authority("2026", "2026"));
      assert.deepEqual(
        steps.filter(({ op }) => op !== "same"),
        [],
      );
    });

    it("is refused in the preview where it skips a stage, and touches nothing", async () => {
      const whole = refused(/"2027", which cannot sign yet: it was not in the CA bundle of the last update \(2026\)/);
      await assert.rejects(preview(authority("2027", "2027")), whole);
      await assert.rejects(preview(authority("2026 2027", "2027")), whole);
      await assert.rejects(
        up({ ...authority("2026 2027", "2027"), defaults: { rotateKey: "x" } }),
        (error: Run & Error) => {
          assert.deepEqual(touched(error), [], "beside the refusal");
          return whole(error);
        },
      );
      const { steps } = await preview(authority("2026", "2026"));
      assert.deepEqual(
        steps.map(({ op, type }) => `${op} ${type}`).filter((row) => /^(?!same).*tls:/.test(row)),
        [],
      );
    });

    it("goes through trust, sign and distrust, and says which restarts each needs", async () => {
      const first = await up(authority("2026", "2026"));
      const trust = await up(authority("2026 2027", "2026"));
      assert.match(trust.log, /stage 1 of 3, trust: generation "2027".* Restarts before: none\. Restarts after: every/);
      assert.deepEqual(touched(trust), ["create PrivateKey etcd-ca-2027", "create SelfSignedCert etcd-ca-2027"]);
      assert.notEqual(trust.outputs["pki"]?.value.bundleChecksum, first.outputs["pki"]?.value.bundleChecksum);
      assert.equal(
        trust.outputs["members"]?.value["etcd-1"].leafChecksum,
        first.outputs["members"]?.value["etcd-1"].leafChecksum,
      );

      await assert.rejects(preview(authority("2027", "2027")), refused(/no longer names "2026", which signed/));
      const leaves = ["replace LocallySignedCert etcd-component-app", "replace LocallySignedCert etcd-member-etcd-1"];
      const announced = await preview(authority("2026 2027", "2027"));
      assert.match(announced.log, /stage 2 of 3, sign: .* "2027" now.* Restarts after: no member/);
      assert.match(
        announced.log,
        /a new certificate for (members\["etcd-1"\], components\["app"\]|components\["app"\], members\["etcd-1"\]): generation "2027" signs now/,
      );
      assert.deepEqual(touched(announced), leaves);
      const sign = await up(authority("2026 2027", "2027"));
      assert.deepEqual(touched(sign), leaves);
      assert.equal(sign.outputs["pki"]?.value.bundleChecksum, trust.outputs["pki"]?.value.bundleChecksum);
      assert.match(issuer(sign.outputs["members"]?.value["etcd-1"].certPem), /etcd-ca-2027/);
      assert.equal(sign.outputs["members"]?.value["etcd-1"].generation, "2027");

      await assert.rejects(preview(authority("2027 2028", "2027")), refused(/gains "2028" and loses "2026"/));
      const distrust = await up(authority("2027", "2027"));
      assert.match(distrust.log, /stage 3 of 3, distrust: generation "2026".* key is deleted.* Restarts after: every/);
      assert.deepEqual(touched(distrust), ["delete PrivateKey etcd-ca-2026", "delete SelfSignedCert etcd-ca-2026"]);
    });

    it("takes no next stage after an update that ended halfway", async () => {
      await up(authority("2027 2030", "2027"));
      await assert.rejects(up({ ...authority("2027 2030", "2030"), brokenMember: true }), /not a host/);
      await assert.rejects(
        preview(authority("2030", "2030")),
        refused(/the last update did not finish - .*no longer names "2027", which signed/),
      );
      await up(authority("2027 2030", "2027"));
      await up(authority("2027", "2027"));
    });

    it("drops no generation while a certificate that an update left out is of another than the one that signs", async () => {
      await up(authority("2027 2033", "2027"));
      await up({ ...authority("2027 2033", "2033"), leaveOutMember: true });
      await assert.rejects(
        preview(authority("2033", "2033")),
        refused(
          /no longer names "2027", and the last update left out members\["etcd-1"\], whose certificates "2033" has/,
        ),
      );
      assert.deepEqual(touched(await up(authority("2027 2033", "2033"))), [
        "replace LocallySignedCert etcd-member-etcd-1",
      ]);
      await preview(authority("2033", "2033"));
      await up(authority("2027 2033", "2027"));
      await up(authority("2027", "2027"));
    });

    it("leaves a generation as it was made when its arguments change, and makes the next one by them", async () => {
      const subject = { organization: "new" };
      const args = { keyAlgorithm: "ECDSA-P384", validityPeriodHours: 10_000, subject } as const;
      assert.deepEqual(touched(await preview(authority("2027", "2027", args))), []);
      const { outputs } = await up(authority("2027 2031", "2027", args));
      const curves = (outputs["pki"]?.value.bundle as string)
        .split(/(?<=-----END CERTIFICATE-----\n)/)
        .map((pem) => new X509Certificate(pem).publicKey.asymmetricKeyDetails?.namedCurve);
      assert.deepEqual(curves, ["prime256v1", "secp384r1"]);
      const tooLong = {
        ...authority("2027", "2027", { validityPeriodHours: 200_000 }),
        defaults: { validityPeriodHours: 90_000 },
      };
      await assert.rejects(
        preview(tooLong),
        refused(
          /components\["app"\]\.validityPeriodHours is 90000, longer than the 87600 of generation "2027", which signs/,
        ),
      );
      await up(authority("2027", "2027"));
    });

    onStandIn("never uses a name twice, however long ago it was retired", async () => {
      await up(authority("2027 2028", "2027"));
      await up(authority("2027 2028", "2028"));
      await up(authority("2028", "2028"));
      await assert.rejects(preview(authority("2028 2026", "2028")), refused(/names "2026", which was retired/));
      await assert.rejects(preview(authority("2028 2027", "2028")), refused(/names "2027", which was retired/));
    });

    onStandIn("goes back one stage from each", async () => {
      const before = (await up(authority("2028", "2028"))).outputs["pki"]?.value.bundle;
      await up(authority("2028 2029", "2028"));
      assert.equal((await up(authority("2028", "2028"))).outputs["pki"]?.value.bundle, before);
      await up(authority("2028 2030", "2028"));
      const both = (await up(authority("2028 2030", "2030"))).outputs["pki"]?.value.bundle;
      const back = await up(authority("2028 2030", "2028"));
      assert.match(issuer(back.outputs["members"]?.value["etcd-1"].certPem), /etcd-ca-2028/);
      await up(authority("2028 2030", "2030"));
      const kept = await up(authority("2030", "2030", { distrusted: ["2028"] }));
      assert.match(kept.log, /its key is kept for the way back/);
      assert.deepEqual(touched(kept), []);
      assert.equal((await up(authority("2028 2030", "2030"))).outputs["pki"]?.value.bundle, both);
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
      assert.match(log, /stage 1 of 3, trust/);
      assert.equal(outputs["generation"]?.value, "2026");
    } finally {
      await project.dispose();
    }
  });
});
