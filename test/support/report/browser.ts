import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** Where a Chromium is, by the names that systems give it. */
export const chromium = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"]).status === 0,
);

/** A page in a real browser. */
export interface Tab {
  /** Calls a method of the DevTools protocol. */
  call(method: string, parameters?: object): Promise<Record<string, unknown>>;
  /** The value of an expression in the page. */
  value<Value>(expression: string): Promise<Value>;
  /** Opens a file, and waits until it is there. */
  open(file: string): Promise<void>;
  press(key: string): Promise<void>;
  /** What the page loaded beside itself, and what the browser complained of. */
  readonly incidents: string[];
  close(): Promise<void>;
}

interface Message {
  id?: number;
  method?: string;
  params?: { request?: { url?: string }; entry?: { text?: string }; exceptionDetails?: { text?: string } };
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** Starts the browser without a screen. It is spoken to over two pipes, so no port is open. */
export async function openTab(): Promise<Tab> {
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  const flags = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--remote-debugging-pipe",
    `--user-data-dir=${profile}`,
  ];
  const child = spawn(chromium as string, flags, { stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
  child.stderr?.resume();
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  const waiting = new Map<number, (message: Message) => void>();
  const listeners = new Map<string, () => void>();
  const incidents: string[] = [];
  let [text, last, sessionId] = ["", 0, undefined as string | undefined];
  let page = "";
  output.setEncoding("utf8").on("data", (part: string) => {
    const messages = (text + part).split("\0");
    text = messages.pop() as string;
    messages.forEach((message) => take(JSON.parse(message) as Message));
  });
  function take(message: Message): void {
    const { id, method = "", params } = message;
    if (id !== undefined) waiting.get(id)?.(message);
    listeners.get(method)?.();
    const said = params?.request?.url ?? params?.entry?.text ?? params?.exceptionDetails?.text;
    if (said !== undefined && said !== page) incidents.push(`${method}: ${said}`);
  }
  async function call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++last;
    const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
    input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result = {}, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }
  const { targetId } = await call("Target.createTarget", { url: "about:blank" });
  const attached = await call("Target.attachToTarget", { targetId, flatten: true });
  sessionId = attached["sessionId"] as string;
  for (const domain of ["Page", "Network", "Log", "Runtime"]) await call(`${domain}.enable`);
  return {
    call,
    incidents,
    async value<Value>(expression: string) {
      const { result, exceptionDetails } = await call("Runtime.evaluate", { expression, returnByValue: true });
      if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
      return (result as { value: Value }).value;
    },
    async open(file) {
      page = `file://${file}`;
      const loaded = new Promise<void>((resolve) => listeners.set("Page.loadEventFired", resolve));
      await call("Page.navigate", { url: page });
      await loaded;
    },
    async press(key) {
      const event = { key, code: key, windowsVirtualKeyCode: key === "Tab" ? 9 : 13 };
      await call("Input.dispatchKeyEvent", { type: "keyDown", ...event });
      await call("Input.dispatchKeyEvent", { type: "keyUp", ...event });
    },
    async close() {
      // Its helpers write to the profile for longer than it lives itself; they have its standard error, too.
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill();
      await ended;
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
