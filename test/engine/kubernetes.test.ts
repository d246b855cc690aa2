import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import type { EngineError, Project, Run, StateResource } from "../support/engine/engine";
import { standIn } from "../support/engine/stand-in/stand-in";
import { requireKubernetesProvider } from "../support/kubernetes-provider";
import { writeProgram } from "../support/program";

const secretType = "kubernetes:core/v1:Secret";
const inDays = (days: number) => ({ ETCD_PKI_NOW: new Date(Date.now() + days * 86_400_000).toISOString() });
const program = (settings: string, kubernetes = `{ namespace: "etcd", publishAll: true }`) => `
const pulumi = require("@pulumi/pulumi");
const k8s = require("@pulumi/kubernetes");
const { EtcdPki } = require("etcd-pki");
const provider = new k8s.Provider("cluster", { ${settings} });
const pki = new EtcdPki(
  "etcd",
  { members: { "etcd-1": { hosts: ["10.0.0.1"] } }, components: { "my-app": {} }, kubernetes: ${kubernetes} },
  { providers: [provider] },
);
exports.secrets = pki.secrets;
`;

const ops = ({ steps }: Run, type = secretType) => steps.filter((step) => step.type === type).map(({ op }) => op);
const secretNamed = async (project: Project, name: string): Promise<StateResource> => {
  const { deployment } = await project.exportState();
  const found = deployment.resources?.find(({ type, urn }) => type === secretType && urn.endsWith(`::${name}`));
  assert.ok(found, name);
  return found;
};
const annotationsIn = async (project: Project): Promise<Record<string, string>> => {
  const { inputs } = await secretNamed(project, "etcd-secret-etcd-my-app");
  return (inputs?.metadata as { annotations: Record<string, string> }).annotations;
};

for (const mutable of [true, false]) {
  describe(`Secrets of a provider with enableSecretMutable ${mutable}, on the stand-in`, () => {
    let project: Project;
    let first: Run;

    before(async () => {
      const settings = `enableSecretMutable: ${mutable}`;
      project = await standIn.open(writeProgram(`kubernetes-${mutable ? "mutable" : "default"}`, program(settings)));
      first = await project.up();
    });
    after(() => project.dispose());

    it("are made, once", async () => {
      assert.deepEqual(ops(first), ["create", "create"]);
      const again = await project.up();
      assert.ok(again.steps.every(({ op }) => op === "same"));
    });

    it(mutable ? "give no warning" : "warn once of the gap at renewal", () => {
      assert.equal(first.log.split("enableSecretMutable: true on the k8s.Provider").length - 1, mutable ? 0 : 1);
    });

    it("keep private keys out of the state and the log", async () => {
      assert.doesNotMatch(JSON.stringify(await project.exportState()) + first.log, /PRIVATE KEY/);
    });

    it(`are ${mutable ? "updated in place" : "replaced"} at a renewal, with the same checksum of the bundle`, async () => {
      const before = await annotationsIn(project);
      const announced = await project.preview({ env: inDays(350) });
      const renewed = await project.up({ env: inDays(350) });
      const op = mutable ? "update" : "replace";
      assert.deepEqual([ops(announced), ops(renewed)], [Array(2).fill(op), Array(2).fill(op)]);
      const after = await annotationsIn(project);
      const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
      assert.deepEqual(changed.sort(), ["etcd-pki/leaf-checksum", "etcd-pki/not-after", "etcd-pki/not-before"]);
    });
  });
}

describe("A namespace that is known only in the update, on the stand-in", () => {
  it("is refused in words where Kubernetes would not take it", async () => {
    const kubernetes = `{ publishAll: true, namespace: provider.id.apply(() => "Kube System") }`;
    const project = await standIn.open(writeProgram("kubernetes-namespace", program("", kubernetes)));
    await assert.rejects(project.up(), /the namespace "Kube System" is none that Kubernetes takes \(RFC 1123\)/);
    await project.dispose();
  });

  it("is refused before anything is made if it is known at once, and is not shown if it is a secret", async () => {
    const kubernetes = `{ publishAll: true, namespace: pulumi.secret("Kube System") }`;
    const project = await standIn.open(writeProgram("kubernetes-namespace", program("", kubernetes)));
    await assert.rejects(project.up(), ({ log, steps }: EngineError) => {
      assert.match(log, /the namespace \[secret\] is none that Kubernetes takes/);
      assert.doesNotMatch(log, /Kube System/);
      return steps.every(({ type }) => !type.startsWith("tls:") && type !== secretType);
    });
    await project.dispose();
  });
});

describe("The example kubernetes-secrets, on the stand-in", () => {
  it("publishes four Secrets and Calico's ConfigMap", async () => {
    const config = { kubeconfig: { value: "{}", secret: true as const }, namespace: "kube-system" };
    const project = await standIn.open(resolve(__dirname, "../../examples/kubernetes-secrets"), { config });
    const { steps, outputs } = await project.up();
    const { deployment } = await project.exportState();
    await project.dispose();
    assert.equal(steps.filter(({ type }) => type === secretType).length, 4);
    const configMap = deployment.resources?.find(({ type }) => type === "kubernetes:core/v1:ConfigMap");
    assert.deepEqual(configMap?.inputs?.data, {
      etcd_endpoints: "https://10.0.0.1:2379,https://10.0.0.2:2379,https://10.0.0.3:2379",
      etcd_ca: "/calico-secrets/etcd-ca",
      etcd_cert: "/calico-secrets/etcd-cert",
      etcd_key: "/calico-secrets/etcd-key",
    });
    assert.equal(outputs.secrets?.value["calico-kube-controllers-etcd"].defaultMode, 0o440);
  });
});

const yamlProgram = (directory: string) => `
name: kubernetes-yaml
runtime: yaml
packages:
  etcd-pki: ${resolve(__dirname, "../..")}
resources:
  cluster:
    type: pulumi:providers:kubernetes
    properties:
      renderYamlToDirectory: ${directory}
  etcd:
    type: etcd-pki:EtcdPki
    properties:
      components:
        calico-node: {}
      kubernetes:
        namespace: kube-system
        secrets:
          calico-etcd-secrets: { identity: calico-node, layout: calico }
    options:
      providers: ["\${cluster}"]
outputs:
  name: \${etcd.secrets["calico-etcd-secrets"].name}
  environment: \${etcd.secrets["calico-etcd-secrets"].config["calico"]}
`;

describe("Secrets in Pulumi YAML, on Pulumi's own engine", () => {
  const directory = mkdtempSync(join(tmpdir(), "etcd-pki-rendered-"));
  after(() => rmSync(directory, { recursive: true }));

  it("get the provider of the options and tell the same as in TypeScript", async function () {
    const engine = await requireKubernetesProvider(this);
    const program = writeProgram("kubernetes-yaml", "");
    writeFileSync(join(program, "Pulumi.yaml"), yamlProgram(directory));
    const project = await engine.open(program);
    const { outputs } = await project.up();
    await project.dispose();
    assert.equal(outputs.name?.value, "calico-etcd-secrets");
    assert.deepEqual(outputs.environment?.value, {
      ETCD_CA_CERT_FILE: "/calico-secrets/etcd-ca",
      ETCD_CERT_FILE: "/calico-secrets/etcd-cert",
      ETCD_KEY_FILE: "/calico-secrets/etcd-key",
    });
    const rendered = readFileSync(join(directory, "1-manifest/v1-secret-kube-system-calico-etcd-secrets.yaml"), "utf8");
    assert.match(rendered, /etcd-pki\/identity: calico-node/);
  });
});
