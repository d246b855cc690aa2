import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { engines } from "../support/engine/engine";
import { type Forwarder, startForwarder } from "../support/forwarder";
import { testAuthority } from "../support/issue-certificates";
import { type RbacCluster, startRbacCluster } from "../support/rbac/rbac-cluster";
import { openRbacProject, type RbacProject } from "../support/rbac/rbac-project";
import { requireEtcd } from "../support/require-etcd";
import { skip } from "../support/skip";

const components = { root: {}, app: { permissions: [{ prefix: "/app/", access: "readwrite" as const }] } };

describe("An EtcdRbac whose address leads to another cluster", function () {
  this.timeout(300_000);
  let clusters: RbacCluster[] = [];
  let address: Forwarder;
  let project: RbacProject;

  before(async function () {
    const engine = (await engines()).find(({ kind }) => kind === "pulumi");
    if (engine === undefined) return skip(this, "no pulumi on this machine");
    await requireEtcd(this, "3.6");
    const authority = await testAuthority("test-ca");
    clusters = await Promise.all([1, 2].map(() => startRbacCluster("3.6", 1, [], authority)));
    address = await startForwarder(clusters[0]!.cluster.endpoints[0]!);
    const connection = { ...clusters[0]!.connection, endpoints: [address.endpoint] };
    project = await openRbacProject(engine, "rbac-other", { connection, components });
  });
  after(async () => {
    await project?.dispose();
    await address?.close();
    await Promise.all(clusters.map((etcd) => etcd.stop()));
  });

  it("says so in preview, update, refresh and destroy, and changes nothing there", async () => {
    await project.up();
    address.lead(clusters[1]!.cluster.endpoints[0]!);
    const refusal = /was last made in the cluster \d+\. Nothing was changed/;
    const without = { root: {} };
    project.declare({ connection: { ...clusters[0]!.connection, endpoints: [address.endpoint] }, components: without });
    await assert.rejects(project.preview(), refusal);
    await assert.rejects(project.up(), refusal);
    assert.match((await project.refresh()).log, refusal);
    await assert.rejects(project.destroy(), refusal);
    assert.equal((await clusters[1]!.etcdctl("user list")).stdout, "");
    assert.equal((await clusters[0]!.etcdctl("user list")).stdout, "app\nroot\n");
  });
});
