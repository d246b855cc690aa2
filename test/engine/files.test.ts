import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { clusterOf } from "../../src/cli/files/identities";
import type { EtcdPkiArgs } from "../../src/pki/args";
import { type Project, engines } from "../support/engine/engine";
import { pkiIn } from "../support/exported";
import { writeProgram } from "../support/program";
import { skip } from "../support/skip";

const program = `
import { EtcdPki } from "etcd-pki";
const pki = new EtcdPki("etcd", {
  members: { "etcd-1": { hosts: ["10.0.0.1", "2001:db8::1"] } },
  proxies: { "proxy-1": { hosts: ["10.0.0.9"] } },
  components: { "my-app": {} },
  ...JSON.parse(process.env.MORE!),
});
export const certificates = pki.withoutKeys;
`;

const cross = { crossSignedBy: { "2": "1" } };
const signed = { generations: ["1", "2"], signing: "2", ...cross };
const distrusted = { generations: ["2"], distrusted: ["1"], ...cross };
const steps: [string, EtcdPkiArgs][] = [
  ["at the start", {}],
  ["when a second generation signs", { certificateAuthority: signed }],
  ["when the peers' second generation signs, too", { certificateAuthority: signed, peerCertificateAuthority: signed }],
  ["when the first is distrusted", { certificateAuthority: distrusted, peerCertificateAuthority: distrusted }],
];

for (const kind of ["stand-in", "pulumi"] as const) {
  describe(`what etcd-pki files reads from a stack on ${kind}`, () => {
    let project: Project;
    before(async function () {
      const engine = (await engines()).find((candidate) => candidate.kind === kind);
      if (engine === undefined) return skip(this, `no ${kind} on this machine`);
      project = await engine.open(writeProgram(`files-${kind}`, program));
    });
    after(() => project?.dispose());

    for (const [when, args] of steps) {
      it(`is what the program has as outputs ${when}`, async () => {
        const { outputs } = await project.up({ env: { MORE: JSON.stringify(args) } });
        const certificates = outputs["certificates"]!.value as Record<string, { certPem: string; caBundlePem: string }>;
        const { identities } = clusterOf(await pkiIn(project));
        const read = Object.fromEntries(
          identities.flatMap((identity) =>
            Object.entries(identity.certificates).map(([part, { certPem, caBundlePem }]) => [
              `${identity.kind}/${part}`,
              { certPem, caBundlePem },
            ]),
          ),
        );
        const paths = {
          "member/member": 'members["etcd-1"]',
          "member/peer": 'members["etcd-1"].peer',
          "proxy/proxy": 'proxies["proxy-1"]',
          "proxy/upstream": 'proxies["proxy-1"].upstream',
          "component/component": 'components["my-app"]',
        };
        const expected = Object.entries(paths).map(([place, path]) => {
          const { certPem, caBundlePem } = certificates[path]!;
          return [place, { certPem, caBundlePem }];
        });
        assert.deepEqual(read, Object.fromEntries(expected));
        const member = identities.find((identity) => identity.kind === "member")!;
        assert.deepEqual(member.hosts.slice(0, 4), ["10.0.0.1", "127.0.0.1", "2001:db8::1", "::1"]);
      });
    }
  });
}
