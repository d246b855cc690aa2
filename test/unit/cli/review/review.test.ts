import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { readPreview } from "../../../../src/cli/review/preview";
import { reviewOf } from "../../../../src/cli/review/review";
import type { AuthorityState } from "../../../../src/pki/authority/trust";
import type { Step } from "./preview-of";
import { accessStep, certificateSteps, previewOf, record, recordSteps, step } from "./preview-of";

const review = (steps: Step[], diagnostics: object[] = []) => reviewOf(readPreview(previewOf(steps, diagnostics)));
const everyone = { members: 'members["etcd-1"], members["etcd-2"], members["etcd-3"]' };

describe("who must restart", () => {
  const first: AuthorityState = { generations: ["1"], signing: "1" };
  const both: AuthorityState = { generations: ["1", "2"], signing: "1" };
  const signed: AuthorityState = { generations: ["1", "2"], signing: "2" };
  const crossed: AuthorityState = { ...signed, crossSignedBy: { "2": "1" } };
  const alone: AuthorityState = { generations: ["2"], signing: "2", distrusted: ["1"] };
  const aloneCrossed: AuthorityState = { ...alone, crossSignedBy: { "2": "1" } };

  const shared: AuthorityState = { generations: ["client:1"], signing: "client:1" };
  const ownTrusted: AuthorityState = { generations: ["1", "client:1"], signing: "client:1" };
  const ownSigns: AuthorityState = { generations: ["1", "client:1"], signing: "1" };
  const reissued: AuthorityState = { ...first, reissue: { "1": "2026-11" } };
  const cases: [string, "client" | "peer", AuthorityState, AuthorityState, string[], string[], string[]][] = [
    ["a generation joins", "client", first, both, ["trust"], ["members", "clients"], ["after sign"]],
    ["the other one signs", "client", both, signed, ["sign"], [], ["before sign"]],
    ["the old one leaves", "client", signed, alone, ["distrust"], ["members", "clients"], ["before distrust"]],
    ["its key goes", "client", alone, { generations: ["2"], signing: "2" }, ["retire"], [], ["before retire"]],
    ["it is trusted again", "client", alone, signed, ["trust"], ["members", "clients"], ["after sign"]],
    ["a cross-signed one signs at once", "client", first, crossed, ["sign"], ["clients"], []],
    [
      "the signer of the cross certificate leaves",
      "client",
      crossed,
      aloneCrossed,
      ["distrust"],
      ["members"],
      ["before distrust"],
    ],
    ["the signer is trusted again", "client", aloneCrossed, crossed, ["trust"], ["members"], ["after sign"]],
    ["the cross certificate leaves", "client", aloneCrossed, alone, ["retire"], [], ["before retire"]],
    ["a peer generation joins", "peer", first, both, ["trust"], ["members"], ["after sign"]],
    ["a peer generation leaves", "peer", signed, alone, ["distrust"], ["members"], ["before distrust"]],
    ["peers get an authority of their own", "peer", shared, ownTrusted, ["trust"], ["members"], ["after sign"]],
    ["the peers' own signs", "peer", ownTrusted, ownSigns, ["sign"], [], ["before sign"]],
    ["the clients' leaves the peers", "peer", ownSigns, first, ["distrust"], ["members"], ["before distrust"]],
    ["an authority is reissued", "client", first, reissued, ["reissue"], ["members", "clients"], []],
    ["names in another order", "client", both, { ...both, generations: ["2", "1"] }, [], [], []],
  ];
  for (const [what, authority, was, is, stages, who, checks] of cases)
    it(`${what} (${authority} port)`, () => {
      const found = review(recordSteps(record({ [authority]: was }), record({ [authority]: is })));
      assert.deepEqual(
        found.authority.map(({ stage }) => stage),
        stages,
      );
      assert.deepEqual(
        found.restarts.map((restart) => restart.who),
        who,
      );
      assert.deepEqual(
        found.readyChecks.map(({ when, stage }) => `${when} ${stage}`),
        checks,
      );
    });

  it("members come first, one at a time, and only those that run already", () => {
    const next = record({ client: both }, { "etcd-member-etcd-4": { path: 'members["etcd-4"]' } });
    const last = record({}, { "etcd-member-etcd-0": { path: 'members["etcd-0"]' } });
    assert.equal(
      review(recordSteps(last, next)).verdict,
      `After the update, restart ${everyone.members}, one at a time, each healthy before the next; then ` +
        `components["app"], components["root"], proxies["p"], in any order. 1 change of authority.`,
    );
  });

  it("members whose gateway gets a pair of its own", () => {
    const gateway = { path: 'members["etcd-1"].gateway', kind: "gateway" as const };
    const steps = recordSteps(record(), record({}, { "etcd-gateway-etcd-1": gateway }));
    assert.deepEqual(
      review(steps).restarts.map(({ names, how, why }) => [...names, how, why]),
      [
        [
          'members["etcd-1"]',
          "one at a time, each healthy before the next, with its new config",
          "--client-cert-file is read only at start",
        ],
      ],
    );
    assert.deepEqual(
      review(
        recordSteps(record({}, { "etcd-gateway-etcd-1": gateway }), record({}, { "etcd-gateway-etcd-1": gateway })),
      ).restarts,
      [],
    );
  });

  it("nobody, where members get new certificates of the same authority", () => {
    const steps = certificateSteps("etcd-member-etcd-1", "replace", ["readyForRenewal"]);
    const found = review([...steps, ...recordSteps(record(), record())]);
    assert.deepEqual([found.restarts, found.loadOnce], [[], []]);
    assert.equal(found.verdict, "Nobody must restart. 1 certificate is issued anew.");
  });

  it("a client that reads its files once, before its old certificate ends", () => {
    const steps = certificateSteps("etcd-component-app", "replace", ["readyForRenewal"]);
    assert.deepEqual(review([...steps, ...recordSteps(record(), record())]).loadOnce, [
      { cluster: "etcd", names: ['components["app"]'], before: "2027-11-25T03:12:20Z" },
    ]);
  });

  it("for a reissued authority there is time until its old certificate ends", () => {
    const found = review(recordSteps(record(), record({ client: reissued })));
    const times = found.restarts.map(({ how }) => how.split(", at any time ")[1]);
    assert.deepEqual(times, Array(2).fill("before the authority's old certificate ends"));
  });

  it("members of one authority for both ports are named once", () => {
    const shared = (names: string[]): AuthorityState => ({
      generations: names.map((name) => `client:${name}`),
      signing: "client:1",
    });
    const last = record({ peer: shared(["1"]) });
    const found = review(recordSteps(last, record({ client: both, peer: shared(["1", "2"]) })));
    assert.deepEqual(
      found.authority.map(({ side, stage }) => `${side} ${stage}`),
      ["client trust"],
    );
  });

  it("a key that is deleted is a danger", () => {
    const { dangers } = review(
      recordSteps(record({ client: alone }), record({ client: { generations: ["2"], signing: "2" } })),
    );
    assert.deepEqual(dangers, ['"etcd", client port: the key of generation "1" is deleted, and with it the way back']);
  });

  it("is not known where one of the records is of another version", () => {
    const found = review(recordSteps({ trust: { generations: ["1"] } } as never, record()));
    assert.match(found.verdict, /^Who must restart is not known/);
  });

  it("is not known where the record is secret, and the review says so", () => {
    const hidden = { op: "update", old: { inputs: { input: "[secret]" } }, next: { inputs: { input: "[secret]" } } };
    const found = review([
      step("pulumi:index:Stash", "etcd-trust", hidden),
      step("pulumi:index:Stash", "etcd-issued", hidden),
    ]);
    assert.deepEqual(found.hidden.pki, ["etcd"]);
    assert.match(found.verdict, /^Who must restart is not known/);
  });
});

describe("why a certificate is issued anew", () => {
  const cases: [string, object, object, string[], string[]][] = [
    ["its window", {}, {}, ["readyForRenewal"], ["its renewal window is open"]],
    ["hosts", { hosts: "a, b" }, { hosts: "b, c" }, ["certRequestPem"], ["hosts changed"]],
    ["renewNow", {}, { renewNow: "2026-11" }, [], ["renewNow changed"]],
    ["rotateKey", {}, { rotateKey: "2026-11" }, ["certRequestPem"], ["rotateKey changed"]],
    ["an update that left it out", { signedBy: "0" }, {}, ["caCertPem"], ["the last update left it out"]],
    ["what the record does not hold", {}, {}, ["allowedUses"], ["its usages changed"]],
  ];
  for (const [what, was, is, reasons, why] of cases)
    it(what, () => {
      const [last, next] = [was, is].map((change) => record({}, { "etcd-member-etcd-1": change }));
      const steps = certificateSteps("etcd-member-etcd-1", "replace", reasons);
      assert.deepEqual(review([...steps, ...recordSteps(last, next!)]).certificates[0]?.why, why);
    });

  it("another generation of its own port", () => {
    const signs = (signing: string): AuthorityState => ({ generations: ["1", "2"], signing });
    const records = (["1", "2"] as const).map((signing) => record({ client: signs(signing) }));
    const steps = ["etcd-member-etcd-1", "etcd-peer-etcd-1"].flatMap((name) =>
      certificateSteps(name, "replace", ["caCertPem"]),
    );
    for (const { certificates } of records)
      certificates["etcd-peer-etcd-1"] = { ...certificates["etcd-member-etcd-1"]!, kind: "peer" };
    assert.deepEqual(
      review([...steps, ...recordSteps(records[0], records[1]!)]).certificates.map(({ kind, why }) => [kind, ...why]),
      [
        ["member", "generation 2 signs now"],
        ["peer", "its authority's certificate changed"],
      ],
    );
  });

  it("hosts that come and go, the key and the ends are told", () => {
    const [last, next] = ["a, b", "b, c"].map((hosts) => record({}, { "etcd-member-etcd-1": { hosts } }));
    const steps = certificateSteps("etcd-member-etcd-1", "replace", ["certRequestPem"], true);
    const [row] = review([...steps, ...recordSteps(last, next!)]).certificates;
    const { hostsGained, hostsLost, key, oldEnd, newEnd } = row!;
    assert.deepEqual(
      { hostsGained, hostsLost, key, oldEnd, newEnd },
      {
        hostsGained: ["c"],
        hostsLost: ["a"],
        key: "new",
        oldEnd: "2027-11-25T03:12:20Z",
        newEnd: "365 days after the update",
      },
    );
  });

  it("a cross certificate is no identity's", () => {
    assert.deepEqual(review(certificateSteps("etcd-ca-2-by-1", "create")).certificates, []);
  });
});

describe("what users gain and lose", () => {
  const roles = { app: { "prefix /app/": "readwrite", "key /shared": "read" } };
  const users = { root: { root: "granted" }, app: { app: "granted" } };
  const before = { users, roles, enableAuthentication: true };
  const access = (next: object) => review([accessStep(before, { ...before, ...next })]).access;
  const change = (gained: string[], lost: string[]) => [
    { component: "rbac", user: "app", change: "changed", gained, lost },
  ];

  it("a permission that is narrowed is a loss alone", () => {
    const narrowed = { app: { "prefix /app/a/": "readwrite", "key /shared": "read" } };
    assert.deepEqual(access({ roles: narrowed }), change([], ["readwrite prefix /app/"]));
  });
  it("an access that is narrowed, too", () => {
    const narrowed = { app: { "prefix /app/": "read", "key /shared": "read" } };
    assert.deepEqual(access({ roles: narrowed }), change([], ["write prefix /app/"]));
  });
  it("a permission that is widened is a gain alone", () => {
    const widened = { app: { "prefix /": "read", "prefix /app/": "readwrite" } };
    assert.deepEqual(access({ roles: widened }), change(["read prefix /"], []));
  });
  it("roles that are cut in another way and allow the same are no change", () => {
    const split = { a: { "prefix /app/": "readwrite" }, b: { "key /shared": "read" } };
    assert.deepEqual(access({ roles: split, users: { ...users, app: { a: "granted", b: "granted" } } }), []);
  });
  it("the superuser's role is a gain, whatever a user had", () => {
    assert.deepEqual(access({ users: { ...users, app: { root: "granted" } } }), change(["role root"], []));
  });
  it("a user that goes loses all it had", () => {
    const { root } = users;
    assert.deepEqual(access({ users: { root } }), [
      {
        component: "rbac",
        user: "app",
        change: "removed",
        gained: [],
        lost: ["readwrite prefix /app/", "read key /shared"],
      },
    ]);
  });
  it("another login is a change, though the user may do what it could", () => {
    const logins = { app: "password" };
    assert.deepEqual(access({ logins }), [{ ...change([], [])[0], login: "password" }]);
    const back = review([accessStep({ ...before, logins }, before)]).access;
    assert.deepEqual(back, [{ ...change([], [])[0], login: "certificate" }]);
  });
  it("a new user's login is told where it is by password, and nobody asks how a removed one logged in", () => {
    const logins = { app: "password" };
    const added = review([accessStep(undefined, { ...before, logins })]).access;
    assert.deepEqual(
      added.map(({ user, login }) => [user, login]),
      [
        ["app", "password"],
        ["root", undefined],
      ],
    );
    const [removed] = review([accessStep({ ...before, logins }, { ...before, users: { root: users.root } })]).access;
    assert.deepEqual([removed?.change, removed?.login], ["removed", undefined]);
  });
  it("a changed password shows, though a preview says neither whose nor which", () => {
    const found = review([{ ...accessStep(before, before), diffReasons: ["passwords"] }]);
    assert.deepEqual(found.passwords, ["rbac"]);
    assert.equal(found.verdict, "Nobody must restart. 1 change of access.");
  });
  it("is read from the plugin's resource as well", () => {
    const steps = [accessStep(undefined, before, "etcd-pki:index:UsersAndRoles")];
    assert.deepEqual(
      review(steps).access.map(({ user, change: what }) => `${user} ${what}`),
      ["app added", "root added"],
    );
  });
  it("secret users are a danger and not nothing", () => {
    const found = review([accessStep(before, { ...before, users: "[secret]" })]);
    assert.deepEqual(found.hidden.rbac, ["rbac"]);
    assert.match(found.dangers.join(), /users and roles are secret in this preview/);
  });
  it("authentication that is turned off is a danger", () => {
    const found = review([accessStep(before, { ...before, enableAuthentication: false })]);
    assert.match(found.dangers.join(), /authentication is turned off/);
  });
});

describe("a review of Secrets", () => {
  const metadata = (checksum: string) => ({
    metadata: {
      name: "app-etcd",
      namespace: "app",
      labels: { "etcd-pki/identity": "app" },
      annotations: { "etcd-pki/leaf-checksum": checksum, "etcd-pki/bundle-checksum": "b" },
    },
    stringData: "[secret]",
  });
  const secret = (op: string, owner = "etcd-pki:index:EtcdSecrets") =>
    review([
      step("kubernetes:core/v1:Secret", "s", { op, old: { inputs: metadata("1") }, next: { inputs: metadata("2") } }, [
        owner,
        "secrets",
      ]),
    ]);

  it("says which part changes", () => {
    assert.deepEqual(secret("update").secrets, [
      { secret: "app/app-etcd", operation: "update", identity: "app", contents: ["certificate"] },
    ]);
  });
  it("calls a replacement a danger", () => {
    assert.deepEqual(secret("replace").dangers, ["Secret app/app-etcd is replaced, so it is missing for a moment"]);
  });
  it("leaves others' Secrets to the rest", () => {
    const { secrets, rest } = secret("update", "my:index:App");
    assert.deepEqual([secrets, rest], [[], [{ operation: "update", type: "kubernetes:core/v1:Secret", name: "s" }]]);
  });
});

describe("a verdict", () => {
  it("is empty where nothing of etcd changes, whatever else does", () => {
    const other = { op: "create", next: {} };
    const warning = { severity: "warning", message: "warning: no package.json" };
    assert.equal(review([step("aws:s3:Bucket", "b", other, ["my:index:App", "a"])], [warning]).verdict, "");
  });
  it("is a refusal where one is, however often the engine repeats it", () => {
    const error = { severity: "error", message: '<{%reset%}>error: EtcdPki "etcd": one stage at a time<{%reset%}>\n' };
    const found = review(recordSteps(record(), record()), [error, error]);
    assert.deepEqual(found.refusals, ['EtcdPki "etcd": one stage at a time']);
    assert.match(found.verdict, /^Refused: /);
  });
});
