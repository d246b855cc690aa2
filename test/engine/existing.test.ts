import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { clusterOf } from "../../src/cli/files/identities";
import type { CertificateAuthorityArgs } from "../../src/pki/args";
import { certificateTexts } from "../../src/x509";
import { type Engine, type Project, type Run, type RunOptions, engines } from "../support/engine/engine";
import { pkiIn } from "../support/exported";
import { handMade, pemOf } from "../support/openssl";
import { writeProgram } from "../support/program";
import { refused, touched } from "../support/rotation/program";
import { skip } from "../support/skip";
import { isAccepted } from "../support/years/verify";

// Values come plain, as secrets, and as what only the update will know.
const program = `
const { EtcdPki } = require("etcd-pki");
const pulumi = require("@pulumi/pulumi");
const { unknown } = require("@pulumi/pulumi/output");
const { kinds = {}, ...args } = JSON.parse(process.env.DECLARED);
const as = {
  secret: (value) => pulumi.secret(value),
  late: (value) => (pulumi.runtime.isDryRun() ? pulumi.output(unknown) : pulumi.secret(value)),
  nothing: () => (pulumi.runtime.isDryRun() ? pulumi.output(unknown) : pulumi.output(undefined)),
};
for (const own of Object.values(args.certificateAuthority.existing ?? {}))
  for (const [field, kind] of Object.entries(kinds)) own[field] = as[kind](own[field]);
const pki = new EtcdPki("etcd", {
  members: { "etcd-1": { hosts: ["10.0.0.1"] } }, components: { app: {} }, sharedAuthority: true, ...args,
});
exports.bundles = [pki.memberCaBundlePem, pki.caBundlePem];
exports.certificates = pki.withoutKeys;
`;

type Kind = "secret" | "late" | "nothing";
interface Declared {
  certificateAuthority: CertificateAuthorityArgs;
  kinds?: Partial<Record<"certPem" | "privateKeyPem" | "anchorPem", Kind>>;
}

describe("an authority under a company's root", function () {
  this.timeout(600_000);
  const directory = mkdtempSync(join(tmpdir(), "company-"));
  after(() => rmSync(directory, { recursive: true, force: true }));
  const paths = (name: string) => ({ cert: join(directory, `${name}.pem`), key: join(directory, `${name}-key.pem`) });
  const made = (name: string, signer?: string) => {
    const extensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];
    handMade({ ...paths(name), commonName: name, ...(signer && { signer: paths(signer), extensions }) });
    return { certPem: pemOf(paths(name).cert), privateKeyPem: pemOf(paths(name).key) };
  };
  const root = made("company-root");
  const own = made("etcd-intermediate", "company-root");
  const stranger = made("stranger");
  const chained = { ...own, certPem: own.certPem + root.certPem };
  const anchored = { ...own, anchorPem: root.certPem, trustsEveryoneBelowAnchor: true };

  const old = (existing: object, more: CertificateAuthorityArgs = {}): Declared => ({
    certificateAuthority: { generations: ["old"], existing: { old: existing as never }, ...more },
  });
  const cross = { crossSignedBy: { "1": "old" } };

  for (const kind of ["stand-in", "pulumi"] as const) {
    describe(`on ${kind}`, () => {
      let engine: Engine | undefined;
      let project: Project | undefined;
      before(async function () {
        engine = (await engines()).find((candidate) => candidate.kind === kind);
        if (engine === undefined) skip(this, `no ${kind} on this machine`);
      });
      beforeEach(async () => void (project = await engine!.open(writeProgram(`existing-${kind}`, program))));
      afterEach(() => project?.dispose());

      const env = (declared: Declared): RunOptions => ({ env: { DECLARED: JSON.stringify(declared) } });
      const up = (declared: Declared) => project!.up(env(declared));
      const preview = (declared: Declared) => project!.preview(env(declared));
      const noChange = async (declared: Declared) =>
        assert.deepEqual(
          (await preview(declared)).steps.filter(({ op }) => op !== "same").map(({ op, name }) => `${op} ${name}`),
          [],
        );

      it("signs, and its certificate goes with each of those that it signed and is what is trusted", async () => {
        const run = await up(old(chained));
        assert.deepEqual(bundles(run), [own.certPem, own.certPem]);
        const [, ...chain] = certificateTexts(certificates(run)['components["app"]']!.certPem);
        assert.equal(chain.join(""), chained.certPem);
        await filesAreAsIn(run, project!);
        await noChange(old(chained));
      });

      it("changes nothing where its values are secrets, or known only in the update", async () => {
        await up({ ...old(chained), kinds: { privateKeyPem: "secret" } });
        await noChange({ ...old(chained), kinds: { privateKeyPem: "secret" } });
        await noChange({ ...old(chained), kinds: { certPem: "late" } });
        await noChange({ ...old(chained), kinds: { certPem: "late", privateKeyPem: "secret" } });
      });

      it("is left step by step, and no step refuses what is in use", async () => {
        for (const existing of [chained, anchored]) {
          const all = { existing: { old: existing } };
          const steps: Declared[] = [
            old(existing),
            old(existing, { generations: ["old", "1"], signing: "1", ...cross }),
            { certificateAuthority: { generations: ["1"], distrusted: ["old"], ...cross, ...all } },
            old(existing, { generations: ["old", "1"], signing: "1", ...cross }),
            { certificateAuthority: { generations: ["1"], distrusted: ["old"], ...cross, ...all } },
            { certificateAuthority: { generations: ["1"] } },
          ];
          let last: Run | undefined;
          for (const declared of steps) {
            const run = await up(declared);
            await filesAreAsIn(run, project!);
            await noChange(declared);
            for (const issued of [last ?? run, run]) assertAccepted(issued, [last ?? run, run]);
            last = run;
          }
          await project!.dispose();
          project = await engine!.open(writeProgram(`existing-${kind}`, program));
        }
      });

      it("takes other issuers or another root only where that is declared, in an update that says who restarts", async () => {
        await up(old(own));
        await assert.rejects(preview(old(chained)), refused(/certPem has other issuers.*a new text in reissue/));
        await assert.rejects(preview(old(anchored)), refused(/anchorPem is another one.*a new text in reissue/));
        const run = await up(old(anchored, { reissue: { old: "root" } }));
        assert.match(run.log, /reissue: generation "old" takes a new certificate.*Restart after: every member/);
        assert.deepEqual(bundles(run), [root.certPem, root.certPem]);
        await filesAreAsIn(run, project!);
        await noChange(old(anchored, { reissue: { old: "root" } }));
      });

      it("is refused before anything is made where its key is another's, or turns out to be nothing", async () => {
        const wrong = { ...own, privateKeyPem: stranger.privateKeyPem };
        const notItsKey = refused(/privateKeyPem is not the key of certPem's first certificate/);
        for (const kinds of [{}, { privateKeyPem: "secret" }] satisfies Declared["kinds"][])
          await assert.rejects(preview({ ...old(wrong), kinds }), notItsKey);
        for (const [kinds, message] of [
          [{ privateKeyPem: "secret" }, notItsKey],
          [{ privateKeyPem: "late" }, notItsKey],
          [{ privateKeyPem: "nothing" }, refused(/privateKeyPem is no private key/)],
        ] satisfies [Declared["kinds"], unknown][]) {
          await assert.rejects(up({ ...old(wrong), kinds }), (error: Run & Error) => {
            assert.deepEqual(
              touched(error).filter((row) => /SelfSigned|LocallySigned/.test(row)),
              [],
            );
            return message(error);
          });
        }
      });
    });
  }
});

type Certificates = Record<string, { certPem: string; caBundlePem: string }>;
const bundles = ({ outputs }: Run) => outputs["bundles"]?.value as string[];
const certificates = ({ outputs }: Run) => outputs["certificates"]?.value as Certificates;

/** Whoever has an update's bundles, or those of the one before it, accepts its certificates. */
function assertAccepted(issued: Run, trusting: Run[]): void {
  for (const [path, { certPem }] of Object.entries(certificates(issued)))
    for (const bundle of trusting.flatMap(bundles)) assert.ok(isAccepted(certPem, bundle, new Date()), path);
}

async function filesAreAsIn(run: Run, project: Project): Promise<void> {
  const { identities } = clusterOf(await pkiIn(project));
  const paths: Record<string, string> = { member: 'members["etcd-1"]', component: 'components["app"]' };
  for (const { kind, certificates: own } of identities) {
    const { certPem, caBundlePem } = certificates(run)[paths[kind]!]!;
    assert.deepEqual([own[kind]?.certPem, own[kind]?.caBundlePem], [certPem, caBundlePem], kind);
  }
}
