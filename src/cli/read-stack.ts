import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

/** A text from a file; `-` is the standard input. */
export const readText = (path: string) => readFileSync(path === "-" ? 0 : path, "utf8");

/** What `pulumi stack export --show-secrets` prints for a stack of the project in this folder, or for the selected one. */
export async function exportWithSecrets(stack: string | true): Promise<string> {
  const which = stack === true ? [] : ["--stack", stack];
  const flags = ["stack", "export", "--show-secrets", "--non-interactive", ...which];
  try {
    return (await promisify(execFile)("pulumi", flags, { maxBuffer: largestExportBytes })).stdout;
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    throw new Error(
      code === "ENOENT"
        ? "there is no pulumi on PATH; install it, or give the output of `pulumi stack export --show-secrets` by --export"
        : `pulumi ${flags.join(" ")}: ${stderr?.trim() ?? (error as Error).message}`,
    );
  }
}

const largestExportBytes = 1024 * 1024 * 1024;
