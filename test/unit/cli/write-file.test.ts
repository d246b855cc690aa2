import assert from "node:assert/strict";
import { chownSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { keyMode, publicMode, writeFile } from "../../../src/cli/write-file";

describe("writing a file", () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "write-file-"));
    path = join(directory, "etcd-1-key.pem");
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const modeOf = (file: string) => statSync(file).mode & 0o7777;

  it("creates, changes, and leaves alone what is the same already", () => {
    assert.equal(writeFile(path, "old", keyMode), "created");
    const { ino, mtimeMs } = statSync(path);
    assert.equal(writeFile(path, "old", keyMode), "unchanged");
    assert.deepEqual([statSync(path).ino, statSync(path).mtimeMs], [ino, mtimeMs]);
    assert.equal(writeFile(path, "new", keyMode), "changed");
    assert.equal(readFileSync(path, "utf8"), "new");
    assert.deepEqual(readdirSync(directory), ["etcd-1-key.pem"]);
  });

  it("gives the mode exactly, whatever the umask is, and takes it from a file that everybody could read", () => {
    const umask = process.umask(0o077);
    try {
      writeFile(path, "cert", publicMode);
    } finally {
      process.umask(umask);
    }
    assert.equal(modeOf(path), 0o644);
    assert.equal(writeFile(path, "cert", keyMode), "changed", "a mode of its own is a change");
    assert.equal(modeOf(path), 0o600);
  });

  it("puts a new file in the old one's place, so that who reads the old one reads it to its end", () => {
    writeFileSync(path, "old");
    const { ino } = statSync(path);
    writeFile(path, "new", publicMode);
    assert.notEqual(statSync(path).ino, ino);
  });

  it("leaves the old file, and nothing beside it, where the new one cannot take its place", () => {
    mkdirSync(path);
    assert.throws(() => writeFile(path, "new", keyMode), /EISDIR/);
    rmSync(path, { recursive: true });
    assert.throws(() => writeFile(join(directory, "missing", "a.pem"), "new", keyMode), /ENOENT/);
    assert.deepEqual(readdirSync(directory), []);
  });

  it("writes through a link and keeps it", () => {
    const link = join(directory, "link.pem");
    writeFile(path, "old", keyMode);
    symlinkSync(path, link);
    assert.equal(writeFile(link, "new", keyMode), "changed");
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(readFileSync(path, "utf8"), "new");
  });

  it("keeps the owner, so that a member that is not root goes on reading its key", function () {
    if (process.getuid?.() !== 0) this.skip();
    writeFile(path, "old", keyMode);
    chownSync(path, 12345, 54321);
    writeFile(path, "new", keyMode);
    const { uid, gid } = statSync(path);
    assert.deepEqual([uid, gid], [12345, 54321]);
  });
});
