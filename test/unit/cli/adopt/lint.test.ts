import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { readFolder } from "../../../../src/cli/adopt/folder";
import { inventoryOf } from "../../../../src/cli/adopt/inventory";
import { type Finding, findingsIn } from "../../../../src/cli/adopt/lint";
import { handMade, type HandMade } from "../../../support/openssl";

const both = ["serverAuth", "clientAuth"];
const rsa1024 = ["rsa:1024"];
const ca = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"];

describe("the lint of what others made", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), "lint-"));
  let folder: string;
  after(() => rmSync(directory, { recursive: true, force: true }));

  const pair = (name: string) => ({ cert: join(folder, `${name}.pem`), key: join(folder, `${name}-key.pem`) });
  const make = (name: string, more: Partial<HandMade> = {}) => handMade({ ...pair(name), commonName: name, ...more });
  const leaf = (name: string, more: Partial<HandMade> = {}) => make(name, { signer: pair("ca"), days: 365, ...more });
  const member = (more: Partial<HandMade> = {}) => leaf("etcd-1", { hosts: ["10.0.0.1"], usages: both, ...more });
  const findings = (now = new Date()) => findingsIn(inventoryOf([readFolder(folder)], {}, now));
  const only = (list: Finding[]) => list.map(({ severity, reason }) => `${severity}: ${reason}`);

  /** What makes the folder, and the one finding. */
  const cases: [string, () => void, RegExp | undefined][] = [
    ["nothing about a sound folder", () => (make("ca"), member(), leaf("app", { usages: ["clientAuth"] })), undefined],
    ["a folder without an authority", () => undefined, /^refused: it holds no certificate authority$/],
    [
      "an authority's key that is not its own",
      () => {
        make("ca");
        member();
        copyFileSync(pair("etcd-1").key, pair("ca").key);
      },
      /^refused: ca-key\.pem is not its key$/,
    ],
    [
      "an authority without its key",
      () => {
        make("ca");
        member();
        rmSync(pair("ca").key);
      },
      /^warning: its key is not here, so it can be trusted but cannot sign$/,
    ],
    [
      "an authority's key that is encrypted",
      () => {
        make("ca");
        member();
        const { key } = pair("ca");
        execFileSync("openssl", ["pkey", "-in", key, "-aes256", "-passout", "pass:x", "-out", `${key}.new`]);
        copyFileSync(`${key}.new`, key);
      },
      /^warning: ca-key\.pem is encrypted$/,
    ],
    [
      "an authority with a usage that Go passes down",
      () => (make("ca", { extensions: ca, usages: ["serverAuth"] }), member()),
      /^refused: its extended key usages lack client, and Go's verifiers/,
    ],
    [
      "no fault in an authority with both usages",
      () => (make("ca", { extensions: ca, usages: both }), member()),
      undefined,
    ],
    [
      "an authority that may not sign",
      () => make("ca", { extensions: ["basicConstraints=critical,CA:TRUE", "keyUsage=cRLSign"] }),
      /^refused: it does not say that it may sign certificates/,
    ],
    [
      "name constraints",
      () => (make("ca", { extensions: [...ca, "nameConstraints=permitted;DNS:example.com"] }), member()),
      /^warning: it has name constraints$/,
    ],
    [
      "a path length of 0",
      () => (make("ca", { extensions: ["basicConstraints=critical,CA:TRUE,pathlen:0", ca[1]] }), member()),
      /^warning: its path length is 0, so it cannot cross-sign/,
    ],
    ["an authority near its end", () => (make("ca", { days: 100 }), member()), /^warning: it ends in 99 days$/],
    ["a member signed with SHA-1", () => (make("ca"), member({ digest: "sha1" })), /^warning: its signature is SHA-1/],
    ["an authority's own SHA-1, which nobody checks", () => (make("ca", { digest: "sha1" }), member()), undefined],
    [
      "a short RSA key",
      () => (make("ca"), leaf("app", { usages: ["clientAuth"], newKey: rsa1024 }), member()),
      /^warning: its RSA key has 1024 bits/,
    ],
    ["a member near its end", () => (make("ca"), member({ days: 20 })), /^warning: it ends in 19 days$/],
    [
      "a member that nobody here signed",
      () => {
        make("ca");
        member();
        make("ca", { commonName: "ca" });
      },
      /^refused: no authority in the folder signed it; it names "CN=ca" as its issuer$/,
    ],
    [
      "a component of another authority",
      () => {
        make("ca");
        member();
        make("other-ca");
        leaf("app", { signer: pair("other-ca"), usages: ["clientAuth"] });
      },
      /^refused: other-ca\.pem signed it, and ca\.pem the other members$/,
    ],
    [
      "an authority that signed nothing here",
      () => (make("ca"), member(), make("other-ca")),
      /^warning: it signed nothing that is here$/,
    ],
    [
      "two clients of one common name",
      () => {
        make("ca");
        member();
        for (const name of ["a", "b"]) leaf(name, { commonName: "app", usages: ["clientAuth"] });
      },
      /^warning: they have one common name, "app": etcd takes all of them for one user$/,
    ],
    [
      "a member's key that is not its own",
      () => {
        make("ca");
        member();
        copyFileSync(pair("ca").key, pair("etcd-1").key);
      },
      /^warning: etcd-1-key\.pem is not its key$/,
    ],
  ];
  for (const [what, makeFolder, expected] of cases) {
    it(`finds ${what}`, () => {
      folder = mkdtempSync(join(directory, "case-"));
      writeFileSync(join(folder, "x-key.pem"), "");
      makeFolder();
      const found = findings().filter(({ reason }) => !/signed nothing/.test(reason) || /nothing here/.test(what));
      if (expected === undefined) return assert.deepEqual(only(found), []);
      assert.equal(found.length, 1, only(found).join("\n"));
      assert.match(only(found)[0], expected);
      assert.notEqual(found[0].remedy, "");
    });
  }

  describe("as time goes on", () => {
    before(() => {
      folder = mkdtempSync(join(directory, "case-"));
      make("ca", { days: 1000 });
      member();
    });
    const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1000);

    it("refuses an authority that has ended, since nothing that it signs is valid", () => {
      assert.deepEqual(
        findings(inDays(1001)).map(({ severity }) => severity),
        ["refused", "warning"],
      );
    });

    it("warns of a member that has ended, since the first update issues a new one", () => {
      assert.match(only(findings(inDays(366)))[0], /^warning: it ended \d days ago$/);
    });

    it("refuses what is not valid yet: a clock is wrong", () => {
      assert.match(only(findings(inDays(-2))).join(), /refused: it is not valid yet/);
    });
  });
});
