import { isWhollyKnown } from "../pulumi";
import type { UsersAndRolesInputs } from "./inputs";
import { toConnection, toDeclaration, toExpected } from "./inputs";
import { say, warn } from "./messages";
import { NONE } from "./client";
import { OtherClusterError } from "./errors";
import type { Declaration, Found } from "./found";
import { readState } from "./found";
import { missingSteps, refuseOtherCluster, withClient } from "./operations";
import type { Step } from "./steps";
import { stepText } from "./steps";
import { watchNotes } from "./watches";

/** What only a preview gives: the declared names that etcd has already. */
export interface DryRun {
  found: string[];
}

/** Said where a preview cannot compare. */
export const NOT_ASKED = "etcd is not asked in this preview, since how to reach it is known only in the update";

/**
 * Asks etcd before anything was made, and says every call of the update and what authentication then means for users that
 * are not declared. A cluster that cannot be reached may not be up yet, so that is a warning.
 * @returns why the update is refused
 */
export async function sayFirstPlan(inputs: UsersAndRolesInputs, { found = [] }: Partial<DryRun>): Promise<string[]> {
  // The inventory gives these two, and is not made yet.
  const { adopted, inventoryClusterId, ...others } = inputs;
  if (!isWhollyKnown(others)) {
    say([NOT_ASKED]);
    return [];
  }
  const existing = Object.fromEntries(found.map((name) => [name, "was there before"]));
  const isNoted = isWhollyKnown({ adopted, inventoryClusterId });
  const known = isNoted ? inputs : { ...others, adopted: existing };
  const declaration = toDeclaration(known);
  try {
    const held = await withClient(
      toConnection(known),
      async (client) => {
        await refuseOtherCluster(client, toExpected(known));
        return readState(client, declaration.desired.roles.keys());
      },
      NONE,
    );
    const steps = missingSteps(held, declaration);
    say(
      [...steps.map(stepText), ...watchNotes(steps, held.state)],
      [`the update makes ${steps.length} calls to etcd:`],
    );
    say(authenticationLines(held, declaration, steps));
  } catch (error) {
    // The update would refuse it, too, when it has made other resources.
    if (error instanceof OtherClusterError) return [error.message];
    warn([`etcd could not be asked in this preview: ${(error as Error).message}`]);
  }
  return [];
}

/** What it means to turn authentication on, for everybody who is not declared. */
export function authenticationLines({ state }: Found, { desired }: Declaration, steps: Step[]): string[] {
  if (!steps.some(({ call }) => call === "authEnable")) return [];
  const deleted = steps.flatMap((step) => (step.call === "userDelete" ? step.user : []));
  const others = [...state.users].filter(([name]) => !desired.users.has(name) && !deleted.includes(name));
  return [
    "today every client may read and write every key; with authentication on:",
    ...others.map(([name, roles]) =>
      roles.length > 0
        ? `user ${name}, which is not declared, may do what its roles allow: ${roles.join(", ")}`
        : `user ${name}, which is not declared, may do nothing, since it has no role`,
    ),
    `a client whose certificate names no user may do nothing; the users are ${[...desired.users.keys(), ...others.map(([name]) => name)].join(", ")}`,
    "a client of etcd's HTTP gateway or of a grpc-proxy may do nothing, unless it logs in by a password",
  ];
}
