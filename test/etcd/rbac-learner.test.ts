import assert from "node:assert/strict";
import { connect } from "node:net";
import { dirname } from "node:path";
import { after, before, describe, it } from "mocha";
import { until } from "../support/consumers/until";
import { TESTED_ETCD_VERSIONS } from "../support/etcd-binaries";
import { type Member, newMember } from "../support/etcd-member";
import { freePorts } from "../support/ports";
import { applyTo, declare, type RbacCluster, startRbacCluster } from "../support/rbac/rbac-cluster";
import { requireEtcd } from "../support/require-etcd";

const declaration = declare({ root: {}, app: { permissions: [{ prefix: "/app/", access: "readwrite" }] } });

const listens = (endpoint: string) =>
  new Promise<boolean>((resolve) => {
    const { hostname, port } = new URL(endpoint);
    const socket = connect(Number(port), hostname, () => {
      socket.destroy();
      resolve(true);
    }).on("error", () => resolve(false));
  });

for (const version of TESTED_ETCD_VERSIONS) {
  describe(`a learner of etcd ${version} among the endpoints`, function () {
    this.timeout(60_000);
    let etcd: RbacCluster;
    let learner: Member;

    before(async function () {
      await requireEtcd(this, version);
      etcd = await startRbacCluster(version);
      const [first] = Object.values(etcd.cluster.members);
      const [client, peer] = (await freePorts(2)).map((port) => `https://127.0.0.1:${port}`) as [string, string];
      const all = [
        { name: first!.name, client: first!.endpoint, peer: first!.peerEndpoint },
        { name: "learner", client, peer },
      ];
      const { binaries } = etcd.cluster;
      learner = newMember(binaries, dirname(first!.logFile), all[1]!, all, ["--initial-cluster-state=existing"]);
      learner.replaceFiles({ ...(await etcd.ca.issue({ commonName: "learner" })), caBundlePem: etcd.ca.certPem });
      const { code, stderr } = await etcd.etcdctl(`member add learner --learner --peer-urls=${peer}`);
      assert.equal(code, 0, stderr);
      learner.start();
      await until("the learner listens", () => listens(learner.endpoint));
    });
    after(async () => {
      await learner?.kill();
      await etcd?.stop();
    });

    it("is named where no other member is", async () => {
      const connection = { ...etcd.connection, endpoints: [learner.endpoint] };
      await assert.rejects(
        applyTo(connection, declaration),
        /is a learner, which answers nothing.*etcdctl member promote/,
      );
    });

    it("is passed by, and the guard stays until it is a member that shows what it does", async () => {
      const connection = { ...etcd.connection, endpoints: [learner.endpoint, ...etcd.connection.endpoints] };
      const pending = async () =>
        (await applyTo(connection, declaration)).warnings.filter((line) => line.startsWith("whether "));
      assert.match((await pending()).join(), /is not known yet.*is a learner, which answers nothing/);
      await until("it is promoted", async () => {
        const id = /^([0-9a-f]+), started, learner,/m.exec((await etcd.etcdctl("member list")).stdout)![1]!;
        return (await etcd.etcdctl(`member promote ${id}`)).code === 0;
      });
      await learner.healthy();
      assert.deepEqual(await pending(), []);
    });
  });
}
