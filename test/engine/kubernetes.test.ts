import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import type { EngineError, Project, Run, StateResource } from "../support/engine/engine";
import { standIn } from "../support/engine/stand-in/stand-in";
import { requireKubernetesProvider } from "../support/kubernetes-provider";
import { rewriteProgram, writeProgram } from "../support/program";

const secretType = "kubernetes:core/v1:Secret";

interface Program {
  /** Of the provider. */
  settings?: string;
  pki?: string;
  namespace?: string;
  secrets?: string;
  /** Further options of each Secret. */
  more?: string;
}
const twoSecrets = `"my-app-etcd": pki.components["my-app"], "etcd-1-tls": pki.members["etcd-1"]`;
const program = ({ settings = "", pki = "", namespace = `"etcd"`, secrets = twoSecrets, more = "" }: Program = {}) => `
const pulumi = require("@pulumi/pulumi");
const k8s = require("@pulumi/kubernetes");
const { EtcdPki, EtcdSecrets } = require("etcd-pki");
const provider = new k8s.Provider("cluster", { ${settings} });
${more}
const pki = new EtcdPki("etcd", {
  members: { "etcd-1": { hosts: ["10.0.0.1"] } },
  components: { "my-app": {}, other: {} },
  ${pki}
});
const { secrets } = new EtcdSecrets("etcd", { namespace: ${namespace}, secrets: { ${secrets} } }, { provider });
exports.secrets = secrets;
`;

const ops = ({ steps }: Run, type = secretType) => steps.filter((step) => step.type === type).map(({ op }) => op);
const resourceNamed = async (project: Project, type: string, name: string): Promise<StateResource> => {
  const { deployment } = await project.exportState();
  const found = deployment.resources?.find((resource) => resource.type === type && resource.urn.endsWith(`::${name}`));
  assert.ok(found, name);
  return found;
};
const annotationsIn = async (project: Project): Promise<Record<string, string>> => {
  const { inputs } = await resourceNamed(project, secretType, "etcd-secret-my-app-etcd");
  return (inputs?.metadata as { annotations: Record<string, string> }).annotations;
};

for (const mutable of [true, false]) {
  describe(`Secrets of a provider with enableSecretMutable ${mutable}, on the stand-in`, () => {
    let project: Project;
    let first: Run;
    const settings = `enableSecretMutable: ${mutable}`;

    before(async () => {
      project = await standIn.open(
        writeProgram(`kubernetes-${mutable ? "mutable" : "default"}`, program({ settings })),
      );
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
      const state = JSON.stringify(await project.exportState());
      assert.doesNotMatch(state + first.log, /PRIVATE KEY|LS0tLS1CRUdJTiBFQyBQUklW/);
    });

    it(`are ${mutable ? "updated in place" : "replaced"} at a renewal, with the same checksum of the bundle`, async () => {
      const before = await annotationsIn(project);
      rewriteProgram(project.directory, program({ settings, pki: `defaults: { renewNow: "2026-11-25" },` }));
      const announced = await project.preview();
      const renewed = await project.up();
      const op = mutable ? "update" : "replace";
      assert.deepEqual([ops(announced), ops(renewed)], [Array(2).fill(op), Array(2).fill(op)]);
      const after = await annotationsIn(project);
      const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
      assert.ok(changed.includes("etcd-pki/leaf-checksum"));
      assert.ok(
        changed.every((name) => /leaf-checksum|not-(before|after)$/.test(name)),
        changed.join(),
      );
    });
  });
}

describe("Secrets under other handles, on the stand-in", () => {
  it("stay the same resources while their names do", async () => {
    const secrets = (handle: string) => `"${handle}": { name: "my-app-etcd", ...pki.components["my-app"] }`;
    const directory = writeProgram("kubernetes-handles", program({ secrets: secrets("my-app-etcd") }));
    const project = await standIn.open(directory);
    await project.up();
    rewriteProgram(directory, program({ secrets: secrets("application") }));
    const { steps, outputs } = await project.up();
    await project.dispose();
    assert.deepEqual(
      steps.filter(({ op }) => op !== "same"),
      [],
    );
    assert.equal(outputs.secrets?.value.application.name, "my-app-etcd");
  });

  it("are refused where another Secret comes to share a name, since the live one would be deleted", async () => {
    const alone = `certs: { name: "certs", ...pki.members["etcd-1"] }`;
    const shared = `${alone}, second: { name: "certs", namespace: "b", ...pki.members["etcd-1"] }`;
    const directory = writeProgram("kubernetes-twins", program({ secrets: alone }));
    const project = await standIn.open(directory);
    await project.up();
    rewriteProgram(directory, program({ secrets: shared }));
    await assert.rejects(project.preview(), ({ log }: EngineError) => {
      assert.match(log, /the Secret etcd\/certs was "etcd-secret-certs" .* would be "etcd-secret-etcd\/certs"/);
      return true;
    });
    await project.dispose();
  });
});

describe("Secrets that an update left out, on the stand-in", () => {
  // `ignoreChanges` of all that a Secret holds is what --exclude leaves behind.
  const leftOut = `
pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) =>
  type === "${secretType}" && name.includes("my-app")
    ? { props, opts: { ...opts, ignoreChanges: ["metadata", "data"] } }
    : undefined);
`;
  const stage = (generations: string, signing: string, more = "") =>
    program({
      settings: "enableSecretMutable: true",
      more,
      pki: `certificateAuthority: { generations: ${generations}, signing: "${signing}" },`,
    });
  const open = async (name: string) => {
    const directory = writeProgram(name, stage(`["1"]`, "1"));
    const project = await standIn.open(directory);
    await project.up();
    const run = (source: string) => {
      rewriteProgram(directory, source);
      return { preview: () => project.preview(), up: () => project.up() };
    };
    return { project, run };
  };

  it("stop no rotation that left none out", async function () {
    this.timeout(300_000);
    const { project, run } = await open("kubernetes-rotation");
    await run(stage(`["1", "2"]`, "1")).up();
    await run(stage(`["1", "2"]`, "2")).up();
    await run(stage(`["2"], distrusted: ["1"]`, "2")).up();
    await project.dispose();
  });

  it("stop the next stage in its preview, by name, and the way out that the message names works", async function () {
    this.timeout(300_000);
    const { project, run } = await open("kubernetes-left-out");
    await run(stage(`["1", "2"]`, "1", leftOut)).up();
    const record = await resourceNamed(project, "pulumi:index:Stash", "etcd-published");
    const { "etcd-secret-my-app-etcd": held, "etcd-secret-etcd-1-tls": other } = (
      record.inputs as { input: Record<string, { trusts: string; declared: string }> }
    ).input;
    assert.equal(held?.trusts.split(" ").length, 1);
    assert.equal(held?.declared.split(" ").length, 2);
    assert.equal(other?.trusts, other?.declared);

    await assert.rejects(run(stage(`["1", "2"]`, "2")).preview(), ({ log }: EngineError) => {
      assert.match(log, /the Secret etcd\/my-app-etcd holds a CA bundle \([0-9a-f]{16}\) that does not accept/);
      return true;
    });
    // As YAML may pass it: fields one by one, and not the generation.
    const bare = twoSecrets.replace(/pki\.\S+\]/g, "{ ...$&, generation: undefined }");
    const withoutGeneration = stage(`["1", "2"]`, "2").replace(twoSecrets, bare);
    assert.notEqual(withoutGeneration, stage(`["1", "2"]`, "2"));
    await assert.rejects(run(withoutGeneration).preview(), ({ log }: EngineError) => {
      assert.match(log, /etcd\/my-app-etcd holds another CA bundle .* give it the generation that EtcdPki says/);
      return true;
    });
    await run(stage(`["1", "2"]`, "1")).up();
    await run(stage(`["1", "2"]`, "2")).preview();
    await run(withoutGeneration).preview();
    await project.dispose();
  });
});

describe("What is known of a Secret only in the update, on the stand-in", () => {
  const refused = async (name: string, more: Program, check: (error: EngineError) => void) => {
    const project = await standIn.open(writeProgram(name, program(more)));
    await assert.rejects(project.up(), (error: EngineError) => {
      check(error);
      assert.doesNotMatch(error.log, /PRIVATE KEY/);
      assert.ok(error.steps.every(({ type }) => type !== secretType));
      return true;
    });
    await project.dispose();
  };

  it("is refused in words where Kubernetes would not take the namespace", () =>
    refused("kubernetes-namespace", { namespace: `provider.id.apply(() => "Kube System")` }, ({ log }) =>
      assert.match(log, /the namespace "Kube System" is none that Kubernetes takes \(RFC 1123\)/),
    ));

  it("is not shown if it is a secret", () =>
    refused("kubernetes-namespace", { namespace: `pulumi.secret("Kube System")` }, ({ log }) => {
      assert.match(log, /the namespace \[secret\] is none that Kubernetes takes/);
      assert.doesNotMatch(log, /Kube System/);
    }));

  it("is refused, all at once, where key, layout or the whole identity do not fit", () => {
    const secrets = `
      key: { ...pki.components["my-app"], privateKeyPem: pki.components.other.privateKeyPem },
      request: { ...pki.components["my-app"], privateKeyPem: pulumi.secret(pki.urn.apply(() => "")) },
      layout: { ...pki.components["my-app"], layout: "kubeadm-server" },
    `;
    return refused("kubernetes-content", { secrets }, ({ log }) => {
      assert.match(log, /secrets\["key"\]: privateKeyPem is not the key of certPem; give both of one identity/);
      assert.match(log, /secrets\["request"\].privateKeyPem is empty, .* brought its own request/);
      assert.match(log, /layout "kubeadm-server" is for a server certificate, and certPem is for a client only/);
    });
  });
});

describe("Secrets in a stack that has only the outputs of another, on the stand-in", () => {
  it("are made from single fields, each an output, and keep the key secret", async () => {
    const source = program({
      secrets: `app: {
        certPem: pki.components["my-app"].certPem,
        privateKeyPkcs8Pem: pki.components["my-app"].privateKeyPem,
        caBundlePem: pulumi.secret(pki.caBundlePem),
        keyFormat: "pkcs8",
      }`,
    });
    const project = await standIn.open(writeProgram("kubernetes-fields", source));
    await project.up();
    const { inputs } = await resourceNamed(project, secretType, "etcd-secret-app");
    await project.dispose();
    assert.ok(!("tls.key" in (inputs?.data as object)), "the state has it encrypted");
    assert.equal((inputs?.metadata as { labels: Record<string, string> }).labels["etcd-pki/ca-generation"], "1");
  });
});

describe("The example kubernetes-secrets, on the stand-in", () => {
  it("publishes seven Secrets and Calico's ConfigMap", async () => {
    const config = { kubeconfig: { value: "{}", secret: true as const }, namespace: "kube-system" };
    const project = await standIn.open(resolve(__dirname, "../../examples/kubernetes-secrets"), { config });
    const { steps, outputs } = await project.up();
    const { deployment } = await project.exportState();
    await project.dispose();
    assert.equal(steps.filter(({ type }) => type === secretType).length, 7);
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

describe("The same example in Pulumi YAML, on Pulumi's own engine", () => {
  const directory = mkdtempSync(join(tmpdir(), "etcd-pki-rendered-"));
  after(() => rmSync(directory, { recursive: true }));

  it("gets the provider of the options, tells the same as in TypeScript, and keeps keys out of the state", async function () {
    this.timeout(300_000);
    const engine = await requireKubernetesProvider(this);
    const example = readFileSync(resolve(__dirname, "../../examples/kubernetes-secrets/yaml/Pulumi.yaml"), "utf8");
    const program = writeProgram("kubernetes-yaml", "");
    const yaml = example
      .replace("../../..", resolve(__dirname, "../.."))
      .replace(/kubeconfig: \$\{kubeconfig\}/, `renderYamlToDirectory: ${directory}`);
    writeFileSync(join(program, "Pulumi.yaml"), yaml);
    const project = await engine.open(program, { config: { kubeconfig: { value: "{}", secret: true } } });
    const { outputs } = await project.up();
    const again = await project.preview();
    const state = JSON.stringify(await project.exportState());
    await project.dispose();
    assert.equal(outputs.name?.value, "calico-etcd-secrets");
    assert.deepEqual(outputs.environment?.value, {
      ETCD_CA_CERT_FILE: "/calico-secrets/etcd-ca",
      ETCD_CERT_FILE: "/calico-secrets/etcd-cert",
      ETCD_KEY_FILE: "/calico-secrets/etcd-key",
    });
    assert.deepEqual(
      again.steps.filter(({ op }) => op !== "same"),
      [],
    );
    assert.doesNotMatch(state, /PRIVATE KEY|LS0tLS1CRUdJTiBFQyBQUklW/);
    const rendered = readFileSync(join(directory, "1-manifest/v1-secret-kube-system-calico-etcd-secrets.yaml"), "utf8");
    assert.match(rendered, /etcd-pki\/identity: calico-node/);
    assert.match(rendered, /etcd-key: LS0tLS1CRUdJTiBFQyBQUklW/);
  });
});
