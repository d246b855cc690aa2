import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { Project, Run } from "../support/engine/engine";
import { startCluster, type Cluster } from "../support/etcd-cluster";
import { testAuthority } from "../support/issue-certificates";
import { startApiServer, type ApiServer } from "../support/kube-apiserver";
import { requireKubernetesProvider } from "../support/kubernetes-provider";
import { rewriteProgram, writeProgram } from "../support/program";
import { requireEtcd } from "../support/require-etcd";

const secretType = "kubernetes:core/v1:Secret";
const ops = ({ steps }: Run) => steps.filter(({ type }) => type === secretType).map(({ op }) => op);

/** A changed validity issues a new certificate for the same key, as a renewal does. */
const program = (settings: string, validityPeriodHours = 8760) => `
const pulumi = require("@pulumi/pulumi");
const k8s = require("@pulumi/kubernetes");
const { EtcdPki, EtcdSecrets, Layout } = require("etcd-pki");
const kubeconfig = new pulumi.Config().requireSecret("kubeconfig");
const cluster = new k8s.Provider("cluster", { kubeconfig${settings} });
const { caBundlePem, components } = new EtcdPki("etcd", {
  components: { "calico-node": {} },
  defaults: { validityPeriodHours: ${validityPeriodHours} },
});
const { secrets } = new EtcdSecrets(
  "etcd",
  {
    namespace: "kube-system",
    secrets: { "calico-etcd-secrets": { caBundlePem, ...components["calico-node"], layout: Layout.Calico } },
  },
  { provider: cluster },
);
exports.certPem = components["calico-node"].certPem;
exports.secrets = secrets;
`;

describe("Secrets by Pulumi's own engine and kubernetes provider, on a real kube-apiserver", () => {
  const directory = mkdtempSync(join(tmpdir(), "etcd-pki-engine-"));
  let etcd: Cluster;
  let apiServer: ApiServer;
  const projects: Project[] = [];

  before(async function () {
    await requireEtcd(this, "3.6");
    const engine = await requireKubernetesProvider(this);
    this.timeout(30 * 60_000);
    const authority = await testAuthority("etcd-ca");
    const members = { "etcd-1": await authority.issue({ commonName: "etcd-1" }) };
    etcd = await startCluster({
      version: "3.6",
      directory: join(directory, "etcd"),
      caBundlePem: authority.certPem,
      members,
    });
    const { caBundlePem, certPem, privateKeyPem } = etcd.members["etcd-1"]!.files;
    apiServer = await startApiServer({
      directory: join(directory, "kube-apiserver"),
      etcdEndpoints: etcd.endpoints,
      flags: { "--etcd-cafile": caBundlePem, "--etcd-certfile": certPem, "--etcd-keyfile": privateKeyPem },
    });
    const config = { kubeconfig: { value: apiServer.kubeconfig, secret: true as const } };
    for (const [name, settings] of [
      ["mutable", ", enableSecretMutable: true"],
      ["default", ""],
    ] as const)
      projects.push(await engine.open(writeProgram(`kubernetes-engine-${name}`, program(settings)), { config }));
  });

  after(async () => {
    for (const project of projects) await project.dispose();
    await apiServer?.stop();
    await etcd?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const stored = async () => {
    const { status, body } = await apiServer.request(
      "GET",
      "/api/v1/namespaces/kube-system/secrets/calico-etcd-secrets",
    );
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const text = (base64: string) => Buffer.from(base64, "base64").toString();

  for (const [index, [what, op, settings]] of (
    [
      ["with enableSecretMutable", "update", ", enableSecretMutable: true"],
      ["with a provider's defaults", "replace", ""],
    ] as const
  ).entries()) {
    it(`make, keep, renew by ${op} and delete ${what}, where nothing collects garbage`, async function () {
      this.timeout(600_000);
      const project = projects[index]!;
      const made = await project.up();
      assert.deepEqual(ops(made), ["create"]);
      const first = await stored();
      assert.equal(text(first.data["etcd-cert"]), made.outputs.certPem?.value);
      assert.match(text(first.data["etcd-key"]), /PRIVATE KEY/);
      assert.equal(first.metadata.labels["etcd-pki/identity"], "calico-node");
      assert.doesNotMatch(JSON.stringify(await project.exportState()), /PRIVATE KEY/);

      const again = await project.preview();
      assert.deepEqual(
        again.steps.filter((step) => step.op !== "same"),
        [],
      );

      rewriteProgram(project.directory, program(settings, 4380));
      const renewed = await project.up();
      assert.deepEqual(ops(renewed), [op]);
      const second = await stored();
      assert.equal(text(second.data["etcd-cert"]), renewed.outputs.certPem?.value);
      assert.notEqual(second.data["etcd-cert"], first.data["etcd-cert"]);
      assert.equal(second.metadata.uid === first.metadata.uid, op === "update");
      const checksum = (name: string) =>
        [first, second].map(({ metadata }) => metadata.annotations[`etcd-pki/${name}-checksum`]);
      assert.equal(new Set(checksum("leaf")).size, 2);
      assert.equal(new Set(checksum("bundle")).size, 1);

      await project.destroy();
      assert.equal(
        (await apiServer.request("GET", "/api/v1/namespaces/kube-system/secrets/calico-etcd-secrets")).status,
        404,
      );
    });
  }
});
