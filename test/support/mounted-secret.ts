import { chmodSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Lays a Secret's `data` out as the kubelet mounts it (kubernetes/kubernetes, pkg/volume/util/atomic_writer.go): each name is
 * a link into `..data`, itself a link to a folder of this version, so that all files change in one rename.
 */
export function mountSecret(directory: string, data: Record<string, string>, mode: number): void {
  const version = `..${Date.now()}_${Math.trunc(Math.random() * 1e9)}`;
  mkdirSync(join(directory, version), { recursive: true });
  for (const [name, base64] of Object.entries(data)) {
    writeFileSync(join(directory, version, name), Buffer.from(base64, "base64"));
    chmodSync(join(directory, version, name), mode);
  }
  const before = currentVersion(directory);
  symlinkSync(version, join(directory, "..data_tmp"));
  renameSync(join(directory, "..data_tmp"), join(directory, "..data"));
  for (const name of Object.keys(data)) {
    rmSync(join(directory, name), { force: true });
    symlinkSync(join("..data", name), join(directory, name));
  }
  if (before) rmSync(join(directory, before), { recursive: true });
}

function currentVersion(directory: string): string | undefined {
  try {
    return readlinkSync(join(directory, "..data"));
  } catch {
    return undefined;
  }
}
