import { accessSync, constants, readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { version as sdkVersion } from "@pulumi/pulumi/version";
import { environment } from "../environment";
import { pulumiEngine, runPulumi } from "./pulumi";
import { standIn } from "./stand-in/stand-in";
import type { Engine } from "./types";

export * from "./types";

const PLACES = [
  ...(process.env["PATH"] ?? "").split(delimiter).map((directory) => ({ directory, where: "on the PATH" })),
  { directory: join(homedir(), ".pulumi", "bin"), where: "in ~/.pulumi/bin" },
];
const DOWNLOAD_FROM = "https://get.pulumi.com";
const DOWNLOAD_TO = join(__dirname, "../../../.build/pulumi");
const FIRST_ANSWER_MILLISECONDS = 5_000;
const DOWNLOAD_MILLISECONDS = 90_000;

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The `tls` provider of the SDK's version, present or (where that is allowed) downloaded. */
async function hasTlsProvider(command: string, download: boolean): Promise<boolean> {
  const { version } = JSON.parse(readFileSync(require.resolve("@pulumi/tls/package.json"), "utf8")) as {
    version: string;
  };
  const args = download ? ["plugin", "install", "resource", "tls", version] : ["plugin", "ls", "--json"];
  const env = environment({ PULUMI_SKIP_UPDATE_CHECK: "true" });
  // Not in this folder, which is a plugin and a project at once: the command would not know which is meant.
  const options = { cwd: tmpdir(), env, timeoutMilliseconds: DOWNLOAD_MILLISECONDS };
  const { code, stdout } = await runPulumi(command, args, options);
  if (code !== 0) return false;
  if (download) return true;
  const plugins = JSON.parse(stdout) as { name: string; version: string }[];
  return plugins.some((plugin) => plugin.name === "tls" && plugin.version === version);
}

async function engineOf(command: string, where: string, download: boolean): Promise<Engine | undefined> {
  if (!isExecutable(command) || !(await hasTlsProvider(command, download))) return undefined;
  const { stdout } = await runPulumi(command, ["version"]);
  return pulumiEngine(command, `pulumi ${stdout.trim()}, found ${where}`, download);
}

async function findPulumi(download: boolean): Promise<Engine | undefined> {
  for (const { directory, where } of PLACES) {
    const engine = await engineOf(join(directory, "pulumi"), where, download);
    if (engine) return engine;
  }
  return undefined;
}

/** Pulumi's own installer; a machine that cannot reach it learns so within seconds. */
async function downloadPulumi(say: (line: string) => void): Promise<Engine | undefined> {
  const existing = await engineOf(join(DOWNLOAD_TO, "bin", "pulumi"), "in .build/pulumi", true);
  if (existing) return existing;
  try {
    await fetch(DOWNLOAD_FROM, { method: "HEAD", signal: AbortSignal.timeout(FIRST_ANSWER_MILLISECONDS) });
    say(`Downloading pulumi ${sdkVersion} from ${DOWNLOAD_FROM} into .build/pulumi …`);
    const { PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
    await within(DOWNLOAD_MILLISECONDS, PulumiCommand.install({ root: DOWNLOAD_TO }));
    return await engineOf(join(DOWNLOAD_TO, "bin", "pulumi"), "in .build/pulumi", true);
  } catch (error) {
    say(`No download from ${DOWNLOAD_FROM}: ${(error as Error).message}`);
    return undefined;
  }
}

function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error(`not done after ${milliseconds / 1000} s`)), milliseconds).unref(),
  );
  return Promise.race([work, late]);
}

/**
 * The engines that tests run on: the stand-in, and Pulumi's own where it is installed. Downloads nothing. With
 * TEST_STAND_IN_ONLY it is left out.
 */
export async function engines(): Promise<Engine[]> {
  if (process.env["TEST_STAND_IN_ONLY"]) return [standIn];
  const pulumi = await findPulumi(false);
  return pulumi ? [standIn, pulumi] : [standIn];
}

/** The best engine that can be had, for the demo; says which one it took. */
export async function bestEngine({
  download = false,
  say = () => undefined,
}: { download?: boolean; say?: (line: string) => void } = {}): Promise<Engine> {
  const engine = (await findPulumi(download)) ?? (download ? await downloadPulumi(say) : undefined) ?? standIn;
  say(`Engine: ${engine.description}`);
  return engine;
}
