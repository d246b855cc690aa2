// What `npm test` and `npm run demo` need before they start: the packages that package-lock.json names, and the build.
// `npm run setup` does it by itself, and makes a new checkout ready.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, URL } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const children = new Set();
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    interrupted = true;
    for (const child of children) child.kill("SIGTERM");
  });
}

/**
 * Runs a program and resolves to its exit code. With a label, which tells it from others that run at the same time, its
 * lines begin with that.
 */
export async function run(command, args, env = {}, label = "") {
  const stdio = label ? ["ignore", "pipe", "pipe"] : "inherit";
  // Node.js reads these before test/support/environment.ts, which leaves out all else that a user's shell may export.
  const own = Object.entries(process.env).filter(([name]) => !["NODE_OPTIONS", "NODE_USE_ENV_PROXY"].includes(name));
  const child = spawn(command, args, { cwd: root, stdio, env: { ...Object.fromEntries(own), ...env } });
  children.add(child);
  for (const stream of [child.stdout, child.stderr].filter(Boolean)) {
    createInterface(stream).on("line", (line) => console.log(`${label}: ${line}`));
  }
  const code = await new Promise((done) => {
    child.on("error", (error) => (console.error(error.message), done(1)));
    child.on("close", (status) => done(status ?? 1));
  });
  children.delete(child);
  if (interrupted) process.exit(130);
  return code;
}

/** Whether node_modules holds what package-lock.json names. */
function isInstalled() {
  const packages = (file) => JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  if (!existsSync(join(root, "node_modules/.package-lock.json"))) return false;
  const installed = packages("node_modules/.package-lock.json");
  return Object.entries(packages("package-lock.json")).every(
    ([path, { version, optional }]) => path === "" || optional || installed[path]?.version === version,
  );
}

/** Installs the packages where they are missing. */
export async function install() {
  if (isInstalled()) return true;
  console.log("Installing the packages (usually 1 min) ...");
  // Without install scripts: all they do is download Pulumi plugins, and that is for the engine's own tests to decide.
  return (await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])) === 0;
}

/** Compiles the package, and lets programs in this folder import it. The output is written in spite of type errors. */
export async function build() {
  await run("node", ["scripts/link.mjs"]);
  if (isBuilt()) return true;
  console.log("Building (usually 10 s) ...");
  const begin = new Date();
  if ((await run("npm", ["run", "--silent", "build"])) !== 0) return false;
  mkdirSync(join(root, ".build"), { recursive: true });
  writeFileSync(stamp, "");
  utimesSync(stamp, begin, begin);
  return true;
}

const stamp = join(root, ".build/built");

/** Whether nothing changed since the last build without errors. */
function isBuilt() {
  if (!existsSync(stamp) || !existsSync(join(root, "dist/index.js"))) return false;
  const sources = readdirSync(join(root, "src"), { recursive: true }).map((file) => join("src", file));
  const inputs = [...sources, "src", "tsconfig.json", "package-lock.json"];
  const built = statSync(stamp).mtimeMs;
  return inputs.every((file) => statSync(join(root, file)).mtimeMs < built);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const ready = (await install()) && (await build());
  console.log(ready ? "Ready. `npm test` runs the tests." : "Not ready; see above.");
  process.exit(ready ? 0 : 1);
}
