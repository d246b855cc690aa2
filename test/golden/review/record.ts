// Records what `pulumi preview --json` says in each of these cases, and the review of it, with the real engine and a real etcd:
//   npm run build && node --require tsx/cjs test/golden/review/record.ts
// With cases' names behind it (with commas), only those are recorded; with the word "reviews", only the reviews are written anew, from the
// previews that are there.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "prettier";
import { markdown } from "../../../src/cli/review/markdown";
import { readPreview } from "../../../src/cli/review/preview";
import { reviewOf } from "../../../src/cli/review/review";
import { type Cluster, startCluster } from "../../support/etcd-cluster";
import type { KeyPair } from "../../support/issue-certificates";
import { changeState, openRealStack } from "../../support/real-stack";

const program = `
const { EtcdPki, EtcdRbac, EtcdSecrets } = require("etcd-pki");
const { endpoints, namespace, ...args } = JSON.parse(process.env.DECLARED);
const pki = new EtcdPki("etcd", args);
const { caBundlePem, members, components } = pki;
if (endpoints) {
  const administrator = components.root;
  new EtcdRbac("etcd", { endpoints, caBundlePem, administrator, components: args.components });
}
if (namespace) {
  const kubernetes = require("@pulumi/kubernetes");
  const provider = new kubernetes.Provider("files", { renderYamlToDirectory: "rendered" });
  new EtcdSecrets("secrets", { namespace, secrets: { "app-etcd": { ...components.app } } }, { provider });
}
module.exports = { caBundlePem, members };
`;

const hosts = (name: string) => ({ hosts: [`${name}.example.com`] });
const app = { permissions: [{ prefix: "/app/", access: "readwrite" }] };
const declared = {
  members: { "etcd-1": hosts("etcd-1"), "etcd-2": hosts("etcd-2"), "etcd-3": hosts("etcd-3") },
  components: { root: {}, app, backup: { permissions: [{ prefix: "/", access: "read" }] } },
};
const withoutBackup = { root: {}, app };
const both = ["1", "2"];
const trusting = (certificateAuthority: object) => ({ ...declared, certificateAuthority });
const byPassword = (password: string) => ({ ...app, login: "password", password });
const withApp = (own: object) => ({ ...declared, components: { ...declared.components, app: own } });
const narrowed = { permissions: [{ prefix: "/app/", access: "read" }] };

/** One preview. What is a step of its own is then made, so that the next one follows it. */
interface Case {
  declared: object;
  isMade?: true;
  withEtcd?: true;
  before?: (state: State) => void;
}

/** The previews of each stack, in their order. */
const stacks: Record<string, Case>[] = [
  {
    "first-update": { declared, isMade: true },
    nothing: { declared },
    "new-member": { declared: { ...declared, members: { ...declared.members, "etcd-4": hosts("etcd-4") } } },
    "host-change": { declared: { ...declared, members: { ...declared.members, "etcd-1": hosts("etcd-one") } } },
    "new-key": { declared: { ...declared, components: { ...declared.components, app: { ...app, rotateKey: "2026-11" } } } },
    refusal: { declared: trusting({ generations: ["2"] }) },
    "rotation-trust": { declared: trusting({ generations: both, signing: "1" }), isMade: true },
    "rotation-sign": { declared: trusting({ generations: both, signing: "2" }), isMade: true },
    "rotation-distrust": { declared: trusting({ generations: ["2"], distrusted: ["1"] }), isMade: true },
    "rotation-retire": { declared: trusting({ generations: ["2"] }), isMade: true },
    "cross-signed-sign": {
      declared: trusting({ generations: ["2", "3"], signing: "3", crossSignedBy: { "3": "2" } }),
      isMade: true,
    },
    "cross-signed-distrust": {
      declared: trusting({ generations: ["3"], distrusted: ["2"], crossSignedBy: { "3": "2" } }),
      isMade: true,
    },
    "cross-signed-retire": { declared: trusting({ generations: ["3"], distrusted: ["2"] }), isMade: true },
    renewal: { declared: trusting({ generations: ["3"], distrusted: ["2"] }), before: openRenewalWindows },
  },
  {
    "": { declared, isMade: true },
    "users-and-roles": { declared, withEtcd: true, isMade: true },
    "permission-narrowed": {
      declared: { ...declared, components: { ...declared.components, app: narrowed } },
      withEtcd: true,
    },
    "component-removed": { declared: { ...declared, components: withoutBackup }, withEtcd: true },
    "login-changed": { declared: withApp(byPassword("first")), withEtcd: true, isMade: true },
    "password-changed": { declared: withApp(byPassword("second")), withEtcd: true },
  },
  {
    "secret-published": { declared: { ...declared, namespace: "app" }, isMade: true },
    "secret-renewed": {
      declared: { ...declared, components: { ...declared.components, app: { ...app, renewNow: "2026-11" } }, namespace: "app" },
    },
  },
];

interface State {
  deployment: { resources: { type: string; urn: string; outputs?: Record<string, unknown> }[] };
}

// The provider compares this end with its clock, and no clock is moved.
function openRenewalWindows({ deployment }: State): void {
  const soon = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString();
  for (const { type, urn, outputs } of deployment.resources)
    if (type.endsWith(":LocallySignedCert") && /-(member-etcd-1|component-app)$/.test(urn))
      Object.assign(outputs ?? {}, { validityEndTime: soon });
}

const [, , only] = process.argv;
const isWanted = (name: string) => only === undefined || only.split(",").includes(name);

async function recordStack(cases: Record<string, Case>): Promise<void> {
  const stack = await openRealStack(program);
  let cluster: Cluster | undefined;
  try {
    for (const [name, { declared: own, isMade, withEtcd, before }] of Object.entries(cases)) {
      if (before) await changeState(stack, before);
      if (withEtcd) cluster ??= await startEtcd(await stack.outputs());
      const declaration = { ...own, ...(withEtcd && { endpoints: cluster?.endpoints }) };
      if (name !== "" && isWanted(name)) await write(name, await stack.run(["preview", "--json"], declaration, { mayFail: true }));
      if (isMade) await stack.run(["up", "--yes", "--skip-preview", "--suppress-outputs"], declaration);
      console.log(name || "(made)");
    }
  } finally {
    await cluster?.stop();
    stack.dispose();
  }
}

const startEtcd = ({ caBundlePem, members }: { caBundlePem: string; members: Record<string, KeyPair> }) =>
  startCluster({ version: "3.6", directory: mkdtempSync(join(tmpdir(), "review-")), caBundlePem, members });

// Where and when it ran, and what no review reads.
const left = /^(sourcePosition|stackTrace|created|modified|dependencies|propertyDependencies|duration|__.*)$/;

async function write(name: string, preview: string): Promise<void> {
  const kept = JSON.stringify(JSON.parse(preview), (key, value: unknown) => (left.test(key) ? undefined : value));
  writeFileSync(join(__dirname, `${name}.json`), await format(kept, { parser: "json", printWidth: 120 }));
}

const recorded = () => readdirSync(__dirname).filter((file) => file.endsWith(".json"));

function writeReviews(): void {
  for (const file of recorded()) {
    const review = reviewOf(readPreview(readFileSync(join(__dirname, file), "utf8")));
    writeFileSync(join(__dirname, file.replace(".json", ".md")), `${markdown(review)}\n`);
  }
}

async function record(): Promise<void> {
  if (only === undefined) for (const file of recorded()) rmSync(join(__dirname, file));
  for (const stack of stacks) if (Object.keys(stack).some(isWanted)) await recordStack(stack);
  writeReviews();
}

void record();
