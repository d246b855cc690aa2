import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { EngineError, Project, Run } from "../support/engine/engine";
import { startCluster, type Cluster } from "../support/etcd-cluster";
import type { KeyPair } from "../support/issue-certificates";
import { kubeApiServer, startApiServer, type ApiServer } from "../support/kube-apiserver";
import { requireKubernetesProvider } from "../support/kubernetes-provider";
import { openMachineRoom, type MachineRoom } from "../support/machine-room";
import { rewriteProgram, writeProgram } from "../support/program";
import { requireEtcd } from "../support/require-etcd";

interface Login extends KeyPair {
  caBundlePem: string;
}
interface ControlPlane extends Login {
  name: string;
  endpoints: string[];
}

const CLUSTERS = ["east", "west"];

interface Program {
  /** The key and what follows it in `secrets`. */
  secret?: string;
  /** Of the certificate authority. */
  authority?: string;
}

/** Certificates, members, two control planes on them, their kubeconfigs, their providers, and the Secrets in each. */
const program = ({
  secret = `"my-app-etcd": { ...pki.components["my-app"], layout: Layout.Calico }`,
  authority = "",
}: Program = {}) => `
const pulumi = require("@pulumi/pulumi");
const k8s = require("@pulumi/kubernetes");
const { EtcdPki, EtcdSecrets, Layout } = require("etcd-pki");
const room = new pulumi.Config().require("room");
async function ask(path, body) {
  const response = await fetch(room + path, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}
const loginOf = ({ certPem, privateKeyPem, caBundlePem }) => ({ certPem, privateKeyPem, caBundlePem });
const pki = new EtcdPki("etcd", {
  members: { "etcd-1": { hosts: ["127.0.0.1"] } },
  components: { "kube-apiserver": {}, "my-app": {} },
  certificateAuthority: { ${authority} },
});
const { endpoints } = pulumi.output(loginOf(pki.members["etcd-1"])).apply((login) => ask("/members", login));
const kubeconfigOf = (name) =>
  pulumi
    .output({ name, endpoints, ...loginOf(pki.components["kube-apiserver"]) })
    .apply((wanted) => ask("/control-planes/" + name, wanted)).kubeconfig;
for (const name of ${JSON.stringify(CLUSTERS)}) {
  const provider = new k8s.Provider(name, { kubeconfig: pulumi.secret(kubeconfigOf(name)), enableSecretMutable: true });
  const { secrets } = new EtcdSecrets(name, { namespace: "kube-system", secrets: { ${secret} } }, { provider });
  exports[name] = secrets;
}
exports.certPem = pki.components["my-app"].certPem;
`;

describe("Certificates, members, control planes, kubeconfigs, providers, Secrets, in one program", function () {
  this.timeout(300_000);
  const directory = mkdtempSync(join(tmpdir(), "etcd-pki-natural-order-"));
  const apiServers: Record<string, ApiServer> = {};
  let etcd: Cluster;
  let room: MachineRoom;
  let project: Project;
  let first: Run;

  async function startMembers({ caBundlePem, ...pair }: Login) {
    etcd = await startCluster({
      version: "3.6",
      directory: join(directory, "etcd"),
      caBundlePem,
      members: { "etcd-1": pair },
    });
    return { endpoints: etcd.endpoints };
  }

  async function startControlPlane({ name, endpoints, ...login }: ControlPlane) {
    const at = join(directory, name);
    mkdirSync(at);
    const write = (file: string, content: string) => {
      writeFileSync(join(at, file), content, { mode: 0o600 });
      return join(at, file);
    };
    apiServers[name] = await startApiServer({
      directory: at,
      etcdEndpoints: endpoints,
      flags: {
        "--etcd-prefix": `/${name}`,
        "--etcd-cafile": write("etcd-ca", login.caBundlePem),
        "--etcd-certfile": write("etcd-cert", login.certPem),
        "--etcd-keyfile": write("etcd-key", login.privateKeyPem),
      },
    });
    return { kubeconfig: apiServers[name].kubeconfig };
  }

  before(async function () {
    await requireEtcd(this, "3.6");
    const engine = await requireKubernetesProvider(this);
    this.timeout(30 * 60_000);
    await kubeApiServer();
    room = await openMachineRoom({
      "/members": startMembers,
      ...Object.fromEntries(CLUSTERS.map((name) => [`/control-planes/${name}`, startControlPlane])),
    });
    const config = { room: room.url };
    project = await engine.open(writeProgram("kubernetes-natural-order", program()), { config });
    await project.preview();
    first = await project.up();
  });

  after(async () => {
    await project?.dispose();
    await Promise.all(Object.values(apiServers).map((apiServer) => apiServer.stop()));
    await etcd?.stop();
    room?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function stored(cluster: string) {
    const path = "/api/v1/namespaces/kube-system/secrets/my-app-etcd";
    const { status, body } = await apiServers[cluster]!.request("GET", path);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  }
  const update = (changed: Program, flags: string[] = []) => {
    rewriteProgram(project.directory, program(changed));
    return project.up({ flags });
  };
  const changes = ({ steps }: Run) => steps.filter(({ op }) => op !== "same").map(({ op, name }) => `${op} ${name}`);
  const text = (base64: string) => Buffer.from(base64, "base64").toString();

  for (const cluster of CLUSTERS) {
    it(`puts the certificate and who signed it into the cluster ${cluster}`, async () => {
      const { data, metadata } = await stored(cluster);
      assert.equal(text(data["etcd-cert"]), first.outputs.certPem?.value);
      assert.ok(
        new X509Certificate(text(data["etcd-cert"])).verify(new X509Certificate(text(data["etcd-ca"])).publicKey),
      );
      assert.deepEqual(metadata.labels, {
        "etcd-pki/identity": "my-app",
        "etcd-pki/usage": "client",
        "etcd-pki/issuer": "etcd-ca-1",
        "etcd-pki/cluster": "etcd",
        "etcd-pki/ca-generation": "1",
      });
    });
  }

  it("has nothing to do when it runs again, and no key in its state", async () => {
    assert.deepEqual(changes(await project.preview()), []);
    assert.doesNotMatch(JSON.stringify(await project.exportState()), /PRIVATE KEY|LS0tLS1CRUdJTiBFQyBQUklW/);
  });

  it("keeps the live Secret where its handle is renamed", async () => {
    const before = await stored("east");
    const handle = `application: { ...pki.components["my-app"], name: "my-app-etcd", layout: Layout.Calico }`;
    const renamed = await update({ secret: handle });
    assert.deepEqual(changes(renamed), []);
    assert.equal((await stored("east")).metadata.uid, before.metadata.uid);
    await update({});
  });

  it("leaves no old file behind where the names of the files change", async () => {
    const { metadata } = await stored("west");
    await update({ secret: `"my-app-etcd": { ...pki.components["my-app"], layout: Layout.CoreosClient }` });
    const after = await stored("west");
    assert.deepEqual(Object.keys(after.data).sort(), ["etcd-client-ca.crt", "etcd-client.crt", "etcd-client.key"]);
    assert.equal(after.metadata.uid, metadata.uid, "it was changed in place");
    await update({});
  });

  it("refuses the next stage of a rotation in its preview where --exclude left a Secret out", async () => {
    const secret = first.steps.find(
      ({ type, name }) => type === "kubernetes:core/v1:Secret" && name.startsWith("west"),
    );
    const trust = { authority: `generations: ["1", "2"], signing: "1"` };
    const sign = { authority: `generations: ["1", "2"], signing: "2"` };
    await update(trust, ["--exclude", secret!.urn]);
    const bundles = (pem: string) => pem.match(/BEGIN/g)?.length;
    assert.equal(bundles(text((await stored("east")).data["etcd-ca"])), 2);
    assert.equal(bundles(text((await stored("west")).data["etcd-ca"])), 1);

    rewriteProgram(project.directory, program(sign));
    await assert.rejects(project.preview(), ({ log }: EngineError) => {
      assert.match(log, /EtcdSecrets "west": this update is refused/);
      assert.match(
        log,
        /the Secret kube-system\/my-app-etcd holds a CA bundle .* that does not accept the certificate/,
      );
      assert.doesNotMatch(log, /EtcdSecrets "east": this update is refused/);
      return true;
    });

    await update(trust);
    assert.equal(bundles(text((await stored("west")).data["etcd-ca"])), 2);
    rewriteProgram(project.directory, program(sign));
    await project.preview();
    await project.up();
    for (const cluster of CLUSTERS)
      assert.equal((await stored(cluster)).metadata.labels["etcd-pki/ca-generation"], "2", cluster);
  });

  it("leaves out a Secret that was never made, and makes it in the next update", async () => {
    const authority = `generations: ["1", "2"], signing: "2"`;
    const secret = `
      "my-app-etcd": { ...pki.components["my-app"], layout: Layout.Calico },
      second: pki.components["my-app"],
    `;
    rewriteProgram(project.directory, program({ secret, authority }));
    const { steps } = await project.preview();
    const urns = steps.filter(({ op, name }) => op === "create" && name.endsWith("second")).map(({ urn }) => urn);
    assert.equal(urns.length, 2);
    const flags = urns.flatMap((urn) => ["--exclude", urn]);
    await project.up({ flags });
    const made = await project.up();
    assert.deepEqual(
      changes(made).filter((change) => change.startsWith("create")),
      ["create east-secret-second", "create west-secret-second"],
    );
    await project.destroy();
    assert.equal(
      (await apiServers["east"]!.request("GET", "/api/v1/namespaces/kube-system/secrets/second")).status,
      404,
    );
  });
});
