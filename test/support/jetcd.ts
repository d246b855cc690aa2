import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Context } from "mocha";
import { downloadEnvironment } from "./environment";
import { progress } from "./progress";
import { run } from "./run";
import { skip } from "./skip";

const root = resolve(__dirname, "../..");
const source = join(root, "tools/jetcd");
const jars = join(root, ".build/jetcd");
const PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";

/** Skips where this machine has no Java, or no jetcd and no Maven that fetches it. For `before`. */
export async function requireJetcd(context: Context): Promise<void> {
  context.timeout(10 * 60_000);
  const works = (program: string, ...args: string[]) =>
    run(program, args).then(
      ({ code }) => code === 0,
      () => false,
    );
  if (!(await works("java", "-version"))) skip(context, "no java on PATH");
  if (existsSync(jars)) return;
  if (!(await works("mvn", "-version"))) skip(context, "no mvn on PATH, which fetches jetcd");
  const args = ["-q", "-B", `${PLUGIN}:copy-dependencies`, `-DoutputDirectory=${jars}`];
  const fetch = () => run("mvn", args, { cwd: source, env: downloadEnvironment() });
  const { code, stdout } = await progress("Fetching jetcd by tools/jetcd/pom.xml", 60, fetch);
  if (code !== 0) skip(context, `Maven cannot fetch jetcd: ${stdout.trim().split("\n")[0]}`);
}

/** Runs tools/jetcd/Login.java. */
export const jetcdLogin = (...args: string[]) =>
  run("java", ["-cp", join(jars, "*"), join(source, "Login.java"), ...args]);
