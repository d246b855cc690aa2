import { isWhollyKnown } from "../pulumi";
import type { ConnectionInputs } from "./inputs";

// The state holds the administrator's key once: in what `UsersAndRoles` puts out, from where a destroy takes it. `check`
// takes it out of the inputs and keeps it here for the call that follows in the same process.
const keys = new Map<string, string>();

/** Inputs as the state holds them. */
export type WithoutKey<Inputs extends ConnectionInputs> = Omit<Inputs, "administrator"> & {
  administrator: { certPem: string; privateKeyPem?: string };
};

/** The inputs without the administrator's key, which `withKey` puts back. */
export function withoutKey<Inputs extends ConnectionInputs>(inputs: Inputs | WithoutKey<Inputs>): WithoutKey<Inputs> {
  if (!isWhollyKnown(inputs.administrator)) return inputs;
  const { certPem, privateKeyPem } = inputs.administrator;
  if (privateKeyPem !== undefined) keys.set(certPem, privateKeyPem);
  return { ...inputs, administrator: { certPem } };
}

/** The inputs with the administrator's key; `before` is what an earlier update put out. */
export function withKey<Inputs extends ConnectionInputs>(
  inputs: WithoutKey<Inputs>,
  before?: WithoutKey<ConnectionInputs>,
): Inputs {
  const { certPem, privateKeyPem } = inputs.administrator;
  const own = before?.administrator.certPem === certPem ? before.administrator.privateKeyPem : undefined;
  const key = privateKeyPem ?? keys.get(certPem) ?? own;
  if (key === undefined) throw new Error('the administrator\'s key is not at hand; run "pulumi up" to give it again');
  return { ...inputs, administrator: { certPem, privateKeyPem: key } } as unknown as Inputs;
}
