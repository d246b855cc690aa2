import { setTimeout as delay } from "node:timers/promises";

const WITHIN_MS = 60_000;

/** Waits until the condition holds, and fails with `what` and what `said` says if it does not within a minute. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  said: () => string = () => "",
): Promise<void> {
  for (const deadline = Date.now() + WITHIN_MS; !(await holds()); await delay(200)) {
    if (Date.now() > deadline) throw new Error(`not within ${WITHIN_MS / 1000} s: ${what}\n${said()}`);
  }
}
