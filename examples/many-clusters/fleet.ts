/**
 * Updates every cluster: a stack each, some at a time.
 *   npx tsx fleet.ts clusters.json            all
 *   npx tsx fleet.ts clusters.json --preview  what would change
 * `clusters.json` has the members' hosts of each cluster. PARALLEL says how many run at once (4).
 * Ends with 1 if one failed. The others are updated all the same.
 */
import { readFileSync } from "node:fs";
import { LocalWorkspace, type OpMap } from "@pulumi/pulumi/automation";

type Clusters = Record<string, Record<string, { hosts: string[] }>>;

const [file = "clusters.json", flag] = process.argv.slice(2);
const clusters = JSON.parse(readFileSync(file, "utf8")) as Clusters;
const parallel = Number(process.env["PARALLEL"] ?? 4);

async function update(name: string): Promise<OpMap> {
  const stack = await LocalWorkspace.createOrSelectStack({ stackName: name, workDir: __dirname });
  await stack.setConfig("members", { value: JSON.stringify(clusters[name]) });
  if (flag === "--preview") return (await stack.preview()).changeSummary;
  const { summary } = await stack.up({ suppressOutputs: true });
  return summary.resourceChanges ?? {};
}

const inWords = ({ same = 0, ...changes }: OpMap) =>
  Object.entries(changes).map(([operation, count]) => `${count} ${operation}`).join(", ") || `nothing, ${same} the same`; // prettier-ignore

async function worker(names: Iterator<string>, failed: string[]): Promise<void> {
  for (let next = names.next(); !next.done; next = names.next()) {
    const name = next.value;
    try {
      console.log(`${name}: ${inWords(await update(name))}`);
    } catch (error) {
      failed.push(name);
      console.error(`${name}: FAILED\n${(error as Error).message}`);
    }
  }
}

async function main() {
  // One list, from which every worker takes the next one.
  const names = Object.keys(clusters).values();
  const failed: string[] = [];
  await Promise.all(Array.from({ length: parallel }, () => worker(names, failed)));
  console.log(`${Object.keys(clusters).length - failed.length} done, ${failed.length} failed`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

void main();
