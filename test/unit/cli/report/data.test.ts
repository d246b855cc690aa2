import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { accessIn } from "../../../../src/cli/report/access";
import type { ReportData } from "../../../../src/cli/report/data";
import { axisOf, livesOf, thousandthAt } from "../../../../src/cli/report/life";
import type { StackResource } from "../../../../src/cli/stack-resources";
import { dataOf, small } from "../../../support/report/demos";

const rbac = (inputs: Record<string, unknown>): StackResource => ({
  urn: "urn:pulumi:prod::infra::etcd-pki:index:EtcdRbac$etcd-pki:index:UsersAndRoles::etcd-users-and-roles",
  type: "etcd-pki:index:UsersAndRoles",
  parent: "urn:pulumi:prod::infra::etcd-pki:index:EtcdRbac::etcd",
  inputs: { enableAuthentication: true, ...inputs },
});
const rightsOf = (users: Record<string, Record<string, string>>, roles: Record<string, Record<string, string>>) =>
  Object.fromEntries((accessIn([rbac({ users, roles })])[0]?.ranges ?? []).map(({ range, rights }) => [range, rights]));

describe("What a report says of a stack", () => {
  let data: ReportData;
  before(async () => void (data = await dataOf(small)));

  it("names stack and project, and puts the first end first", () => {
    assert.equal(data.stack, "infra/prod");
    assert.deepEqual(
      data.lives.slice(0, 3).map(({ identity, status, daysLeft }) => [identity, status, daysLeft]),
      [
        ["kube-apiserver", "due", 22],
        ["my-app", "due", 23],
        ["calico", "ok", 74],
      ],
    );
  });

  it("finds what is to be done before what is only to be known", () => {
    assert.deepEqual(
      data.findings.map(({ level, what }) => [level, what]),
      [
        ["to do", "In the renewal window: kube-apiserver (component), my-app (component)."],
        ["to do", "An older certificate than the stack's is in kube-system/calico-etcd."],
        ["note", "No user of etcd's here, so refused where authentication is on: monitoring."],
        ["note", 'The authority of the client port in "etcd" is between two generations: 2 signs, 1 is trusted.'],
      ],
    );
  });

  it("says of each generation what it does, and when its certificate ends", () => {
    assert.deepEqual(
      data.generations.map(({ sides, name, role, crossSignedBy, row }) => [
        ...[sides.join(), name, role, crossSignedBy],
        row?.daysLeft,
      ]),
      [
        ["client", "2", "signs", "1", 3639],
        ["client", "1", "trusted", "", 419],
        ["peer", "1", "signs", "", 3199],
      ],
    );
  });

  it("tells a Secret with an old certificate from one with what the stack issued", () => {
    assert.deepEqual(
      data.secrets.map(({ secret, isOld }) => [secret, isOld]),
      [
        ["kube-system/calico-etcd", true],
        ["kube-system/my-app-etcd", false],
      ],
    );
  });
});

describe("Who may do what, by keys", () => {
  const cases: [string, Record<string, Record<string, string>>, Record<string, Record<string, string>>, object][] = [
    [
      "of a wider range has the narrower one, too",
      { a: { wide: "granted" }, b: { narrow: "granted" } },
      { wide: { "prefix /a": "read" }, narrow: { "prefix /a/b": "readwrite" } },
      { "prefix /a": { a: "read", b: "part" }, "prefix /a/b": { a: "read", b: "readwrite" } },
    ],
    [
      "by two roles together has what both allow",
      { a: { reads: "granted", writes: "granted" } },
      { reads: { "key x": "read" }, writes: { "key x": "write" } },
      { "key x": { a: "readwrite" } },
    ],
    [
      "of everything stands by the role root in no line",
      { root: { root: "granted" }, a: { own: "granted" } },
      { root: {}, own: { "all keys": "write" } },
      { "all keys": { a: "write" } },
    ],
  ];
  for (const [title, users, roles, expected] of cases)
    it(`who may do something ${title}`, () => assert.deepEqual(rightsOf(users, roles), expected));

  it("is hidden, and not empty, where users and roles are secret in the state", () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };
    const [access] = accessIn([rbac({ users: secret, roles: secret })]);
    assert.deepEqual([access?.isHidden, access?.authentication, access?.users], [true, true, []]);
  });
});

describe("The time line", () => {
  const now = "2026-07-01T00:00:00Z";
  const row = { notBefore: "2026-01-15T00:00:00Z", notAfter: "2027-01-15T00:00:00Z" };

  it("goes from the first beginning to the last end, with a line a month and the year at its January", () => {
    const axis = axisOf([row], now);
    assert.deepEqual([axis.from, axis.to], [Date.parse(row.notBefore), Date.parse(row.notAfter)]);
    assert.deepEqual(
      axis.ticks.map(({ label }) => label),
      ["Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "2027"],
    );
    assert.deepEqual(
      [row.notBefore, now, row.notAfter].map((time) => thousandthAt(axis, time)),
      [0, 457.5, 1000],
    );
  });

  it("draws of a life of ten years the part around now, so that shorter ones can be seen", () => {
    const axis = axisOf([{ notBefore: "2020-01-01T00:00:00Z", notAfter: "2030-01-01T00:00:00Z" }, row], now);
    assert.equal((axis.to - axis.from) / 86_400_000, 800);
    assert.equal(thousandthAt(axis, "2030-01-01T00:00:00Z"), 1000);
  });

  it("renews within a week of the window's beginning, and never after the end", () => {
    const of = (renewFrom: string) =>
      livesOf([{ ...row, renewFrom } as never]).map(({ renewal }) => [renewal?.from, renewal?.to])[0];
    assert.deepEqual(of("2026-12-16T00:00:00Z"), ["2026-12-16T00:00:00Z", "2026-12-23T00:00:00Z"]);
    assert.deepEqual(of("2027-01-14T00:00:00Z"), ["2027-01-14T00:00:00Z", row.notAfter]);
  });
});
