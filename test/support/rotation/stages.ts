import type { CertificateArgs } from "../../../src/args";
import type { CertificateAuthorityArgs } from "../../../src/pki/args";
import type { Project, Run } from "../engine/types";
import { writeProgram } from "../program";
import { COMPONENTS, type Issued } from "./rollout";

const program = `
const { EtcdPki } = require("etcd-pki");
const hosts = ["127.0.0.1"];
const { certificateAuthority, defaults } = JSON.parse(process.env.ROTATION);
const pki = new EtcdPki("etcd", {
  members: { "etcd-1": { hosts }, "etcd-2": { hosts }, "etcd-3": { hosts } },
  components: { root: {}, ${COMPONENTS.map((name) => `"${name}": {}`).join(", ")} },
  certificateAuthority,
  defaults,
});
module.exports = { caBundlePem: pki.caBundlePem, members: pki.members, components: pki.components };
`;

/** What the program declares in one update. */
export interface Declared {
  certificateAuthority: CertificateAuthorityArgs;
  defaults?: CertificateArgs;
}

const both = ["2026", "2027"];
const renewed = { renewNow: "2026-11-22" };

/** A whole rotation, a way back from its end, and the renewal of everything, in their order. */
export const STAGES = {
  first: { certificateAuthority: { generations: ["2026"] } },
  trust: { certificateAuthority: { generations: both, signing: "2026" } },
  sign: { certificateAuthority: { generations: both, signing: "2027" } },
  distrust: { certificateAuthority: { generations: ["2027"], distrusted: ["2026"] } },
  back: { certificateAuthority: { generations: both, signing: "2027" } },
  renewed: { certificateAuthority: { generations: both, signing: "2027" }, defaults: renewed },
  rotatedKeys: {
    certificateAuthority: { generations: both, signing: "2027" },
    defaults: { ...renewed, rotateKey: "2026-11-23" },
  },
} satisfies Record<string, Declared>;
export type StageName = keyof typeof STAGES;

/** The folder of the program that declares the stages. */
export const rotationProgram = () => writeProgram("rotation-of-a-cluster", program);

/** Makes the update of a stage. */
export async function update(project: Project, stage: StageName): Promise<{ issued: Issued; run: Run }> {
  const run = await project.up({ env: { ROTATION: JSON.stringify(STAGES[stage]) } });
  const issued = Object.fromEntries(Object.entries(run.outputs).map(([name, { value }]) => [name, value]));
  return { issued: issued as unknown as Issued, run };
}
