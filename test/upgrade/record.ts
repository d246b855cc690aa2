// Records the state that this release leaves behind: `npx tsx test/upgrade/record.ts`, see CONTRIBUTING.md.
import "../support/environment";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engines } from "../support/engine/engine";
import { upgradeProgram } from "./program";

const { version } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")) as { version: string };

async function main(): Promise<void> {
  for (const engine of await engines()) {
    const stateDirectory = mkdtempSync(join(tmpdir(), "etcd-pki-record-"));
    const project = await engine.open(upgradeProgram(), { stateDirectory });
    await project.up();
    const record = join(__dirname, "states", version, engine.kind);
    rmSync(record, { recursive: true, force: true });
    // What the engine needs to go on from here, without history, backups and locks.
    const needed =
      /(stand-in|pulumi)$|\.pulumi$|meta\.yaml$|stacks(\/upgrade(\/test\.json)?)?$|Pulumi\.test\.yaml$|upgrade-test\.json$/;
    await project.dispose();
    cpSync(stateDirectory, record, { recursive: true, filter: (from) => from === stateDirectory || needed.test(from) });
    rmSync(stateDirectory, { recursive: true, force: true });
    console.log(`${record}: ${existsSync(record) ? "recorded" : "nothing to record"}`);
  }
}

void main();
