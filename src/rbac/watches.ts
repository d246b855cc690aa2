import { coverage } from "./coverage";
import type { AuthState } from "./plan";
import type { Step } from "./steps";

/**
 * Whose open watches go on: etcd checks a watch when it is made, and not again (etcd, Documentation, THREAT_MODEL.md).
 * Whatever takes a read away says so.
 */
export function watchNotes(steps: Step[], before: AuthState): string[] {
  const users = [...new Set(steps.flatMap((step) => losers(step, before)))].filter((user) => before.users.has(user));
  if (users.length === 0 || !before.authentication) return [];
  return [
    `open watches go on for ${users.sort().join(", ")}: etcd checks a watch only when it is made. To end them, end the ` +
      `clients' connections, or restart the members one at a time`,
  ];
}

function losers(step: Step, { users, roles }: AuthState): string[] {
  const holders = (role: string) => [...users].filter(([, held]) => held.includes(role)).map(([user]) => user);
  switch (step.call) {
    case "userDelete":
    case "userRevokeRole":
      return [step.user];
    case "roleDelete":
    case "roleRevokePermission":
      return holders(step.role);
    case "roleGrantPermission": {
      // etcd overwrites the type of an entry, so a grant of write alone may end a read.
      const { permission } = step;
      const isRead = coverage(roles.get(step.role) ?? [])({ ...permission, access: "read" });
      return permission.access === "write" && isRead ? holders(step.role) : [];
    }
    default:
      return [];
  }
}
