// All benchmarks, one after the other; writes what they print into bench/README.md: npm run bench [-- pki load rbac languages]
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pulumiPath } from "./measure.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const readme = join(here, "README.md");
const usual = {
  load: "half a minute",
  pki: "15 minutes, most of it for 300 identities",
  rbac: "10 minutes",
  languages: "2 minutes",
};
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(usual);

const version = (command, ...args) => spawnSync(command, args, { encoding: "utf8" }).stdout?.trim();
const machine = [
  `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB`,
  `Node.js ${process.version}`,
  `pulumi ${version(pulumiPath(), "version")}`,
  new Date().toISOString().slice(0, 10),
].join(", ");

for (const name of wanted) {
  console.error(`Benchmark ${name}: usually ${usual[name]} ...`);
  const { status, stdout } = spawnSync(process.execPath, [join(here, `${name}.mjs`)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) process.exit(1);
  console.log(stdout);
  record(name, `_${machine}_\n\n${stdout.trim()}`);
}

function record(name, figures) {
  const text = existsSync(readme) ? readFileSync(readme, "utf8") : "";
  const between = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*(<!-- /${name} -->)`);
  writeFileSync(
    readme,
    text.replace(between, (_, begin, end) => `${begin}${figures}\n${end}`),
  );
}
