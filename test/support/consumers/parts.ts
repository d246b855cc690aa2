import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Context } from "mocha";
import { downloadEnvironment } from "../environment";
import { goTool } from "../go-tool";
import { progress } from "../progress";
import { run } from "../run";
import { skip } from "../skip";

export const root = resolve(__dirname, "../../..");

/** Skips all tests of the suite if the program is not on this machine. For `before`. */
export async function requireProgram(context: Context, program: string, argument: string, what: string): Promise<void> {
  const found = await run(program, [argument]).catch(() => undefined);
  if (found?.code !== 0) skip(context, `${what} is not on this machine (${program} ${argument})`);
}

/**
 * A Python with these packages, below `.build/`; installs them where they are missing, and skips where that cannot be
 * done. Debian's Python, since that of a user's home may not be readable for a server.
 */
export async function requirePython(context: Context, name: string, packages: string[]): Promise<string> {
  context.timeout(15 * 60_000);
  const home = join(root, ".build", `python-${name}`);
  const stamp = join(home, "packages.json");
  const wanted = JSON.stringify(packages);
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    await progress(`Installing ${packages.join(", ")}`, 30, () => install(context, home, packages));
    writeFileSync(stamp, wanted);
  }
  return join(home, "bin");
}

async function install(context: Context, home: string, packages: string[]): Promise<void> {
  const python = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
  rmSync(home, { recursive: true, force: true });
  const made = await run(python, ["-m", "venv", home]).catch(() => undefined);
  if (made?.code !== 0) skip(context, `Python with venv is not on this machine (${python} -m venv)`);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages];
  const { code, stderr } = await run(join(home, "bin/python"), pip, { env: downloadEnvironment() });
  if (code !== 0) skip(context, `pip cannot install ${packages.join(", ")}: ${stderr.trim().split("\n").pop()}`);
}

/** A program of a Go module in `tools/`; skips where Go is missing. For `before`. */
export async function requireGo(
  context: Context,
  module: string,
  folder: string,
  usualSeconds: number,
): Promise<string> {
  context.timeout(30 * 60_000);
  await requireProgram(context, "go", "version", "Go");
  return goTool({ module, program: folder === "." ? module : basename(folder), package: folder, usualSeconds });
}

/** The class path of `tools/<module>/pom.xml`; skips where Java or Maven are missing or Maven cannot resolve it. */
export async function requireJava(context: Context, module: string): Promise<string> {
  context.timeout(15 * 60_000);
  await requireProgram(context, "java", "--version", "Java");
  await requireProgram(context, "mvn", "--version", "Maven");
  const pom = join(root, "tools", module, "pom.xml");
  const file = join(root, ".build", module, "classpath");
  if (existsSync(file) && statSync(file).mtimeMs >= statSync(pom).mtimeMs) return readFileSync(file, "utf8");
  mkdirSync(join(file, ".."), { recursive: true });
  const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath";
  const args = ["--batch-mode", "--quiet", "--file", pom, goal, `-Dmdep.outputFile=${file}`];
  const { code, stdout } = await progress(`Resolving tools/${module}/pom.xml`, 60, () =>
    run("mvn", args, { env: downloadEnvironment() }),
  );
  if (code !== 0) skip(context, `Maven cannot resolve tools/${module}/pom.xml: ${stdout.trim().split("\n")[0]}`);
  return readFileSync(file, "utf8");
}
