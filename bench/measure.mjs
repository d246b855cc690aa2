// Runs programs and measures them from outside.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** `pulumi` on PATH, or where its installer puts it. */
export function pulumiPath() {
  const folders = [...(process.env.PATH ?? "").split(delimiter), join(homedir(), ".pulumi/bin")];
  const found = folders.map((folder) => join(folder, "pulumi")).find(existsSync);
  if (found === undefined) throw new Error("no pulumi: install it from https://www.pulumi.com/docs/install");
  return found;
}

/** Runs a command to its end: its seconds, and the peak memory of its largest process. */
export async function measured(command, args, { cwd, state, env = {} }) {
  const started = process.hrtime.bigint();
  const child = spawn(command, args, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      PATH: `${join(homedir(), ".pulumi/bin")}${delimiter}${process.env.PATH}`,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...(state && { PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE: "bench" }),
      ...env,
    },
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  let peakKilobytes = 0;
  const sampler = setInterval(() => (peakKilobytes = Math.max(peakKilobytes, largestProcess(child.pid))), 50);
  const code = await new Promise((resolve) => child.on("close", resolve));
  clearInterval(sampler);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${output}`);
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  return { seconds, peakMegabytes: peakKilobytes / 1024, output };
}

/** The middle one. */
export const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** A table in Markdown of two sides' figures: medians, and the ratio round by round. */
export function ratioTable(nameA, nameB, a, b) {
  const rows = Object.keys(a[0]).map((figure) => {
    const ratios = a.map((round, i) => round[figure] / b[i][figure]);
    const shown = [median(a.map((row) => row[figure])), median(b.map((row) => row[figure]))].map(short);
    const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    return `| ${figure} | ${shown.join(" | ")} | ${median(ratios).toFixed(3)} | ${spread} |`;
  });
  return [`| | ${nameA} | ${nameB} | ratio, median | spread |`, "|---|---|---|---|---|", ...rows].join("\n");
}

const short = (number) => (number < 100 ? number.toFixed(2) : Math.round(number).toString());

function largestProcess(root) {
  const children = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const parent = statusOf(pid, "PPid");
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(pid)]);
  }
  const family = [root];
  for (const pid of family) family.push(...(children.get(pid) ?? []));
  return Math.max(...family.map((pid) => statusOf(pid, "VmHWM") || 0)); // 0 for one that is ending
}

function statusOf(pid, field) {
  try {
    return Number(new RegExp(`^${field}:\\s*(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return undefined; // it has ended meanwhile
  }
}
