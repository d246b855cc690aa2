import type { EtcdClient } from "./client";
import type { Declaration, Found } from "./found";
import { inBatches } from "./found";
import { GUARD, ROOT } from "./steps";

/** Tells of users and roles outside the declaration. */
export function undeclaredWarnings({ state, otherRoles }: Found, { desired }: Pick<Declaration, "desired">): string[] {
  const users = [...state.users].filter(([name]) => !desired.users.has(name) && name !== GUARD && name !== ROOT);
  const roles = [...state.roles.keys(), ...otherRoles].filter((name) => !desired.roles.has(name) && name !== ROOT);
  const rolesText = (held: string[]) => (held.length ? ` (roles ${held.join(", ")})` : "");
  const superusers = users.filter(([, held]) => held.includes(ROOT));
  return [
    ...superusers.map(
      ([name]) =>
        `DANGER: user ${name}, which is not declared, has the role root, so it may do everything; take it away ` +
        `(etcdctl user revoke-role ${name} root), or declare it with roles: ["root"]`,
    ),
    ...users.map(([name, held]) => `user ${name}${rolesText(held)} is not declared; ${keptUntil}`),
    ...roles.map((name) => `role ${name} is not declared; ${keptUntil}`),
  ];
}

const keptUntil = "declare it, or delete what is not declared with removeUndeclared: true";

/**
 * Tells of users that can log in without their certificate, though they are not declared to. Only known while
 * authentication is on.
 */
export async function passwordWarnings(
  client: EtcdClient,
  { state }: Found,
  users: Iterable<string>,
  { logins }: Pick<Declaration, "logins">,
): Promise<string[]> {
  if (!state.authentication) return [];
  const asked = [...users].filter((user) => state.users.has(user));
  const answers = await inBatches(asked, (user) => client.logIn(user, ""));
  return [...answers].flatMap(([user, answer]) => {
    if (answer === "right")
      return [
        `DANGER: user ${user} has an empty password, so every certificate of the cluster can log in as it; ${remedy(user)}`,
      ];
    if (answer === "wrong" && !logins.passwords.has(user))
      return [`DANGER: user ${user} has a password, so its certificate is not the only way in; ${remedy(user)}`];
    return [];
  });
}

// etcd deletes the user root only while authentication is off.
const remedy = (user: string) =>
  (user === ROOT
    ? "turn authentication off (etcdctl auth disable), which opens etcd to every client meanwhile, delete it (etcdctl " +
      `user delete ${user})`
    : `delete it (etcdctl user delete ${user})`) +
  ` and run "pulumi refresh" and "pulumi up": it is made anew without a password`;
