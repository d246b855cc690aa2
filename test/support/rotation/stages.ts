import type { EtcdPkiArgs } from "../../../src/pki/args";
import type { Engine, Project, Run } from "../engine/types";
import { writeProgram } from "../program";
import type { Issued } from "./rollout";

const program = `
const { EtcdPki } = require("etcd-pki");
const hosts = ["127.0.0.1"];
const pki = new EtcdPki("etcd", {
  members: { "etcd-1": { hosts }, "etcd-2": { hosts }, "etcd-3": { hosts } },
  components: { root: {}, "app-1": {}, "app-2": {} },
  ...JSON.parse(process.env.ROTATION),
});
const { caBundlePem, memberCaBundlePem, peerCaBundlePem, members, components } = pki;
module.exports = { caBundlePem, memberCaBundlePem, peerCaBundlePem, members, components };
`;

const crossSignedBy = { "2027": "2026" };
const both = (authority: EtcdPkiArgs["certificateAuthority"]): EtcdPkiArgs => ({
  certificateAuthority: authority,
  peerCertificateAuthority: authority,
});
const renewed = { renewNow: "2026-11-22" };

const first = both({ generations: ["2026"] });
const retire = both({ generations: ["2027"] });

/** A rotation of both authorities in one restart, and the renewal of everything, in their order. */
export const CROSS_SIGNED = {
  first,
  sign: both({ generations: ["2026", "2027"], signing: "2027", crossSignedBy }),
  distrust: both({ generations: ["2027"], distrusted: ["2026"], crossSignedBy }),
  back: both({ generations: ["2026", "2027"], signing: "2027", crossSignedBy }),
  forward: both({ generations: ["2027"], distrusted: ["2026"], crossSignedBy }),
  retire,
  renewed: { ...retire, defaults: renewed },
  rotatedKeys: { ...retire, defaults: { ...renewed, rotateKey: "2026-11-23" } },
} satisfies Record<string, EtcdPkiArgs>;

/** The same where the old generation cannot sign. */
export const STAGED = {
  first,
  trust: both({ generations: ["2026", "2027"], signing: "2026" }),
  sign: both({ generations: ["2026", "2027"], signing: "2027" }),
  distrust: both({ generations: ["2027"], distrusted: ["2026"] }),
  retire,
} satisfies Record<string, EtcdPkiArgs>;

/** From one authority for both ports to one for each. */
export const SHARED_TO_OWN = {
  shared: { sharedAuthority: true },
  sign: {
    peerCertificateAuthority: {
      generations: ["client:1", "1"],
      signing: "1",
      crossSignedBy: { "1": "client:1" },
    },
  },
  distrust: { peerCertificateAuthority: { generations: ["1"], crossSignedBy: { "1": "client:1" } } },
  own: {},
} satisfies Record<string, EtcdPkiArgs>;

/** The folder of the program that declares the stages. */
export const rotationProgram = () => writeProgram("rotation-of-a-cluster", program);

/** Makes an update: three members, `root` and two components, unless others are declared. */
export async function update(project: Project, declared: EtcdPkiArgs): Promise<{ issued: Issued; run: Run }> {
  const run = await project.up({ env: { ROTATION: JSON.stringify(declared) } });
  const issued = Object.fromEntries(Object.entries(run.outputs).map(([name, { value }]) => [name, value]));
  return { issued: issued as unknown as Issued, run };
}

/** What the updates of all stages issue, one after the other, on a state of their own. */
export async function updates<Name extends string>(
  engine: Engine,
  stages: Record<Name, EtcdPkiArgs>,
): Promise<Record<Name, Issued>> {
  const project = await engine.open(rotationProgram());
  const issued: Partial<Record<Name, Issued>> = {};
  try {
    for (const name of Object.keys(stages) as Name[]) issued[name] = (await update(project, stages[name])).issued;
  } finally {
    await project.dispose();
  }
  return issued as Record<Name, Issued>;
}
