import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { before, describe, it } from "mocha";
import { join } from "../../../../src/cli/expiry/facts";
import { json, table } from "../../../../src/cli/expiry/formats";
import type { Report } from "../../../../src/cli/expiry/report";
import { exitCode, reportOn } from "../../../../src/cli/expiry/report";
import type { Found } from "../../../../src/cli/expiry/sources";
import { type LeafOptions, type TestAuthority, testAuthority } from "../../../support/issue-certificates";

const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;
const now = new Date("2026-06-01T00:00:00Z");
const inDays = (days: number) => new Date(now.getTime() + days * dayMs);
const year = { notBefore: inDays(-65), notAfter: inDays(300) };

describe("the expiry report", () => {
  let ours: TestAuthority;
  let strangers: TestAuthority;
  before(async () => {
    [ours, strangers] = await Promise.all([testAuthority("etcd-ca-1"), testAuthority("etcd-ca-1")]);
  });

  const leaf = async (authority: TestAuthority, options: Partial<LeafOptions> = {}) =>
    (await authority.issue({ commonName: "etcd-1", ...year, ...options })).certPem;
  const found = (certPem: string, place: Found["place"], source: string, more: Partial<Found> = {}): Found => ({
    source,
    place,
    certificate: new X509Certificate(certPem),
    ...more,
  });
  const known = { cluster: "etcd", urn: "urn::etcd", kind: "member", identity: "etcd-1", earlyRenewalHours: 24 * 40 };
  const report = (all: Found[], unreadable: string[] = [], withStrangers = false): Report => {
    const { joined, strangers: left } = join(all, withStrangers);
    return reportOn(joined, unreadable, left, now);
  };

  const judged: [string, Partial<LeafOptions>, Partial<Found>, string, number][] = [
    ["long before its end", {}, {}, "ok", 0],
    ["in the window that the stack tells", { notAfter: inDays(39) }, { known }, "due", 1],
    ["before the window that the stack tells", { notAfter: inDays(41) }, { known }, "ok", 0],
    [
      "in its last 30 days, and nobody tells its window",
      { notBefore: inDays(-400), notAfter: inDays(29) },
      {},
      "ending",
      1,
    ],
    ["in the last third of a short life", { notBefore: inDays(-7), notAfter: inDays(3) }, {}, "ending", 1],
    ["before the last third of a short life", { notBefore: inDays(-6), notAfter: inDays(4) }, {}, "ok", 0],
    ["at its end", { notAfter: now }, { known }, "expired", 2],
    ["before its begin", { notBefore: inDays(1) }, { known }, "not-yet-valid", 2],
  ];
  for (const [when, options, more, status, code] of judged) {
    it(`calls a certificate ${when} "${status}" and ends with ${code}`, async () => {
      const made = report([found(await leaf(ours, options), "file", "a.pem", more)]);
      assert.deepEqual(
        made.certificates.map((row) => row.status),
        [status],
      );
      assert.equal(exitCode(made), code);
    });
  }

  it("lets the worst finding decide the exit code: not valid, then not readable, then to be done", async () => {
    const expired = found(await leaf(ours, { notAfter: inDays(-1) }), "file", "old.pem");
    const due = found(await leaf(ours, { notAfter: inDays(1) }), "file", "due.pem");
    assert.equal(exitCode(report([due, expired], ["b.pem could not be read"])), 2);
    assert.equal(exitCode(report([due], ["b.pem could not be read"])), 3);
    assert.equal(exitCode(report([due])), 1);
  });

  it("gives one certificate one line and one verdict, with what the stack knows of it, wherever it is found", async () => {
    const certPem = await leaf(ours, { notAfter: inDays(39) });
    const made = report([
      found(certPem, "file", "etcd-1.pem"),
      found(certPem, "endpoint", "https://10.0.0.1:2379"),
      found(certPem, "stack", "the stack", { known }),
    ]);
    assert.deepEqual(
      made.certificates.map(({ cluster, kind, identity, status, sources }) => [
        cluster,
        kind,
        identity,
        status,
        sources,
      ]),
      [["etcd", "member", "etcd-1", "due", ["etcd-1.pem", "https://10.0.0.1:2379", "the stack"]]],
    );
  });

  it("says what a certificate is by what is in it, where no stack tells more", async () => {
    const leaves: [LeafOptions, string, string][] = [
      [{ commonName: "etcd-1", usages: ["server", "client"] }, "client+server", "etcd-1"],
      [{ commonName: "proxy-1", usages: ["server"] }, "server", "proxy-1"],
      [{ commonName: "app", hosts: [], usages: ["client"] }, "client", "app"],
      [{ commonName: "", hosts: [], usages: ["client"] }, "client", ""],
    ];
    for (const [options, kind, identity] of leaves) {
      const [row] = report([found(await leaf(ours, options), "file", "a.pem")]).certificates;
      assert.deepEqual([row.kind, row.identity, row.signedBy, row.renewFrom], [kind, identity, "etcd-ca-1", undefined]);
    }
    const [authority] = report([found(ours.certPem, "file", "ca.pem")]).certificates;
    assert.deepEqual([authority.kind, authority.identity], ["authority", "etcd-ca-1"]);
  });

  it("counts a Secret of nobody's only if an authority that is known signed its certificate, whatever its name", async () => {
    const mine = found(await leaf(ours), "secret", "secret a/etcd tls.crt", { perhapsStrange: true });
    const theirs = found(await leaf(strangers, { notAfter: inDays(-5) }), "secret", "secret shop/tls tls.crt", {
      perhapsStrange: true,
    });
    const theirAuthority = found(strangers.certPem, "secret", "secret shop/tls ca.crt", { perhapsStrange: true });
    const authority = found(ours.certPem, "file", "ca.pem");
    const made = report([authority, mine, theirs, theirAuthority]);
    assert.deepEqual(made.certificates.flatMap(({ sources }) => sources).sort(), ["ca.pem", "secret a/etcd tls.crt"]);
    assert.equal(made.strangers, 2);
    assert.match(table(made), /^Left out: 2 certificates in Secrets without the label .* --all shows them\)\.$/m);
    const withAll = report([authority, mine, theirs, theirAuthority], [], true);
    assert.equal(withAll.certificates.length, 4);
    assert.equal(exitCode(withAll), 2);
  });

  it("does not let a live server vouch for itself", async () => {
    const shown = [
      found(await leaf(strangers), "endpoint", "https://10.0.0.1:2379"),
      found(strangers.certPem, "endpoint", "https://10.0.0.1:2379"),
    ];
    const secret = found(await leaf(strangers), "secret", "secret a/b tls.crt", { perhapsStrange: true });
    assert.equal(report([...shown, secret]).strangers, 1);
  });

  describe("of disagreements", () => {
    let held: string;
    let other: string;
    let authority: Found;
    before(async () => {
      [held, other] = [await leaf(ours), await leaf(ours)];
      authority = found(ours.certPem, "stack", "the stack", { known: { cluster: "etcd", urn: "urn::etcd" } });
    });
    const fromStack = () => found(held, "stack", "the stack", { known });
    const endpoint = "https://10.0.0.1:2379";

    it("names an identity that is somewhere else another one than in the stack", () => {
      const made = report([authority, fromStack(), found(other, "endpoint", endpoint)]);
      const [one, two] = [held, other].map((pem) => new X509Certificate(pem).serialNumber);
      assert.deepEqual(made.disagreements, [
        `member "etcd-1" is not the same everywhere: the stack has ${one} (until 2027-03-28T00:00:00Z), ` +
          `${endpoint} has ${two} (until 2027-03-28T00:00:00Z)`,
      ]);
    });

    it("sees it across generations, since the stack says that both are one cluster's", async () => {
      const next = await testAuthority("etcd-ca-2");
      const second = found(next.certPem, "stack", "the stack", { known: { cluster: "etcd", urn: "urn::etcd" } });
      const stale = found(await leaf(next), "secret", "secret a/b tls.crt");
      assert.equal(report([authority, second, fromStack(), stale]).disagreements.length, 1);
    });

    it("says nothing of a stranger with the same names", async () => {
      const stranger = [found(await leaf(strangers), "file", "b.pem"), found(strangers.certPem, "file", "ca.pem")];
      assert.deepEqual(report([authority, fromStack(), ...stranger]).disagreements, []);
    });

    it("takes kubeadm's server.crt and peer.crt, of one name and one signer, for two certificates", () => {
      const files = [
        found(ours.certPem, "file", "ca.crt"),
        found(held, "file", "server.crt"),
        found(other, "file", "peer.crt"),
      ];
      assert.deepEqual(report(files).disagreements, []);
      assert.deepEqual(report([...files, found(held, "endpoint", endpoint)]).disagreements, [], "one of them is shown");
    });

    it("says without a stack that a live server shows a certificate that no file holds", async () => {
      const files = [found(ours.certPem, "file", "ca.crt"), found(held, "file", "server.crt")];
      const made = report([...files, found(other, "endpoint", endpoint)]);
      assert.match(made.disagreements.join(), /^client\+server "etcd-1" is not the same everywhere: server\.crt has /);
    });
  });

  it("shows first what ends first, in a line each", async () => {
    const rows = [
      found(await leaf(ours, { commonName: "late" }), "file", "a.pem"),
      found(await leaf(ours, { commonName: "early", notAfter: inDays(200) }), "file", "b.pem"),
    ];
    const lines = table(report(rows, ["c.pem could not be read: ENOENT"])).split("\n");
    assert.match(lines[0], /^IDENTITY +KIND +STATUS +DAYS LEFT +NOT AFTER +RENEW FROM +SIGNED BY/);
    assert.match(lines[1], /^early +client\+server +ok +200 +2026-12-18T00:00:00Z +unknown +etcd-ca-1 /);
    assert.match(lines[2], /^late +client\+server +ok +300 /);
    assert.equal(lines[3], "! c.pem could not be read: ENOENT");
  });

  it("does not list every Secret that holds a bundle", () => {
    const places = Array.from({ length: 20 }, (_, i) => found(ours.certPem, "secret", `secret ns${i}/etcd ca.crt`));
    const made = report(places);
    assert.match(table(made), /secret ns0\/etcd ca\.crt, .*secret ns2\/etcd ca\.crt and 17 more/);
    assert.equal(made.certificates[0].sources.length, 20);
  });

  it("is the same as JSON", async () => {
    const made = report([found(await leaf(ours), "file", "a.pem")], ["x"]);
    assert.deepEqual(JSON.parse(json(made)), made);
  });
});
