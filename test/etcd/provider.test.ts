import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { get } from "node:https";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { toInputs } from "../../src/rbac/inputs";
import { desiredState } from "../../src/rbac/plan";
import { InitFailed, type PluginHost, type Properties, secret, startPlugin } from "../support/rbac/plugin-host";
import { declare, type RbacCluster, removeFrom, startRbacCluster } from "../support/rbac/rbac-cluster";
import { requireEtcd } from "../support/require-etcd";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const urnOf = (type: string) =>
  `urn:pulumi:dev::test::etcd-pki:index:EtcdRbac$etcd-pki:index:${type}::etcd-${type.toLowerCase()}`;
const inventory = urnOf("Inventory");
const urn = urnOf("UsersAndRoles");
const permissions = [
  { prefix: "/app/", access: "readwrite" as const },
  { prefix: "/old/", access: "read" as const },
];
const components = { root: {}, app: { permissions } };
/** What only the update knows, while there is no inventory. */
const noInventory = { adopted: UNKNOWN, inventoryClusterId: UNKNOWN };
const names = Object.fromEntries(
  ["user root", "user app", "role root", "role app", "authentication"].map((name) => [name, "declared"]),
);

describe("the plugin that serves users and roles", function () {
  this.timeout(120_000);
  let etcd: RbacCluster;
  let plugin: PluginHost;

  before(async function () {
    await requireEtcd(this, "3.6");
    etcd = await startRbacCluster("3.6");
  });
  beforeEach(async () => (plugin = await startPlugin()));
  afterEach(async () => {
    await plugin.stop();
    await removeFrom(etcd.connection, declare({ root: {}, app: { permissions }, legacy: {}, idle: {} }), false);
  });
  after(() => etcd?.stop());

  const connection = () => {
    const { endpoints, caBundlePem, certPem, privateKeyPem } = etcd.connection;
    return { endpoints, caBundlePem, administrator: secret({ certPem, privateKeyPem }) };
  };
  const inputs = (changes: Properties = {}): Properties => ({
    ...connection(),
    ...toInputs(desiredState(components)),
    enableAuthentication: true,
    removeUndeclared: false,
    skipDeleteIfUnreachable: false,
    adopted: {},
    noted: names,
    ...changes,
  });
  const create = async (changes: Properties = {}) => {
    const checked = await plugin.check(urn, {}, inputs(changes));
    return { inputs: checked.inputs, ...(await plugin.create(urn, checked.inputs)) };
  };
  /** What the state would show of the values: secrets are encrypted. */
  const visible = (properties: Properties) => {
    const text = JSON.stringify(properties, (_, value: unknown) =>
      typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value ? "[secret]" : value,
    );
    return JSON.parse(text) as Properties;
  };
  const assertNoKey = (properties: Properties) => {
    assert.ok(!JSON.stringify(properties).includes("PRIVATE KEY"), "there is a key in it");
  };
  const said = () => plugin.messages.map(({ severity, message }) => `${severity}: ${message}`).join("\n");

  it("has the schema that the build inferred", async () => {
    assert.equal(await plugin.schema(), readFileSync(join(__dirname, "../../dist/schema.json"), "utf8"));
  });

  it("refuses a type that it does not serve", async () => {
    await assert.rejects(plugin.create(urnOf("Other"), {}), /etcd-pki has no resource type "Other"/);
  });

  it("holds the administrator's key once: as a secret in what the users and roles put out", async () => {
    const noted = await plugin.check(inventory, {}, { ...connection(), names, adoptExisting: false });
    assertNoKey(noted.inputs);
    const before = await plugin.create(inventory, noted.inputs);
    assertNoKey(before.outputs);
    assert.deepEqual(before.outputs["adopted"], {});
    const made = await create();
    assertNoKey(made.inputs);
    assert.match(JSON.stringify(made.outputs), /PRIVATE KEY/);
    assertNoKey(visible(made.outputs));
    const read = await plugin.read(urn, made.id, made.outputs);
    assertNoKey(read.inputs);
    assertNoKey(visible(read.outputs));
    assert.deepEqual([visible(read.inputs), read.outputs], [visible(made.inputs), made.outputs]);
  });

  it("keeps the key sealed in what it made by half", async () => {
    const users = { root: { root: "granted" }, app: { app: "granted", missing: "granted" } };
    const failed = await create({ users }).catch((error: unknown) => error);
    assert.ok(failed instanceof InitFailed, String(failed));
    assert.equal(failed.id, "users-and-roles");
    assert.match(JSON.stringify(failed.properties), /PRIVATE KEY/);
    assertNoKey(visible(failed.properties));
    assert.match((await etcd.etcdctl("user list")).stdout, /app/);
  });

  it("goes on in another process, where only the state has the key", async () => {
    const made = await create();
    await plugin.stop();
    plugin = await startPlugin();
    await plugin.delete(urn, made.id, made.outputs);
    assert.doesNotMatch((await etcd.etcdctl("user list")).stdout, /app/);
  });

  it("takes over what a program in Node.js left in the state, and finds nothing to do", async () => {
    const made = await create();
    const { inputs: checked } = await plugin.check(urn, { ...made.inputs, __provider: "code" }, inputs());
    assert.equal(await plugin.diff(urn, made.id, { ...made.outputs, __provider: "code" }, checked), false);
    const read = await plugin.read(urn, made.id, { ...made.outputs, __provider: "code" });
    assert.ok(!("__provider" in read.inputs) && !("__provider" in read.outputs));
  });

  it("says in the first preview every call, under the resource, and changes nothing", async () => {
    await plugin.check(urn, {}, inputs({ ...noInventory, dryRun: { found: [], adoptExisting: false } }));
    const [plan] = plugin.messages;
    assert.equal(plan?.urn, urn);
    assert.deepEqual(plan.message.split("\n"), [
      "the update makes 9 calls to etcd:",
      "add role app: the declaration names it",
      "grant readwrite on prefix /app/ to role app: the declaration asks for it",
      "grant read on prefix /old/ to role app: the declaration asks for it",
      "add role root: the declaration names it",
      "add user app: the declaration names it",
      "add user root: the declaration names it",
      "grant role app to user app: the declaration asks for it",
      "grant role root to user root: the declaration asks for it",
      "turn authentication on: the declaration asks for it; a user etcd-pki-lock-out-guard stands by until every member has let the administrator in",
    ]);
    assert.equal((await etcd.etcdctl("user list")).stdout.trim(), "");
  });

  it("says in the first preview what authentication means for whom it does not name", async () => {
    await etcd.etcdctl("role add reader");
    await etcd.etcdctl("user add legacy --no-password");
    await etcd.etcdctl("user grant-role legacy reader");
    await etcd.etcdctl("user add idle --no-password");
    await plugin.check(urn, {}, inputs({ dryRun: { found: [], adoptExisting: false } }));
    await etcd.etcdctl("role delete reader");
    assert.match(said(), /today every client may read and write every key; with authentication on:/);
    assert.match(said(), /user legacy, which is not declared, may do what its roles allow: reader/);
    assert.match(said(), /user idle, which is not declared, may do nothing, since it has no role/);
    assert.match(
      said(),
      /a client whose certificate names no user may do nothing; the users are app, root, idle, legacy/,
    );
    assert.match(
      said(),
      /a client of etcd's HTTP gateway or of a grpc-proxy may do nothing, unless it logs in by a pass/,
    );
  });

  it("refuses in the first preview each name that etcd has already, after it said the calls", async () => {
    await etcd.etcdctl("user add app --no-password");
    const noted = await plugin.check(inventory, {}, { ...connection(), names, adoptExisting: false, dryRun: true });
    assert.deepEqual(noted.inputs["found"], ["user app"]);
    const dryRun = { found: ["user app"], adoptExisting: false };
    const { failures } = await plugin.check(urn, {}, inputs({ ...noInventory, dryRun }));
    assert.match(failures.join(), /etcd has already: user app\. To take this over.*adoptExisting: true/);
    assert.match(said(), /grant role app to user app/);
    assert.doesNotMatch(said(), /add user app/);
    const adopting = await plugin.check(urn, {}, inputs({ dryRun: { ...dryRun, adoptExisting: true } }));
    assert.deepEqual(adopting.failures, []);
    const update = await plugin.check(inventory, {}, { ...connection(), names, adoptExisting: false });
    assert.ok(!("found" in update.inputs));
    await assert.rejects(plugin.create(inventory, update.inputs), /etcd has already: user app/);
  });

  it("refuses in a preview a cluster that is not the one that the declaration names or knows", async () => {
    const dryRun = { found: [], adoptExisting: false };
    const { failures } = await plugin.check(urn, {}, inputs({ ...noInventory, dryRun, clusterId: "1" }));
    assert.match(failures.join(), /clusterId names the cluster 1, but the endpoints lead to the cluster \d+/);
    const made = await create();
    const known = { ...made.outputs, cluster: { id: "1", revision: "1" } };
    const { inputs: checked } = await plugin.check(urn, made.inputs, inputs({ dryRun }));
    await assert.rejects(
      plugin.diff(urn, made.id, known, checked),
      /was last made in the cluster 1\. Nothing was changed/,
    );
  });

  it("says in the first preview that it cannot ask: the administrator is not known yet, or no member is up", async () => {
    const dryRun = { found: UNKNOWN, adoptExisting: false };
    await plugin.check(urn, {}, inputs({ dryRun, ...noInventory, administrator: secret(UNKNOWN) }));
    assert.match(said(), /info: etcd is not asked in this preview, since how to reach it is known only in the update/);
    const noted = { names, adoptExisting: false, dryRun: true, endpoints: ["https://127.0.0.1:1"] };
    assert.ok(!("found" in (await plugin.check(inventory, {}, { ...connection(), ...noted })).inputs));
    await plugin.check(urn, {}, inputs({ dryRun, ...noInventory, endpoints: ["https://127.0.0.1:1"] }));
    assert.match(said(), /warning: etcd could not be asked in this preview: No member of etcd can be reached/);
  });

  it("refuses users and roles whose names the inventory has not looked for: an update left it out", async () => {
    const reasons = async (changes: Properties) => {
      // What is undefined does not go over the wire.
      const sent = JSON.parse(JSON.stringify(inputs(changes))) as Properties;
      return (await plugin.check(urn, {}, sent)).failures.join();
    };
    const everything = /left out of this update.*: user app, user root, role app, role root, authentication\. Nothing/;
    // What a preview and an update know of an inventory that was never made.
    assert.match(await reasons({ ...noInventory, noted: UNKNOWN }), everything);
    assert.match(await reasons({ adopted: undefined }), everything);
    const { "user app": app, ...others } = names;
    assert.equal(app, "declared");
    assert.match(await reasons({ noted: others }), /left out of this update.*: user app\. Nothing/);
    assert.equal(said(), "");
  });

  it("says in an update nothing of the kind, and asks etcd once", async () => {
    await plugin.check(urn, {}, inputs());
    assert.equal(said(), "");
  });

  it("finds by a refresh exactly what was changed by hand", async () => {
    const made = await create();
    await etcd.etcdctl("role grant-permission app readwrite --prefix /evil/");
    await etcd.etcdctl("role revoke-permission app --prefix /old/");
    const read = await plugin.read(urn, made.id, made.outputs);
    const { roles, ...others } = read.inputs as { roles: { app: Properties } };
    const { roles: declared, ...declaredOthers } = made.inputs as { roles: { app: Properties } };
    assert.deepEqual(declared.app, { "prefix /app/": "readwrite", "prefix /old/": "read" });
    assert.deepEqual(roles.app, { "prefix /app/": "readwrite", "prefix /evil/": "readwrite" });
    assert.deepEqual(others, declaredOthers);
  });

  it("shows drift and a change of the declaration in a preview, and leaves the lines to the engine", async () => {
    const made = await create();
    const same = await plugin.check(urn, made.inputs, inputs());
    await etcd.etcdctl("role grant-permission app readwrite --prefix /evil/");
    assert.equal(await plugin.diff(urn, made.id, made.outputs, same.inputs), true);
    assert.match(said(), /etcd differs from the declaration:\nrevoke prefix \/evil\/ from role app/);
    const fewer = toInputs(desiredState({ root: {}, app: { permissions: permissions.slice(0, 1) } }));
    const changed = await plugin.check(urn, made.inputs, inputs(fewer));
    assert.equal(await plugin.diff(urn, made.id, made.outputs, changed.inputs), undefined);
    await plugin.update(urn, made.id, made.outputs, changed.inputs);
    assert.doesNotMatch((await etcd.etcdctl("role get app")).stdout, /evil|old/);
  });

  it("asks etcd once for a change: the preview says its calls, and the update reads, makes and says them", async () => {
    const made = await create();
    const fewer = toInputs(desiredState({ root: {}, app: { permissions: permissions.slice(0, 1) } }));
    const call = /revoke prefix \/old\/ from role app: the declaration does not ask for it\n/;
    const counted = /^grpc_server_handled_total\{grpc_code="OK",grpc_method="RoleGet".*\} (\d+)$/m;
    const reads = async () => Number(counted.exec(await metrics(etcd))?.[1]);
    const dryRun = { found: [], adoptExisting: false };
    const previewed = await plugin.check(urn, made.inputs, inputs({ ...fewer, dryRun }));
    await plugin.diff(urn, made.id, made.outputs, previewed.inputs);
    assert.match(said(), call);
    plugin.messages.length = 0;
    const before = await reads();
    const changed = await plugin.check(urn, made.inputs, inputs(fewer));
    assert.equal(await plugin.diff(urn, made.id, made.outputs, changed.inputs), undefined);
    assert.equal(await reads(), before);
    await plugin.update(urn, made.id, made.outputs, changed.inputs);
    assert.match(said(), call);
    // The role, and again after it was changed.
    assert.equal(await reads(), before + 2);
  });
});

/** What etcd counts itself. */
const metrics = ({ connection }: RbacCluster) =>
  new Promise<string>((resolve, reject) => {
    const { caBundlePem: ca, certPem: cert, privateKeyPem: key } = connection;
    const sent = get(`${connection.endpoints[0]}/metrics`, { ca, cert, key, agent: false }, (answer) => {
      let text = "";
      answer.on("data", (chunk) => (text += chunk)).on("end", () => resolve(text));
    });
    sent.on("error", reject);
  });
