import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { downloadEnvironment } from "./environment";
import { progress } from "./progress";
import { run } from "./run";

const OUT_OF_REACH =
  /no such host|failed to download|No matching distribution|dial tcp|exec(utable)?: "?\w+"? not found/i;

/**
 * Runs `pulumi install` in an example: generates its SDK of this package, and gets what its language needs. Gives the
 * reason where this machine cannot get it, and fails where anything else is wrong.
 */
export async function pulumiInstall(folder: string): Promise<string | undefined> {
  const env = downloadEnvironment({
    PATH: [process.env["PATH"], join(homedir(), ".pulumi", "bin")].join(delimiter),
    PULUMI_SKIP_UPDATE_CHECK: "true",
  });
  const work = () => run("pulumi", ["install"], { cwd: folder, env });
  const { code, stdout, stderr } = await progress(`pulumi install in ${folder}`, 60, work);
  const all = `${stdout}${stderr}`;
  if (code === 0) return undefined;
  const reason = all.split("\n").find((line) => OUT_OF_REACH.test(line));
  if (reason === undefined) throw new Error(`pulumi install failed in ${folder}:\n${all}`);
  return `pulumi install cannot get what it needs: ${reason.trim()}`;
}
