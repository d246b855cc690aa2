// EtcdPki beside a bare program with the same keys and certificates, run in turns on the real engine: node bench/pki.mjs [identities...]
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { measured, median, pulumiPath, ratioTable } from "./measure.mjs";

const root = resolve(fileURLToPath(import.meta.url), "../..");
const rounds = { 3: 7, 30: 5, 300: 1 };
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [3, 30, 300];

const componentProgram = (identities) => `
const { EtcdPki } = require("etcd-pki");
const components = Object.fromEntries(Array.from({ length: ${identities} }, (_, i) => ["user-" + i, {}]));
const pki = new EtcdPki("etcd", { components });
exports.caBundlePem = pki.caBundlePem;
`;

const bareProgram = (identities) => `
const tls = require("@pulumi/tls");
const curve = { algorithm: "ECDSA", ecdsaCurve: "P256" };
const [[caKey, ca]] = ["etcd-ca-1", "etcd-peers-ca-1"].map((commonName) => {
  const key = new tls.PrivateKey(commonName, curve);
  return [key, new tls.SelfSignedCert(commonName, {
    privateKeyPem: key.privateKeyPem, subject: { commonName }, isCaCertificate: true, setSubjectKeyId: true,
    allowedUses: ["cert_signing", "crl_signing"], validityPeriodHours: 87600, earlyRenewalHours: 0,
  })];
});
for (let i = 0; i < ${identities}; i++) {
  const name = "etcd-component-user-" + i;
  const key = new tls.PrivateKey(name, curve);
  const request = new tls.CertRequest(name, {
    privateKeyPem: key.privateKeyPem, subject: { commonName: "user-" + i }, dnsNames: [], ipAddresses: [],
  });
  new tls.LocallySignedCert(name, {
    certRequestPem: request.certRequestPem, caCertPem: ca.certPem, caPrivateKeyPem: caKey.privateKeyPem,
    allowedUses: ["digital_signature", "client_auth"], setSubjectKeyId: true, validityPeriodHours: 8760, earlyRenewalHours: 720,
  });
}
exports.caBundlePem = ca.certPem;
`;

const runtime = "runtime:\n  name: nodejs\n  options:\n    typescript: false\n";

function project(name, source) {
  const directory = join(root, ".build/bench", name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "index.js"), source);
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name, main: "index.js" }));
  writeFileSync(join(directory, "Pulumi.yaml"), `name: bench\n${runtime}`);
  return directory;
}

async function round(directory) {
  const state = mkdtempSync(join(tmpdir(), "bench-"));
  const pulumi = (...args) => measured(pulumiPath(), [...args, "--non-interactive"], { cwd: directory, state });
  await pulumi("stack", "init", "bench");
  const up = await pulumi("up", "--yes", "--skip-preview");
  const preview = await pulumi("preview", "--expect-no-changes");
  const stateBytes = statSync(join(state, ".pulumi/stacks/bench/bench.json")).size;
  rmSync(state, { recursive: true, force: true });
  return {
    "first up, s": up.seconds,
    "no-change preview, s": preview.seconds,
    "peak memory of up, MB": up.peakMegabytes,
    "peak memory of preview, MB": preview.peakMegabytes,
    "state, bytes": stateBytes,
  };
}

for (const identities of sizes) {
  const directories = [
    project(`component-${identities}`, componentProgram(identities)),
    project(`bare-${identities}`, bareProgram(identities)),
  ];
  const results = [[], []];
  // The largest warms up by itself.
  for (let i = identities < 300 ? 0 : 1; i <= rounds[identities]; i++) {
    console.error(
      `${identities} identities, round ${i} of ${rounds[identities]} (round 0 warms up and is not counted)`,
    );
    // In turns, and each first every other time, so that a machine that slows down slows both.
    for (const side of i % 2 === 0 ? [0, 1] : [1, 0]) {
      const figures = await round(directories[side]);
      if (i > 0) results[side].push(figures);
    }
  }
  console.log(`\n### ${identities} identities, ${rounds[identities]} round(s)\n`);
  console.log(ratioTable("EtcdPki", "bare", ...results));
  const perIdentity = results.map((side) =>
    Math.round(median(side.map((figures) => figures["state, bytes"])) / identities),
  );
  console.log(`\nState an identity: ${perIdentity[0]} bytes with EtcdPki, ${perIdentity[1]} bare.`);
}
