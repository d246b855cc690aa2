import { spawn, type ChildProcess } from "node:child_process";
import { appendFileSync, closeSync, openSync, readFileSync } from "node:fs";
import { environment } from "./environment";

const GRACE_MS = 10_000;
const running = new Set<ChildProcess>();

/** A server that runs beside the tests or the demo. It does not outlive this process unless it is released. */
export interface ServerProcess {
  readonly pid: number | undefined;
  /** Whether it has ended, by itself or by our hand. */
  readonly ended: boolean;
  /** The last lines of its log. */
  logTail(): string;
  /** Asks it to stop, and kills it if it does not within ten seconds. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Lets it run on after this process. */
  release(): void;
}

/** Starts a server whose output is appended to `logFile`. */
export function startServer(command: string, args: string[], logFile: string, env?: NodeJS.ProcessEnv): ServerProcess {
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(command, args, { stdio: ["ignore", log, log], env: environment(env) });
  closeSync(log);
  let ended = false;
  const end = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", (error) => {
      appendFileSync(logFile, `${error.message}\n`);
      resolve();
    });
  }).then(() => {
    ended = true;
    running.delete(child);
  });
  running.add(child);
  killAllAtTheEnd();
  const kill = () => (child.kill("SIGKILL"), end);
  return {
    pid: child.pid,
    get ended() {
      return ended;
    },
    logTail: () => readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-15).join("\n"),
    kill,
    stop: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(kill, GRACE_MS);
      await end;
      clearTimeout(timer);
    },
    release: () => {
      running.delete(child);
      child.unref();
    },
  };
}

const killAll = () => running.forEach((child) => child.kill("SIGKILL"));
let installed = false;

function killAllAtTheEnd(): void {
  if (installed) return;
  installed = true;
  process.on("exit", killAll);
  for (const [signal, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) {
    process.on(signal, () => {
      killAll();
      // Another listener (the demo's, the test runner's) decides for itself how this process ends.
      if (process.listenerCount(signal) === 1) process.exit(code);
    });
  }
}
