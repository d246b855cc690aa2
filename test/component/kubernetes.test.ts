import assert from "node:assert/strict";
import Module from "node:module";
import { afterEach, beforeEach, describe, it } from "mocha";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { EtcdPkiArgs } from "../../src/pki/args";
import { EtcdPki } from "../../src/pki/etcd-pki";
import { type KubernetesArgs, Layout } from "../../src/secrets/args";
import { type Registered, register, valueOf } from "../support/mocks";

const identities: EtcdPkiArgs = {
  members: { "etcd-1": { hosts: ["10.0.0.1"] } },
  proxies: { "proxy-1": { hosts: ["10.0.0.9"] } },
  components: { "calico-node": {} },
};
const calico: KubernetesArgs = {
  namespace: "kube-system",
  secrets: {
    "calico-etcd-secrets": {
      identity: "calico-node",
      layout: Layout.Calico,
      labels: { tier: "network" },
      annotations: { note: "mounted by calico-node" },
    },
  },
};
const secretsIn = (registered: Registered[]) => registered.filter(({ type }) => type === "kubernetes:core/v1:Secret");
const publish = (kubernetes: KubernetesArgs | undefined, provider?: k8s.ProviderArgs) =>
  register(() => {
    const providers = provider && [new k8s.Provider("cluster", provider)];
    return new EtcdPki("etcd", { ...identities, kubernetes }, { providers });
  });

// The signature of a secret in Pulumi's wire format, around its value.
const signature = "4dabf18193072939515e22adb298388d";
const revealed = (value: unknown) => {
  assert.ok(signature in (value as object), "is a secret");
  return (value as { value: Record<string, string> }).value;
};

const environment = { ...process.env };
const warnings: string[] = [];
const { warn } = pulumi.log;

describe("Secrets of an EtcdPki", () => {
  beforeEach(() => {
    warnings.length = 0;
    Object.assign(pulumi.log, { warn: async (message: string) => void warnings.push(message) });
    // Whatever machine this is, nothing but the test says where a cluster is.
    Object.assign(process.env, { KUBECONFIG: "/nowhere", PULUMI_K8S_ENABLE_SECRET_MUTABLE: "" });
    delete process.env.KUBERNETES_SERVICE_HOST;
  });
  afterEach(() => {
    Object.assign(pulumi.log, { warn });
    for (const name of ["KUBECONFIG", "KUBERNETES_SERVICE_HOST", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"]) {
      if (environment[name] === undefined) delete process.env[name];
      else process.env[name] = environment[name];
    }
  });

  it("carry the CA bundle, the certificate and its private key under the layout's names, as a secret", async () => {
    const { registered } = await publish(calico, {});
    const [secret, ...more] = secretsIn(registered);
    assert.ok(secret);
    assert.deepEqual(more, []);
    assert.equal(secret.name, "etcd-secret-calico-etcd-secrets");
    assert.equal(secret.inputs.type, "Opaque");
    assert.deepEqual(revealed(secret.inputs.stringData), {
      "etcd-ca": "certPem:etcd-ca-1",
      "etcd-cert": "certPem:etcd-component-calico-node",
      "etcd-key": "privateKeyPem:etcd-component-calico-node",
    });
  });

  it("are children of the EtcdPki and so have its provider", async () => {
    const { made, registered } = await publish(calico, {});
    const [secret] = secretsIn(registered);
    assert.equal(secret?.parent, await valueOf(made.urn));
    assert.match(secret?.provider ?? "", /pulumi:providers:kubernetes::cluster/);
  });

  it("say in labels whose they are, and keep the labels that are given", async () => {
    const { registered } = await publish(calico, {});
    const { name, namespace, labels } = secretsIn(registered)[0]?.inputs.metadata as Record<string, unknown>;
    assert.equal(name, "calico-etcd-secrets");
    assert.equal(namespace, "kube-system");
    assert.deepEqual(labels, {
      tier: "network",
      "etcd-pki/cluster": "etcd",
      "etcd-pki/role": "component",
      "etcd-pki/identity": "calico-node",
      "etcd-pki/ca-generation": "1",
    });
  });

  it("say in the label which generation signs", async () => {
    const certificateAuthority = { generations: ["2025", "2026"], signing: "2026" };
    const { registered } = await register(() => {
      const providers = [new k8s.Provider("cluster", {})];
      return new EtcdPki("etcd", { ...identities, certificateAuthority, kubernetes: calico }, { providers });
    });
    const { labels } = secretsIn(registered)[0]?.inputs.metadata as { labels: Record<string, string> };
    assert.equal(labels["etcd-pki/ca-generation"], "2026");
  });

  it("are deleted in the background, so that nothing waits for a garbage collector", async () => {
    const { registered } = await publish(calico, {});
    const { annotations } = secretsIn(registered)[0]?.inputs.metadata as { annotations: Record<string, string> };
    assert.equal(annotations["pulumi.com/deletionPropagationPolicy"], "background");
    assert.equal(annotations.note, "mounted by calico-node");
  });

  it("are deleted as an annotation of their own says", async () => {
    const annotations = { "pulumi.com/deletionPropagationPolicy": "orphan" };
    const { registered } = await publish(
      { namespace: "a", secrets: { s: { identity: "calico-node", annotations } } },
      {},
    );
    assert.match(JSON.stringify(secretsIn(registered)[0]?.inputs.metadata), /"orphan"/);
  });

  it("never carry the authority's private key", async () => {
    const { registered } = await publish({ namespace: "etcd", publishAll: true }, {});
    const published = secretsIn(registered).map(({ inputs }) => JSON.stringify(inputs));
    assert.equal(published.length, 4);
    assert.ok(registered.some(({ inputs }) => JSON.stringify(inputs).includes("privateKeyPem:etcd-ca-1")));
    for (const inputs of published) assert.doesNotMatch(inputs, /privateKeyPem:etcd-ca-1/);
  });

  it("carry for each identity its own certificate, and a proxy's two", async () => {
    const { registered } = await publish({ namespace: "etcd", publishAll: true }, {});
    const held = secretsIn(registered).map(({ inputs }) => revealed(inputs.stringData)["tls.crt"]);
    assert.deepEqual(held.sort(), [
      "certPem:etcd-component-calico-node",
      "certPem:etcd-member-etcd-1",
      "certPem:etcd-proxy-proxy-1",
      "certPem:etcd-upstream-proxy-1",
    ]);
  });

  it("share one upstream certificate where the proxies do", async () => {
    const { registered } = await register(() => {
      const kubernetes = { namespace: "etcd", secrets: { up: { identity: "proxy-1", upstream: true } } };
      const providers = [new k8s.Provider("cluster", {})];
      return new EtcdPki("etcd", { ...identities, proxyUpstream: "shared", kubernetes }, { providers });
    });
    assert.equal(revealed(secretsIn(registered)[0]?.inputs.stringData)["tls.crt"], "certPem:etcd-upstream");
  });

  it("are outputs with what their consumer needs", async () => {
    const { made } = await publish(calico, {});
    const secret = made.secrets["calico-etcd-secrets"];
    assert.ok(secret);
    assert.equal(await valueOf(secret.name), "calico-etcd-secrets");
    assert.equal(await valueOf(secret.namespace), "kube-system");
    assert.equal(secret.defaultMode, 0o400);
    assert.equal(secret.files.caBundle, "/calico-secrets/etcd-ca");
    assert.equal(secret.config["calico"]?.ETCD_KEY_FILE, "/calico-secrets/etcd-key");
  });

  it("are none, and need no package, without the argument", async () => {
    const { made, registered } = await withoutPackage(() => publish(undefined));
    assert.deepEqual(secretsIn(registered), []);
    assert.deepEqual(made.secrets, {});
  });

  it("are refused before any resource where the package is missing, with what to install", async () => {
    await refused(
      () => withoutPackage(() => publish(calico, {})),
      /kubernetes needs the package @pulumi\/kubernetes, which is not installed; run npm install @pulumi\/kubernetes/,
    );
  });

  it("are refused before any resource where nothing says where a cluster is", async () => {
    await refused(() => publish(calico), /no kubeconfig is in KUBECONFIG, ~\/.kube\/config or .*pass \{ providers: /);
  });

  it("take the default provider where there is a kubeconfig", async () => {
    process.env.KUBECONFIG = `/nowhere:${__filename}`;
    assert.equal(secretsIn((await publish(calico)).registered)[0]?.provider, "");
  });

  it("take the provider that a parent hands down", async () => {
    const { registered } = await register(() => {
      const providers = [new k8s.Provider("cluster", {})];
      const parent = new pulumi.ComponentResource("my:index:Platform", "platform", {}, { providers });
      return new EtcdPki("etcd", { ...identities, kubernetes: calico }, { parent });
    });
    assert.match(secretsIn(registered)[0]?.provider ?? "", /cluster/);
  });

  const mutability: [what: string, warned: boolean, () => Promise<unknown>][] = [
    ["a provider without the setting", true, () => publish(calico, {})],
    ["a provider with the setting off", true, () => publish(calico, { enableSecretMutable: false })],
    ["a provider with the setting on", false, () => publish(calico, { enableSecretMutable: true })],
    ["the environment's setting", false, () => publish(calico, environmentSetting())],
    ["a default provider", true, () => publish(calico, kubeconfigOnly())],
    ["a default provider and the environment's setting", false, () => publish(calico, defaultProviderSetting())],
  ];
  for (const [what, warned, program] of mutability) {
    it(`${warned ? "warn" : "do not warn"} of a gap at renewal with ${what}`, async () => {
      await program();
      const said = warnings.filter((warning) => warning.includes("enableSecretMutable"));
      assert.equal(said.length, warned ? 1 : 0, said.join("\n"));
      if (warned) assert.match(said[0] ?? "", /at each renewal it is missing for a moment/);
    });
  }
});

function environmentSetting(): k8s.ProviderArgs {
  process.env.PULUMI_K8S_ENABLE_SECRET_MUTABLE = "true";
  return {};
}

function defaultProviderSetting(): undefined {
  environmentSetting();
  return kubeconfigOnly();
}

function kubeconfigOnly(): undefined {
  process.env.KUBECONFIG = __filename;
}

async function refused(program: () => Promise<{ registered: Registered[] }>, message: RegExp) {
  await assert.rejects(
    async () => {
      const { registered } = await program();
      assert.fail(`registered ${registered.map(({ name }) => name).join(", ")}`);
    },
    (error: Error) => {
      assert.match(error.message, message);
      assert.ok(pulumi.RunError.isInstance(error));
      return true;
    },
  );
}

// As Node answers where a package is not installed.
async function withoutPackage<T>(program: () => Promise<T>): Promise<T> {
  const loader = Module as unknown as { _load(request: string, ...rest: unknown[]): unknown };
  const load = loader._load;
  loader._load = (request, ...rest) => {
    if (request.startsWith("@pulumi/kubernetes/core"))
      throw Object.assign(new Error(`Cannot find module '${request}'`), { code: "MODULE_NOT_FOUND" });
    return load.call(Module, request, ...rest);
  };
  try {
    return await program();
  } finally {
    loader._load = load;
  }
}
