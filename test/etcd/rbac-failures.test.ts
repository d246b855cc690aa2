import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { ConnectionPool } from "etcd3/lib/connection-pool";
import { after, before, describe, it } from "mocha";
import { GUARD } from "../../src/rbac/steps";
import { TESTED_ETCD_VERSIONS } from "../support/etcd-binaries";
import { testAuthority } from "../support/issue-certificates";
import { freePorts } from "../support/ports";
import {
  applyTo,
  beforeChange,
  declare,
  heldBy,
  type RbacCluster,
  startRbacCluster,
} from "../support/rbac/rbac-cluster";
import { requireEtcd } from "../support/require-etcd";

const app = (...prefixes: string[]) => ({
  root: {},
  app: { permissions: prefixes.map((prefix) => ({ prefix, access: "readwrite" as const })) },
});
const declaration = declare(app("/app/"));

describe("a cluster that cannot be reached", function () {
  this.timeout(60_000);
  let etcd: RbacCluster;
  let silent: Server;
  const sockets: Socket[] = [];

  before(async function () {
    await requireEtcd(this, "3.6");
    etcd = await startRbacCluster("3.6");
    silent = createServer((socket) => void sockets.push(socket.on("error", () => undefined))).listen(0, "127.0.0.1");
  });
  after(async () => {
    sockets.forEach((socket) => socket.destroy());
    silent?.close();
    await etcd?.stop();
  });

  const refusal = async (changes: Partial<RbacCluster["connection"]>) => {
    const error = await applyTo({ ...etcd.connection, ...changes }, declaration).then(
      () => assert.fail("it was reached"),
      (reason: Error) => reason,
    );
    assert.doesNotMatch(error.message, /BEGIN/);
    return error.message;
  };
  const port = () => etcd.connection.endpoints[0]!.replace(/.*:/, "");

  it("is named with its endpoint when nothing listens there", async () => {
    const [free] = await freePorts(1);
    const message = await refusal({ endpoints: [`https://127.0.0.1:${free}`] });
    assert.match(message, new RegExp(`https://127.0.0.1:${free}: nothing listens there`));
  });

  it("is named when its host name is unknown", async () => {
    assert.match(await refusal({ endpoints: ["https://no-such-host.invalid:2379"] }), /cannot be resolved/);
  });

  it("is named when something listens that never answers, within seconds", async () => {
    const { port } = silent.address() as { port: number };
    assert.match(await refusal({ endpoints: [`https://127.0.0.1:${port}`] }), /nothing answers/);
  });

  it("is named when its certificate comes from another authority", async () => {
    const other = await testAuthority("other");
    assert.match(await refusal({ caBundlePem: other.certPem }), /signed by no authority of caBundlePem/);
  });

  it("is named when it refuses the administrator's certificate", async () => {
    const other = await testAuthority("other");
    const root = await other.issue({ commonName: "root", hosts: [], usages: ["client"] });
    assert.match(await refusal(root), /refuses the administrator's certificate/);
  });

  it("is named when its certificate lacks the host", async () => {
    const bare = await etcd.ca.issue({ commonName: "etcd-1", hosts: ["example.com", "127.0.0.1"] });
    etcd.cluster.replaceFiles("etcd-1", bare);
    assert.match(await refusal({ endpoints: [`https://localhost:${port()}`] }), /does not name this host/);
  });

  it("is named when TLS is not spoken there", async () => {
    const plain = createServer((socket) => socket.on("error", () => undefined).end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((listening) => plain.listen(0, "127.0.0.1", listening));
    const { port } = plain.address() as { port: number };
    try {
      assert.match(await refusal({ endpoints: [`https://127.0.0.1:${port}`] }), /does not speak TLS/);
    } finally {
      plain.close();
    }
  });

  it("is not asked at all when the endpoint is no https address", async () => {
    assert.match(await refusal({ endpoints: ["http://127.0.0.1:2379"] }), /without TLS etcd cannot tell who asks/);
  });
});

for (const version of TESTED_ETCD_VERSIONS) {
  describe(`three members of etcd ${version}`, function () {
    this.timeout(120_000);
    let etcd: RbacCluster;
    const members = () => Object.values(etcd.cluster.members);
    before(async function () {
      await requireEtcd(this, version);
      etcd = await startRbacCluster(version, 3);
    });
    after(() => etcd?.stop());

    it("get users and roles while one is down, and keep the guard until that one has shown what it does", async () => {
      const [first] = members();
      const guarded = async () => (await heldBy(etcd.connection, declaration)).users.has(GUARD);
      await first!.kill();
      for (const time of ["first", "second"]) {
        const { warnings } = await applyTo(etcd.connection, declaration);
        const warning = warnings.find((line) => line.startsWith(`whether ${first!.endpoint} takes users`));
        assert.match(warning ?? "", /not known yet, and the user \S+ stays until it is/, `${time} time`);
        assert.equal((await heldBy(etcd.connection, declaration)).authentication, true);
        assert.equal(await guarded(), true);
      }
      first!.start();
      await first!.healthy();
      const { warnings } = await applyTo(etcd.connection, declaration);
      // etcd 3.4 is warned of for other reasons.
      assert.deepEqual(
        warnings.filter((line) => line.includes(GUARD)),
        [],
      );
      assert.equal(await guarded(), false);
    });

    it("lose their leader in the middle, and the update goes on to the end", async () => {
      const wide = declare(app(...Array.from({ length: 30 }, (_, i) => `/app/${i}/`)));
      let calls = 0;
      const leader = await leaderOf(etcd);
      // Reached through the leader, so that the call itself is cut off, too.
      const connection = { ...etcd.connection, endpoints: [leader.endpoint, ...etcd.connection.endpoints] };
      const killing = beforeChange(async () => {
        if (++calls === 15) void leader.kill();
      });
      await applyTo(connection, wide, killing);
      assert.ok(calls > 30);
      assert.deepEqual(
        await prefixes(etcd),
        wide.desired.roles
          .get("app")!
          .map(({ key }) => key)
          .sort(),
      );
      leader.start();
      await leader.healthy();
    });

    it("take changes again that another administrator's overtook", async () => {
      const target = declare(app("/app/", "/more/", "/again/", "/and/", "/other/"));
      const stop = overtakeChanges();
      try {
        await applyTo(etcd.connection, target);
      } finally {
        assert.ok(stop() > 0);
      }
      assert.deepEqual(await prefixes(etcd), ["/again/", "/and/", "/app/", "/more/", "/other/"]);
    });
  });
}

/** Refuses every change twice, as etcd 3.4 and as later ones do; returns what ends it and counts the refusals. */
function overtakeChanges(): () => number {
  const { prototype } = ConnectionPool;
  const exec = prototype.exec;
  const words = ["auth: revision in header is old", "etcdserver: revision of auth store is old"];
  let calls = 0;
  let refused = 0;
  prototype.exec = function (this: ConnectionPool, service: never, method: never, ...rest: never[]) {
    const isChange = /Add|Delete|Grant|Revoke/.test(method);
    if (!isChange || ++calls % 3 === 0) return exec.call(this, service, method, ...(rest as [never]));
    return Promise.reject(new Error(words[refused++ % 2]));
  } as typeof exec;
  return () => {
    prototype.exec = exec;
    return refused;
  };
}

const prefixes = async (etcd: RbacCluster) =>
  (await heldBy(etcd.connection, declaration)).roles
    .get("app")!
    .map(({ key }) => key)
    .sort();

async function leaderOf({ cluster, root }: RbacCluster) {
  const { stdout } = await cluster.etcdctl(["endpoint", "status", "--write-out=json"], root);
  const rows = JSON.parse(stdout) as { Endpoint: string; Status: { leader: number; header: { member_id: number } } }[];
  const leader = rows.find(({ Status }) => Status.leader === Status.header.member_id)!;
  return Object.values(cluster.members).find(({ endpoint }) => endpoint === leader.Endpoint)!;
}
