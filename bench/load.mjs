// What `require("etcd-pki")` adds over Pulumi's own packages: node bench/load.mjs
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "./measure.mjs";

const rounds = 15;
const directory = resolve(fileURLToPath(import.meta.url), "../../.build/bench/load");
mkdirSync(directory, { recursive: true });
writeFileSync(`${directory}/package.json`, '{ "name": "load" }');
writeFileSync(
  `${directory}/load.cjs`,
  `const tls = require("@pulumi/tls");
  require("@pulumi/pulumi");
  [tls.PrivateKey, tls.CertRequest, tls.SelfSignedCert, tls.LocallySignedCert];
  const before = process.hrtime.bigint();
  require("etcd-pki");
  const milliseconds = Number(process.hrtime.bigint() - before) / 1e6;
  const loaded = Object.keys(require.cache);
  const optional = ["etcd3", "@pulumi/kubernetes"].filter((name) => loaded.some((file) => file.includes("/node_modules/" + name + "/")));
  console.log(JSON.stringify({ milliseconds, optional }));`,
);
const runs = Array.from({ length: rounds }, () =>
  JSON.parse(execFileSync(process.execPath, ["load.cjs"], { cwd: directory, encoding: "utf8" })),
);
const times = runs.map(({ milliseconds }) => milliseconds);
const spread = `${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)}`;
console.log(
  `require("etcd-pki") adds ${median(times).toFixed(1)} ms (${spread}, ${rounds} runs) over @pulumi/pulumi and @pulumi/tls.`,
);
console.log(`Optional packages loaded by it: ${runs[0].optional.join(", ") || "none"}.`);
