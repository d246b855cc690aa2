import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, closeSync, fsyncSync, openSync, readFileSync, realpathSync, renameSync } from "node:fs";
import { rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** What writing a file did. */
export type Written = "created" | "changed" | "unchanged";

/** The mode of a file that holds a private key: its owner's alone. */
export const keyMode = 0o600;

/** The mode of a file that anybody may read. */
export const publicMode = 0o644;

/**
 * Writes a file whole or not at all, and only if its content or its mode is another one: a reader sees the old file or
 * the new one, never a part. The new file is made beside the old one with its last mode from the start and takes its
 * name at the end. A link stays a link, and an owner the owner (a member that runs as `etcd` goes on reading its key).
 * The folder must exist.
 */
export function writeFile(path: string, content: string, mode: number): Written {
  const target = realPath(path);
  const old = read(target);
  if (old !== undefined && old.content.equals(Buffer.from(content)) && old.mode === mode) return "unchanged";
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    writeNew(temporary, content, mode);
    if (old !== undefined) keepOwner(temporary, old);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return old === undefined ? "created" : "changed";
}

interface Old {
  content: Buffer;
  mode: number;
  uid: number;
  gid: number;
}

// The file that a link leads to. Renaming onto the link itself would put a file in its place.
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return path;
    throw error;
  }
}

function read(path: string): Old | undefined {
  try {
    const { mode, uid, gid } = statSync(path);
    return { content: readFileSync(path), mode: mode & 0o7777, uid, gid };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function writeNew(path: string, content: string, mode: number): void {
  const file = openSync(path, "wx", mode);
  try {
    writeFileSync(file, content);
    // What open takes is cut by the umask.
    chmodSync(path, mode);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

// Only root may give a file away, and only root could have read somebody else's key in the first place.
function keepOwner(path: string, { uid, gid }: Old): void {
  const own = statSync(path);
  if (own.uid !== uid || own.gid !== gid) chownSync(path, uid, gid);
}
