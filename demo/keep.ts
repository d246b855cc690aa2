import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Cluster } from "../test/support/etcd-cluster";
import { run } from "../test/support/run";
import { paths } from "./paths";
import { say } from "./say";

interface Kept {
  name: string;
  pid: number;
}

/** Lets the members run on, and writes down which processes they are. */
export function keep(cluster: Cluster): void {
  const kept = Object.values(cluster.members).map(({ name, pid }) => ({ name, pid }));
  writeFileSync(paths.kept, JSON.stringify(kept));
  cluster.release();
}

/** Stops the members that an earlier demo kept. */
export async function stopKept(): Promise<void> {
  if (!existsSync(paths.kept)) return say("No cluster of an earlier demo runs.");
  for (const { name, pid } of JSON.parse(readFileSync(paths.kept, "utf8")) as Kept[]) {
    // The number may belong to another process by now.
    const { stdout } = await run("ps", ["-o", "command=", "-p", String(pid)]);
    if (stdout.includes(paths.cluster)) process.kill(pid, "SIGKILL");
    say(`Stopped ${name}, process ${pid}.`);
  }
  rmSync(paths.kept);
}
