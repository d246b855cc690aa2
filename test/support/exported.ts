import { type StackPki, pkisIn } from "../../src/cli/files/stack";
import type { Project } from "./engine/types";

/**
 * What the command reads of a stack's only `EtcdPki`. The state's secrets are encrypted: so that the rest can be read they
 * become empty texts.
 */
export async function pkiIn(project: Project): Promise<StackPki> {
  const state = JSON.stringify(await project.exportState());
  return pkisIn(state.replace(/"ciphertext":"[^"]*"/g, '"plaintext":"\\"\\""'))[0] as StackPki;
}
