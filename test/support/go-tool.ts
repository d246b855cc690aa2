import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { downloadEnvironment } from "./environment";
import { progress } from "./progress";
import { run } from "./run";

const root = resolve(__dirname, "../..");

/** A program of one of the Go modules in `tools/`. */
export interface GoTool {
  /** The folder in `tools/`. */
  module: string;
  program: string;
  package: string;
  /** How long a build without a cache takes on two cores. */
  usualSeconds: number;
}

const builds = new Map<string, Promise<string>>();

/** The path of a program built from `tools/<module>`, in `.build/`. Builds it where it is missing or out of date. */
export function goTool(tool: GoTool): Promise<string> {
  const path = join(root, ".build", tool.module, tool.program);
  const known = builds.get(path) ?? (isFresh(path, tool) ? Promise.resolve(path) : build(path, tool));
  builds.set(path, known);
  return known;
}

function isFresh(path: string, tool: GoTool): boolean {
  const folder = join(root, "tools", tool.module);
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const built = existsSync(path) ? statSync(path).mtimeMs : 0;
  return sources.every((file) => statSync(join(folder, file)).mtimeMs <= built);
}

async function build(path: string, tool: GoTool): Promise<string> {
  mkdirSync(join(path, ".."), { recursive: true });
  // Two processes may build at once: each writes its own file, and the last rename wins with the same content.
  const temporary = `${path}.${process.pid}`;
  const source = join(root, "tools", tool.module);
  await progress(`Building ${tool.program} from tools/${tool.module}`, tool.usualSeconds, async () => {
    const args = ["build", "-trimpath", "-o", temporary, tool.package];
    const { code, stderr } = await run("go", args, {
      cwd: source,
      env: downloadEnvironment({ CGO_ENABLED: "0" }),
    }).catch(() => ({ code: 1, stderr: "The Go toolchain is not on PATH; install it from https://go.dev/dl/." }));
    if (code !== 0) {
      throw new Error(`Cannot build ${tool.program} from tools/${tool.module}: ${stderr.trim()}`);
    }
    renameSync(temporary, path);
  });
  return path;
}
