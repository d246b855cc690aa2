// EtcdRbac beside a shell script of etcdctl calls and the same calls made raw, in turns, on a cluster of three members:
// node bench/rbac.mjs [rounds]
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { Buffer } from "node:buffer";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { measured, median, pulumiPath } from "./measure.mjs";

const root = resolve(fileURLToPath(import.meta.url), "../..");
const require = createRequire(import.meta.url);
require("tsx/cjs");
const { startCluster } = require("../test/support/etcd-cluster.ts");
const { testAuthority } = require("../test/support/issue-certificates.ts");
const { Etcd3 } = require("etcd3");

const rounds = Number(process.argv[2] ?? 3);
const users = 200;
const permissionsEach = 5;
const names = Array.from({ length: users }, (_, i) => `user-${i}`);
const prefixes = (name) => Array.from({ length: permissionsEach }, (_, i) => `/${name}/${i}/`);

const directory = mkdtempSync(join(tmpdir(), "bench-rbac-"));
const authority = await testAuthority("bench-ca");
const member = async (name) => [name, await authority.issue({ commonName: name })];
const members = Object.fromEntries(await Promise.all(["etcd-1", "etcd-2", "etcd-3"].map(member)));
const cluster = await startCluster({ version: "3.6", directory, caBundlePem: authority.certPem, members });
const administrator = await authority.issue({ commonName: "root", hosts: [], usages: ["client"] });
const file = (name, content) => (writeFileSync(join(directory, name), content, { mode: 0o600 }), join(directory, name));
const files = {
  ca: file("ca.pem", authority.certPem),
  cert: file("root.pem", administrator.certPem),
  key: file("root-key.pem", administrator.privateKeyPem),
};

const etcdctl = `${cluster.binaries.etcdctl} --endpoints=${cluster.endpoints[0]} --cacert=${files.ca} --cert=${files.cert} --key=${files.key}`;
const script = file(
  "users-and-roles.sh",
  [
    "set -e",
    ...["root", ...names].map((name) => `$E role add ${name}`),
    ...names.flatMap((name) =>
      prefixes(name).map((prefix) => `$E role grant-permission ${name} readwrite --prefix ${prefix}`),
    ),
    ...["root", ...names].map((name) => `$E user add ${name} --no-password`),
    ...["root", ...names].map((name) => `$E user grant-role ${name} ${name}`),
    "$E auth enable",
  ].join("\n"),
);
const scriptCalls = readFileSync(script, "utf8").split("\n").length - 1;

const rawClient = () =>
  new Etcd3({
    hosts: cluster.endpoints[0],
    credentials: {
      rootCertificate: Buffer.from(authority.certPem),
      certChain: Buffer.from(administrator.certPem),
      privateKey: Buffer.from(administrator.privateKeyPem),
    },
    grpcOptions: { "grpc.ssl_target_name_override": "localhost" },
  });

async function reset() {
  const etcd = rawClient();
  await etcd.auth.authDisable().catch(() => undefined);
  for (const name of (await etcd.auth.userList()).users) await etcd.auth.userDelete({ name });
  for (const role of (await etcd.auth.roleList()).roles) await etcd.auth.roleDelete({ role });
  etcd.close();
}

// A process of its own, as Pulumi's provider is one: each call of a fresh process takes longer than of one that runs on.
const rawCalls = file(
  "raw-calls.cjs",
  `
const { readFileSync } = require("node:fs");
const { Etcd3 } = require(${JSON.stringify(require.resolve("etcd3"))});
const etcd = new Etcd3({
  hosts: ${JSON.stringify(cluster.endpoints[0])},
  credentials: {
    rootCertificate: readFileSync(${JSON.stringify(files.ca)}),
    certChain: readFileSync(${JSON.stringify(files.cert)}),
    privateKey: readFileSync(${JSON.stringify(files.key)}),
  },
  grpcOptions: { "grpc.ssl_target_name_override": "localhost" },
});
const { auth } = etcd;
const prefixes = ${JSON.stringify(Object.fromEntries(names.map((name) => [name, prefixes(name)])))};
const names = Object.keys(prefixes);
(async () => {
  const started = process.hrtime.bigint();
  for (const name of ["root", ...names]) await auth.roleAdd({ name });
  for (const name of names)
    for (const prefix of prefixes[name]) {
      const perm = { permType: "Readwrite", key: Buffer.from(prefix), range_end: Buffer.from(prefix.slice(0, -1) + "0") };
      await auth.roleGrantPermission({ name, perm });
    }
  for (const name of ["root", ...names]) await auth.userAdd({ name, options: { no_password: true } });
  for (const name of ["root", ...names]) await auth.userGrantRole({ user: name, role: name });
  await auth.authEnable();
  console.log(Number(process.hrtime.bigint() - started) / 1e9);
  etcd.close();
})();
`,
);

const program = join(root, ".build/bench/rbac");
mkdirSync(program, { recursive: true });
writeFileSync(
  join(program, "Pulumi.yaml"),
  "name: bench\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
);
writeFileSync(join(program, "package.json"), JSON.stringify({ name: "rbac", main: "index.js" }));
writeFileSync(
  join(program, "index.js"),
  `
const pulumi = require("@pulumi/pulumi");
const { EtcdRbac } = require("etcd-pki");
const read = (name) => require("node:fs").readFileSync(${JSON.stringify(directory)} + "/" + name, "utf8");
const permissions = (i) => Array.from({ length: ${permissionsEach} }, (_, n) => ({ prefix: "/user-" + i + "/" + n + "/", access: "readwrite" }));
const components = { root: {} };
for (let i = 0; i < ${users}; i++) components["user-" + i] = { permissions: permissions(i) };
if (process.env.FEWER) components["user-7"].permissions.pop();
const administrator = { certPem: read("root.pem"), privateKeyPem: pulumi.secret(read("root-key.pem")) };
new EtcdRbac("etcd", { endpoints: ${JSON.stringify(cluster.endpoints)}, caBundlePem: read("ca.pem"), administrator, components });
`,
);

async function round() {
  const state = mkdtempSync(join(tmpdir(), "bench-"));
  const pulumi = (env, ...args) => measured(pulumiPath(), [...args, "--non-interactive"], { cwd: program, state, env });
  await reset();
  const scripted = await measured("sh", [script], { env: { E: etcdctl } });
  await reset();
  const raw = Number((await measured(process.execPath, [rawCalls], {})).output);
  await reset();
  await pulumi({}, "stack", "init", "bench");
  const up = await pulumi({}, "up", "--yes", "--skip-preview");
  const counts = [await requests()];
  const same = await pulumi({}, "up", "--yes", "--skip-preview");
  counts.push(await requests());
  const one = await pulumi({ FEWER: "1" }, "up", "--yes", "--skip-preview");
  counts.push(await requests());
  const stateBytes = statSync(join(state, ".pulumi/stacks/bench/bench.json")).size;
  rmSync(state, { recursive: true, force: true });
  if (!/4 unchanged/.test(same.output)) throw new Error(same.output);
  const [sameByEtcd, oneByEtcd] = [difference(counts[0], counts[1]), difference(counts[1], counts[2])];
  return { scripted, raw, up, same, one, stateBytes, sameByEtcd, oneByEtcd };
}

// Counted by etcd itself.
async function requests() {
  const sums = {};
  for (const endpoint of cluster.endpoints) {
    const args = ["-s", "--cacert", files.ca, "--cert", files.cert, "--key", files.key, `${endpoint}/metrics`];
    const text = spawnSync("curl", args, { encoding: "utf8" }).stdout;
    for (const [, method, count] of text.matchAll(
      /^grpc_server_handled_total\{.*grpc_method="(\w+)",grpc_service="etcdserverpb.Auth".*\} (\d+)/gm,
    ))
      sums[method] = (sums[method] ?? 0) + Number(count);
  }
  return sums;
}

const difference = (before, after) =>
  Object.keys(after)
    .map((method) => [method, after[method] - (before[method] ?? 0)])
    .filter(([, count]) => count > 0)
    .map(([method, count]) => `${count} ${method}`)
    .join(", ");

const work = ({ output }) => /: (\d+) changes, (\d+) reads, ([\d.]+) s/.exec(output)?.slice(1).map(Number) ?? [0, 0, 0];
const results = [];
try {
  for (let i = 0; i < rounds; i++) {
    results.push(await round());
    console.error(`round ${i + 1} of ${rounds}`);
  }
} finally {
  await cluster.stop();
  rmSync(directory, { recursive: true, force: true });
}

const of = (figure) => median(results.map(figure));
const spread = (figure) => {
  const all = results.map(figure);
  return `${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)}`;
};
const row = (what, figure, ratio) =>
  `| ${what} | ${of(figure).toFixed(2)} s | ${ratio ? of(ratio).toFixed(2) : ""} | ${ratio ? spread(ratio) : ""} |`;
const [changes, reads] = work(results[0].up);
const [oneChanges, oneReads] = work(results[0].one);
console.log(
  [
    `${users} users with ${users * permissionsEach} permissions, three members of etcd ${cluster.binaries.version}, ${rounds} rounds in turns. Medians.`,
    "",
    "| | time | ratio, median | spread |",
    "|---|---|---|---|",
    row(`shell script, ${scriptCalls} calls of etcdctl`, (r) => r.scripted.seconds),
    row(`the same calls raw on one connection`, (r) => r.raw),
    row(
      "first `pulumi up`, engine included; to the script's",
      (r) => r.up.seconds,
      (r) => r.up.seconds / r.scripted.seconds,
    ),
    row(
      `the etcd work in it (${changes} changes, ${reads} reads); to the raw calls'`,
      (r) => work(r.up)[2],
      (r) => work(r.up)[2] / r.raw,
    ),
    row(
      "`pulumi up` with nothing changed; to the script's",
      (r) => r.same.seconds,
      (r) => r.same.seconds / r.scripted.seconds,
    ),
    row(
      "`pulumi up` with one permission less; to the script's",
      (r) => r.one.seconds,
      (r) => r.one.seconds / r.scripted.seconds,
    ),
    "",
    `Nothing changed, as etcd counted: ${results[0].sameByEtcd}.`,
    "",
    `One permission less, as the update says: ${oneChanges} change, ${oneReads} reads; as etcd counted: ${results[0].oneByEtcd}.`,
    "",
    `Largest process: ${Math.round(of((r) => r.up.peakMegabytes))} MB. State: ${Math.round(of((r) => r.stateBytes) / 1024)} KB.`,
  ].join("\n"),
);
process.exit(0);
