import assert from "node:assert/strict";
import Module from "node:module";
import { afterEach, beforeEach, describe, it } from "mocha";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { EtcdPki } from "../../src/pki/etcd-pki";
import { Layout, type SecretArgs } from "../../src/secrets/args";
import { EtcdSecrets } from "../../src/secrets/etcd-secrets";
import { type Registered, register, valueOf } from "../support/mocks";
import { makeGeneration } from "../support/secrets/authority";

const identities = {
  members: { "etcd-1": { hosts: ["10.0.0.1"] } },
  proxies: { "proxy-1": { hosts: ["10.0.0.9"] } },
  components: { "calico-node": {} },
};
const calicoSecret = {
  layout: Layout.Calico,
  labels: { tier: "network" },
  annotations: { note: "mounted by calico-node" },
};
const secretsIn = (registered: Registered[]) => registered.filter(({ type }) => type === "kubernetes:core/v1:Secret");
/** Certificates, and Secrets of what `secretsOf` picks among them. */
const publish = (
  secretsOf: (pki: EtcdPki) => Record<string, SecretArgs> = calico,
  provider: k8s.ProviderArgs | undefined = {},
  namespace: pulumi.Input<string> = "kube-system",
) =>
  register(() => {
    const pki = new EtcdPki("etcd", identities);
    const opts = provider && { provider: new k8s.Provider("cluster", provider) };
    return new EtcdSecrets("etcd", { namespace, secrets: secretsOf(pki) }, opts);
  });
function calico({ components }: EtcdPki) {
  return { "calico-etcd-secrets": { ...components["calico-node"]!, ...calicoSecret } };
}
const withoutProvider = () =>
  register(() => {
    const pki = new EtcdPki("etcd", identities);
    return new EtcdSecrets("etcd", { namespace: "kube-system", secrets: calico(pki) });
  });

// The signature of a secret in Pulumi's wire format, around its value.
const signature = "4dabf18193072939515e22adb298388d";
const decoded = (secret: Registered) => {
  const data = secret.inputs.data as object;
  assert.ok(signature in data, "is a secret");
  const { value } = data as unknown as { value: Record<string, string> };
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => [name, Buffer.from(text, "base64").toString()]),
  );
};
const metadataOf = (secret: Registered | undefined) =>
  secret?.inputs.metadata as Record<"labels" | "annotations", Record<string, string>> & Record<string, string>;

const environment = { ...process.env };
const warnings: string[] = [];
const { warn } = pulumi.log;

describe("Secrets", () => {
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
    const { registered } = await publish();
    const [secret, ...more] = secretsIn(registered);
    assert.ok(secret);
    assert.deepEqual(more, []);
    assert.equal(secret.name, "etcd-secret-calico-etcd-secrets");
    assert.equal(secret.inputs.type, "Opaque");
    assert.ok(!("stringData" in secret.inputs), "what leaves stringData stays in the Secret");
    assert.deepEqual(decoded(secret), {
      "etcd-ca": "certPem:etcd-ca-1",
      "etcd-cert": "certPem:etcd-component-calico-node",
      "etcd-key": "privateKeyPem:etcd-component-calico-node",
    });
  });

  it("are children of the EtcdSecrets and have its provider", async () => {
    const { made, registered } = await publish();
    const [secret] = secretsIn(registered);
    assert.equal(secret?.parent, await valueOf(made.urn));
    assert.match(secret?.provider ?? "", /pulumi:providers:kubernetes::cluster/);
  });

  it("keep the labels and annotations that are given", async () => {
    const { registered } = await publish();
    const { name, namespace, labels, annotations } = metadataOf(secretsIn(registered)[0]);
    assert.deepEqual([name, namespace], ["calico-etcd-secrets", "kube-system"]);
    assert.equal(labels.tier, "network");
    assert.equal(annotations.note, "mounted by calico-node");
  });

  it("say who signed, and never more than the certificates say, also where those come as a secret", async () => {
    const authority = await makeGeneration("prod-ca-7");
    const identity = await authority.issue({ commonName: "system:app" });
    const { registered } = await publish(() => ({
      app: {
        certPem: pulumi.secret(identity.certPem),
        privateKeyPem: identity.privateKeyPem,
        caBundlePem: pulumi.secret(authority.certPem),
        // What is declared is not what they say.
        generation: "8",
      },
    }));
    const { labels, annotations } = metadataOf(secretsIn(registered)[0]);
    assert.deepEqual(labels, {
      "etcd-pki/identity": "system-app-716b26b6",
      "etcd-pki/usage": "client",
      "etcd-pki/issuer": "prod-ca-7",
      "etcd-pki/cluster": "prod",
      "etcd-pki/ca-generation": "7",
    });
    assert.equal(annotations["etcd-pki/common-name"], "system:app");
    assert.equal(annotations["etcd-pki/signed-by"], annotations["etcd-pki/trusts"]);
    const [record] = registered.filter(({ type }) => type === "pulumi:index:Stash").slice(-1);
    assert.deepEqual(record?.inputs.input, {
      "etcd-secret-app": {
        object: "kube-system/app",
        made: true,
        signedBy: annotations["etcd-pki/trusts"],
        trusts: annotations["etcd-pki/trusts"],
        declared: annotations["etcd-pki/trusts"],
      },
    });
  });

  it("are recorded last, after each of them", async () => {
    const { registered } = await publish();
    const last = registered.at(-1);
    assert.deepEqual([last?.type, last?.name], ["pulumi:index:Stash", "etcd-published"]);
    // With a dependency, a Secret that --exclude leaves out before it was ever made would break the state.
    assert.deepEqual(last?.dependencies, []);
  });

  it("are deleted in the background, so that nothing waits for a garbage collector", async () => {
    const { annotations } = metadataOf(secretsIn((await publish()).registered)[0]);
    assert.equal(annotations["pulumi.com/deletionPropagationPolicy"], "background");
  });

  it("are deleted as an annotation of their own says", async () => {
    const annotations = { "pulumi.com/deletionPropagationPolicy": "orphan" };
    const { registered } = await publish((pki) => ({ s: { ...calico(pki)["calico-etcd-secrets"], annotations } }));
    assert.match(JSON.stringify(secretsIn(registered)[0]?.inputs.metadata), /"orphan"/);
  });

  it("take every kind of identity as it is, with all that it holds", async () => {
    const { registered } = await publish(({ members, proxies, components }) => ({
      member: members["etcd-1"]!,
      proxy: proxies["proxy-1"]!,
      upstream: proxies["proxy-1"]!.upstream,
      component: components["calico-node"]!,
    }));
    assert.deepEqual(
      secretsIn(registered)
        .map((secret) => decoded(secret)["tls.crt"])
        .sort(),
      [
        "certPem:etcd-component-calico-node",
        "certPem:etcd-member-etcd-1",
        "certPem:etcd-proxy-proxy-1",
        "certPem:etcd-upstream-proxy-1",
      ],
    );
  });

  it("are no inputs of the component, since keys are among them", async () => {
    const { registered } = await publish();
    assert.deepEqual(registered.find(({ type }) => type === "etcd-pki:index:EtcdSecrets")?.inputs, {});
  });

  it("are outputs with what their consumer needs", async () => {
    const { made } = await publish();
    const secret = made.secrets["calico-etcd-secrets"];
    assert.ok(secret);
    assert.equal(await valueOf(secret.name), "calico-etcd-secrets");
    assert.equal(await valueOf(secret.namespace), "kube-system");
    assert.equal(secret.defaultMode, 0o400);
    assert.equal(secret.files.caBundle, "/calico-secrets/etcd-ca");
    assert.equal(secret.config["calico"]?.ETCD_KEY_FILE, "/calico-secrets/etcd-key");
  });

  it("of one PKI can be in two clusters", async () => {
    const { registered } = await register(() => {
      const pki = new EtcdPki("etcd", identities);
      return ["east", "west"].map((cluster) => {
        const provider = new k8s.Provider(cluster, {});
        return new EtcdSecrets(cluster, { namespace: "kube-system", secrets: calico(pki) }, { provider });
      });
    });
    assert.deepEqual(
      secretsIn(registered).map(({ name, provider }) => [name, provider.split("::").at(-2)]),
      [
        ["east-secret-calico-etcd-secrets", "east"],
        ["west-secret-calico-etcd-secrets", "west"],
      ],
    );
  });

  it("need no package where there are none", async () => {
    const { made } = await withoutPackage(() => register(() => new EtcdPki("etcd", identities)));
    assert.ok(made.components["calico-node"]);
  });

  it("are refused before any resource where the package is missing, with what to install", async () => {
    await refused(
      () => withoutPackage(() => publish()),
      /Secrets need the package @pulumi\/kubernetes, which is not installed; run npm install @pulumi\/kubernetes/,
    );
  });

  it("are refused before any resource where nothing says where a cluster is", async () => {
    await refused(withoutProvider, /no kubeconfig is in KUBECONFIG, ~\/.kube\/config or .*pass \{ provider: /);
  });

  it("take the default provider where there is a kubeconfig", async () => {
    process.env.KUBECONFIG = `/nowhere:${__filename}`;
    assert.equal(secretsIn((await withoutProvider()).registered)[0]?.provider, "");
  });

  it("take the provider that a parent hands down", async () => {
    const { registered } = await register(() => {
      const providers = [new k8s.Provider("cluster", {})];
      const parent = new pulumi.ComponentResource("my:index:Platform", "platform", {}, { providers });
      const pki = new EtcdPki("etcd", identities, { parent });
      return new EtcdSecrets("etcd", { namespace: "kube-system", secrets: calico(pki) }, { parent });
    });
    assert.match(secretsIn(registered)[0]?.provider ?? "", /cluster/);
  });

  const mutability: [what: string, warned: boolean, () => Promise<unknown>][] = [
    ["a provider without the setting", true, () => publish(calico, {})],
    ["a provider with the setting off", true, () => publish(calico, { enableSecretMutable: false })],
    ["a provider with the setting on", false, () => publish(calico, { enableSecretMutable: true })],
    ["the environment's setting", false, () => publish(calico, environmentSetting())],
    ["a default provider", true, () => (kubeconfigOnly(), withoutProvider())],
    ["a default provider and the environment's setting", false, () => (defaultProviderSetting(), withoutProvider())],
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

function defaultProviderSetting(): void {
  environmentSetting();
  kubeconfigOnly();
}

function kubeconfigOnly(): void {
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
