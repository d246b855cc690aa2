// A preview in which nothing changes, of the same users and roles in Pulumi YAML and in Node.js, in turns:
// node bench/languages.mjs [rounds]
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measured, pulumiPath, ratioTable } from "./measure.mjs";

const require = createRequire(import.meta.url);
require("tsx/cjs");
const { startRbacCluster } = require("../test/support/rbac/rbac-cluster.ts");
const { nodeProgram, yamlProgram } = require("../test/support/rbac/programs.ts");

const rounds = Number(process.argv[2] ?? 5);
const names = Array.from({ length: 10 }, (_, i) => `user-${i}`);
const permissions = (name) => [{ prefix: `/${name}/`, access: "readwrite" }];
const users = Object.fromEntries(names.map((name) => [name, { permissions: permissions(name) }]));
const components = { root: {}, ...users };

const state = mkdtempSync(join(tmpdir(), "bench-languages-"));
const cluster = await startRbacCluster("3.6");
const programs = {
  yaml: await yamlProgram("bench-yaml"),
  node: nodeProgram(await yamlProgram("bench-node")),
};
const pulumi = ({ directory, env }, ...args) =>
  measured(pulumiPath(), [...args, "--stack", "bench", "--non-interactive"], { cwd: directory, state, env });

try {
  for (const program of Object.values(programs)) {
    program.activate();
    program.declare({ connection: cluster.connection, components, options: { adoptExisting: true } });
    await pulumi(program, "stack", "init");
    await pulumi(program, "up", "--yes", "--skip-preview");
  }
  const results = { yaml: [], node: [] };
  for (let i = 0; i < rounds; i++) {
    for (const [language, program] of Object.entries(programs)) {
      const { seconds, peakMegabytes } = await pulumi(program, "preview", "--expect-no-changes");
      results[language].push({ seconds, "largest process, MB": peakMegabytes });
    }
    console.error(`round ${i + 1} of ${rounds}`);
  }
  console.log(
    `An EtcdRbac of ${names.length} users, \`pulumi preview --expect-no-changes\`, ${rounds} rounds in turns.\n`,
  );
  console.log(ratioTable("Pulumi YAML", "Node.js", results.yaml, results.node));
} finally {
  await cluster.stop();
  rmSync(state, { recursive: true, force: true });
}
process.exit(0);
