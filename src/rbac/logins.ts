import type { LoginAnswer } from "./calls";
import type { EtcdClient } from "./client";
import type { AuthState, LoginChanges } from "./plan";

/** Who logs in by a password. */
export interface DeclaredLogins {
  /** The users with the password that they shall have; undefined: the one that they have already. */
  passwords: Map<string, string | undefined>;
  /** The users that did so after the last update. */
  before: Set<string>;
  /** The users that shall do so otherwise than after the last update: for the first time, or with another password. */
  isNew: Set<string>;
}

/** Nobody. */
export const noLogins: DeclaredLogins = { passwords: new Map(), before: new Set(), isNew: new Set() };

/** What etcd answered to logins with the declared passwords. */
export type LoginAnswers = Map<string, LoginAnswer>;

/**
 * Logs in with the declared passwords. etcd knows of logins only while authentication is on; a login that succeeds is a
 * write, so no preview makes one.
 */
export async function tryLogins(client: EtcdClient, state: AuthState, logins: DeclaredLogins): Promise<LoginAnswers> {
  const answers: LoginAnswers = new Map();
  if (!state.authentication) return answers;
  for (const [user, password = ""] of logins.passwords)
    if (state.users.has(user)) answers.set(user, await client.logIn(user, password));
  return answers;
}

/**
 * Whose login must change. Where etcd was not asked, what the last update left decides; with authentication off a user is
 * then made anew, as nothing shows what it has.
 */
export function loginChanges(
  { users, authentication }: AuthState,
  { passwords, before, isNew }: DeclaredLogins,
  answers: LoginAnswers = new Map(),
): LoginChanges {
  const changes: LoginChanges = { withPassword: new Set(passwords.keys()), anew: new Set(), changed: new Set() };
  for (const user of before) if (!passwords.has(user) && users.has(user)) changes.anew.add(user);
  for (const [user, password] of passwords) {
    if (password === undefined || !users.has(user)) continue;
    const answer = answers.get(user);
    if (answer === "right" || (answer === undefined && !isNew.has(user))) continue;
    const hasPassword = answer === "wrong" || (answer === undefined && authentication && before.has(user));
    (hasPassword ? changes.changed : changes.anew).add(user);
  }
  return changes;
}

/** What is missing of the logins that are declared without a password. */
export function loginProblems({ users }: AuthState, { passwords }: DeclaredLogins, answers: LoginAnswers): string[] {
  return [...passwords]
    .filter(([, password]) => password === undefined)
    .filter(([user]) => !users.has(user) || answers.get(user) === "none")
    .map(
      ([user]) =>
        `components[${JSON.stringify(user)}] logs in by a password, but etcd holds no user ${user} that has one; give its password`,
    );
}
