// `npm test`: sets up what is missing, runs the groups of tests that are named (default: all but those that run by name
// only), and closes with one line of totals. `npm run test:all` (`all`) runs every group, and on every version of etcd.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, homedir } from "node:os";
import { delimiter, join } from "node:path";
import { build, install, root, run } from "./set-up.mjs";

const TOTALS = { passed: 0, failed: 0, skipped: [] };

/** Each group: what it is, how long it usually takes alone on two cores, and, if it is special, when it runs. */
const GROUPS = {
  check: { what: "types, lint and format", usual: "40 s" },
  unit: { what: "pure functions", usual: "10 s" },
  component: { what: "the resources of Pulumi programs", usual: "30 s" },
  package: { what: "the packed package in empty projects", usual: "2 min" },
  etcd: { what: "real etcd clusters; the first run builds etcd, 1 min more", usual: "2 min" },
  engine: { what: "whole stacks on the stand-in for the engine; with Pulumi on it, too, 10 min more", usual: "3 min" },
  years: {
    what: "ten years of a stack on the stand-in for the engine; with Pulumi on it, too, 30 min more",
    usual: "15 min",
    byName: true,
  },
  kubernetes: {
    what: "a real kube-apiserver; the first run builds it",
    usual: "1 min",
    byName: true,
  },
  lanes: {
    what: "the oldest and newest packages on Node.js 20, 22 and 24; the first run installs them, 5 min more",
    usual: "10 min",
    byName: true,
  },
  consumers: {
    what: "programs that use etcd; the first run builds and installs them, 15 min more",
    usual: "3 min",
    byName: true,
  },
};

/** Groups that wait for servers and processes more than they compute: their files go to so many processes. */
const PARTS = { engine: 3, etcd: 5 };

async function setUp() {
  if (!(await install())) {
    console.error("npm ci failed; see above.\n0 passed, 1 failed, 0 skipped");
    process.exit(1);
  }
  // The tests can say more than the compiler alone, so its errors do not stop them.
  TOTALS.failed += (await build()) ? 0 : 1;
}

/**
 * Runs groups, as many parts of them at a time as keep the machine busy: most tests wait for others. Where Pulumi is there,
 * one after the other.
 */
async function runGroups(names, together) {
  const parts = names.flatMap((name) => partsOf(name, together));
  const etcd = together && parts.some(({ group }) => PARTS[group]) ? buildEtcd() : undefined;
  const inTurn = async () => {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      if (PARTS[part.group]) await etcd;
      await runPart(part);
    }
  };
  await Promise.all(Array.from({ length: together ? 3 * availableParallelism() : 1 }, inTurn));
}

// Once, and not in each part by itself. Where it fails, the tests say so.
const buildEtcd = () => {
  const build = "const etcd = require('./test/support/etcd-binaries'); etcd.etcdBinaries(etcd.DEFAULT_ETCD_VERSION)";
  return run("node", ["--require", "tsx/cjs", "--eval", build], {}, "etcd");
};

/** The parts of a group, each with its label, and with its share of the files. */
function partsOf(name, together) {
  const count = (together && PARTS[name]) || 1;
  const left = { count, seconds: 0, passed: 0, failed: 0, skipped: [] };
  return Array.from({ length: count }, (_, i) => ({
    group: name,
    label: !together ? "" : count === 1 ? name : `${name} ${i + 1}/${count}`,
    files: testFiles(name).filter((_, at) => at % count === i),
    left,
  }));
}

async function runPart({ group, label, files, left }) {
  const { what, usual } = GROUPS[group];
  console.log(`\n== ${label || group}: ${what} (usually ${usual}) ==`);
  const begin = Date.now();
  const { passed, failed, skipped } = await (group === "check" ? check(label) : mocha(group, label, files));
  left.seconds = Math.max(left.seconds, Math.round((Date.now() - begin) / 1000));
  left.passed += passed;
  left.failed += failed;
  left.skipped.push(...skipped.map((skip) => ({ group, ...skip })));
  left.count -= 1;
  if (left.count > 0) return;
  console.log(
    `== ${group}: ${left.passed} passed, ${left.failed} failed, ${left.skipped.length} skipped, ${left.seconds} s ==`,
  );
  TOTALS.passed += left.passed;
  TOTALS.failed += left.failed;
  TOTALS.skipped.push(...left.skipped);
}

// Pulumi installs this package in its own folder when a YAML program uses it, under the feet of whatever runs beside.
const hasPulumi = () =>
  [...(process.env.PATH ?? "").split(delimiter), join(homedir(), ".pulumi/bin"), join(root, ".build/pulumi/bin")].some(
    (folder) => existsSync(join(folder, "pulumi")),
  );

async function check(label) {
  const ok = (await run("npm", ["run", "--silent", "check"], {}, label)) === 0;
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: [] };
}

async function mocha(name, label, files) {
  const crashed = (why) => (console.error(`The group ${label || name} ${why}.`), { passed: 0, failed: 1, skipped: [] });
  if (files.length === 0) return crashed(`has no tests in test/${name}`);
  const totalsFile = join(root, ".build", `totals-${process.pid}-${(label || name).replace(/\W/g, "-")}.json`);
  const flags = ["--forbid-only", "--exit", "--reporter=test/support/reporter.ts"];
  const args = ["node_modules/mocha/bin/mocha.js", ...flags, ...files];
  const code = await run("node", args, { TEST_TOTALS_FILE: totalsFile, ...(everything && { TEST_ALL: "yes" }) }, label);
  if (!existsSync(totalsFile)) return crashed("ended before its tests did; see above");
  const totals = JSON.parse(readFileSync(totalsFile, "utf8"));
  rmSync(totalsFile);
  if (totals.passed + totals.failed + totals.skipped.length === 0) return crashed("ran no test");
  return { ...totals, failed: code !== 0 && totals.failed === 0 ? 1 : totals.failed };
}

function testFiles(name) {
  const folder = join(root, "test", name);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith(".test.ts"));
  return files.sort().map((file) => join("test", name, file));
}

function chosenGroups(names) {
  const unknown = names.filter((name) => name !== "all" && !(name in GROUPS));
  if (unknown.length > 0) {
    console.error(`Unknown group: ${unknown.join(", ")}. Known: all, ${Object.keys(GROUPS).join(", ")}.`);
    process.exit(1);
  }
  const byDefault = (name) => names.length === 0 && !GROUPS[name].byName;
  return Object.keys(GROUPS).filter((name) => byDefault(name) || names.includes("all") || names.includes(name));
}

function closingLines(groups) {
  const left = Object.keys(GROUPS).filter((name) => !groups.includes(name));
  if (left.length > 0) console.log(`not asked for: ${left.join(", ")} (npm test -- ${left.join(" ")})`);
  const titles = {};
  for (const { group, title, reason } of TOTALS.skipped)
    (titles[`${group}: ${reason}`] ??= { group, reason, all: [] }).all.push(title);
  for (const { group, reason, all } of Object.values(titles)) {
    console.log(`skipped: ${group}: ${all[0]}${all.length > 1 ? ` and ${all.length - 1} more` : ""}: ${reason}`);
  }
  console.log(`${TOTALS.passed} passed, ${TOTALS.failed} failed, ${TOTALS.skipped.length} skipped`);
}

const begin = Date.now();
const everything = process.argv.includes("all");
const groups = chosenGroups(process.argv.slice(2));
mkdirSync(join(root, ".build"), { recursive: true });
await setUp();
await runGroups(groups, !hasPulumi());
console.log(`\n${everything ? "All groups" : "Together"}: ${Math.round((Date.now() - begin) / 1000)} s`);
closingLines(groups);
process.exit(TOTALS.failed === 0 ? 0 : 1);
