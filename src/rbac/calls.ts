import type { Etcd3 } from "etcd3";
import type { Access } from "../args";
import { isOfLearner } from "./errors";
import type { Permission } from "./permissions";
import type { Step } from "./steps";

// etcd's own calls, without etcd3's helpers: its Role.revoke([...]) grants, and its User.create makes no user without a
// password.

type Auth = Etcd3["auth"];

// etcd3's own spelling. It sends any other word as "read" without a word.
const TYPES = { read: "Read", write: "Write", readwrite: "Readwrite" } as const;
const ACCESS: Record<string, Access> = { Read: "read", Write: "write", Readwrite: "readwrite" };
const toBytes = (key: string) => Buffer.from(key, "latin1");
const fromBytes = (key: Buffer | string) => Buffer.from(key as Buffer).toString("latin1");

/** A permission as etcd3 hands it over. */
export const fromPermission = (perm: { permType: unknown; key: Buffer; range_end: Buffer }): Permission => ({
  key: fromBytes(perm.key),
  rangeEnd: fromBytes(perm.range_end),
  access: ACCESS[String(perm.permType)]!,
});

/** Makes the call of a step. */
export function perform(auth: Auth, step: Step, password = ""): Promise<unknown> {
  switch (step.call) {
    case "authEnable":
      return auth.authEnable();
    case "authDisable":
      return auth.authDisable();
    case "roleAdd":
      return auth.roleAdd({ name: step.role });
    case "roleDelete":
      return auth.roleDelete({ role: step.role });
    case "userAdd":
      return auth.userAdd({
        name: step.user,
        ...(step.hasPassword ? { password } : { options: { no_password: true } }),
      });
    case "userDelete":
      return auth.userDelete({ name: step.user });
    case "userChangePassword":
      return auth.userChangePassword({ name: step.user, password });
    case "userGrantRole":
      return auth.userGrantRole({ user: step.user, role: step.role });
    case "userRevokeRole":
      return auth.userRevokeRole({ name: step.user, role: step.role });
    case "roleGrantPermission": {
      const { key, rangeEnd, access } = step.permission;
      const perm = { key: toBytes(key), range_end: toBytes(rangeEnd), permType: TYPES[access] };
      return auth.roleGrantPermission({ name: step.role, perm });
    }
    case "roleRevokePermission":
      return auth.roleRevokePermission({
        role: step.role,
        key: toBytes(step.range.key),
        range_end: toBytes(step.range.rangeEnd),
      });
  }
}

const kindOf = (error: unknown) => (error as Error).constructor.name;

// What etcd3 makes of gRPC's codes for a member or a leader that went away in the middle.
const INTERRUPTIONS = [
  "GRPCUnavailableError",
  "GRPCDeadlineExceededError",
  "GRPCCancelledError",
  "GRPCInternalError",
  "GRPCAbortedError",
  "GRPCResourceExhastedError",
];

/** Whether a call was cut off. */
export const isInterruption = (error: unknown): boolean => INTERRUPTIONS.includes(kindOf(error));

/** Whether etcd says that authentication is off, in which it knows of no logins. */
export const isNotEnabled = (error: unknown): boolean => /authentication is not enabled/.test((error as Error).message);

// etcd 3.4 has no AuthStatus, and 3.5 and 3.6 give it to root only; a login is answered by all, for all.
/** Whether authentication is on. */
export async function isEnabled(auth: Auth): Promise<boolean> {
  try {
    await auth.authenticate({ name: "root", password: "" });
    return true;
  } catch (error) {
    if (isInterruption(error) || isOfLearner(error)) throw error;
    return !isNotEnabled(error);
  }
}

/** How a login ended: etcd took the password, it is another one, or the user has none and logs in by its certificate. */
export type LoginAnswer = "right" | "wrong" | "none";

/** Tries a login, which needs authentication to be on. One that succeeds is a write in etcd's log. */
export async function logIn(auth: Auth, name: string, password: string): Promise<LoginAnswer> {
  try {
    await auth.authenticate({ name, password });
    return "right";
  } catch (error) {
    if (/no password user/.test((error as Error).message)) return "none";
    if (kindOf(error) === "EtcdAuthenticationFailedError") return "wrong";
    throw error;
  }
}
