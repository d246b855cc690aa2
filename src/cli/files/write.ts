import { mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Written } from "../write-file";
import { writeFile } from "../write-file";
import type { Consequence } from "./changes";
import { consequencesOf } from "./changes";
import type { PlannedFile } from "./plan";

/** What was done, or would be, and what follows from it. */
export interface Outcome {
  files: { path: string; what: Written; identities: string[] }[];
  consequences: Consequence[];
}

/** Writes the files that are not as they should be. All folders are made first, so that a wrong one stops it early. */
export function writeFiles(planned: PlannedFile[], { dryRun }: { dryRun: boolean }): Outcome {
  const before = planned.map((file) => ({ ...file, old: contentOf(file.path) }));
  if (!dryRun) for (const { path } of planned) mkdirSync(dirname(path), { recursive: true });
  const files = before.map(({ path, content, mode, old, readers }) => ({
    path,
    what: dryRun ? wouldBe(path, content, mode, old) : writeFile(path, content, mode),
    identities: [...new Set(readers.map(({ identity }) => identity.name))],
  }));
  const changed = before.flatMap((file) =>
    file.old === undefined || file.old === file.content ? [] : [{ ...file, old: file.old }],
  );
  return { files, consequences: consequencesOf(changed) };
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function wouldBe(path: string, content: string, mode: number, old: string | undefined): Written {
  if (old === undefined) return "created";
  return old === content && (statSync(path).mode & 0o7777) === mode ? "unchanged" : "changed";
}
