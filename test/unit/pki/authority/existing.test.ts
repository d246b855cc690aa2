import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { type KnownAuthority, type Role, pemProblems } from "../../../../src/pki/authority/existing";
import { type HandMade, handMade, pemOf } from "../../../support/openssl";

type Pair = { certPem: string; privateKeyPem: string };

const signs: Role = { signs: true, crossSigns: false };
const trusted: Role = { signs: false, crossSigns: false };

describe("An existing authority, made by OpenSSL,", () => {
  const directory = mkdtempSync(join(tmpdir(), "existing-"));
  after(() => rmSync(directory, { recursive: true, force: true }));

  const paths = (name: string) => ({ cert: join(directory, `${name}.pem`), key: join(directory, `${name}-key.pem`) });
  const make = (name: string, wanted: Partial<HandMade> = {}): Pair => {
    handMade({ commonName: name, ...paths(name), ...wanted });
    return { certPem: pemOf(paths(name).cert), privateKeyPem: pemOf(paths(name).key) };
  };
  const convert = (name: string, ...args: string[]) =>
    execFileSync("openssl", [...args, "-in", paths(name).key], { stdio: ["ignore", "pipe", "ignore"] }).toString();

  const now = new Date();
  const problems = (given: KnownAuthority, role: Role = signs, at = now) => pemProblems("old", given, role, at);
  const ca = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];
  const rsa = (bits: number) => ["rsa", "-pkeyopt", `rsa_keygen_bits:${bits}`];
  let root: Pair;
  let sub: Pair;
  let leaf: Pair;

  before(() => {
    root = make("root");
    sub = make("sub", { signer: paths("root"), extensions: ca });
    leaf = make("leaf", { signer: paths("sub"), extensions: ["basicConstraints=CA:FALSE"] });
  });

  describe("is taken", () => {
    const takes: [string, () => KnownAuthority][] = [
      ["with a key as PKCS#8", () => root],
      ["with a key as SEC1", () => ({ ...root, privateKeyPem: convert("root", "ec") })],
      [
        "with a key as PKCS#1",
        () => {
          const { certPem } = make("rsa", { newKey: rsa(2048) });
          return { certPem, privateKeyPem: convert("rsa", "rsa", "-traditional") };
        },
      ],
      ["without a key", () => ({ certPem: root.certPem })],
      ["as an intermediate", () => sub],
      ["as an intermediate with its issuer after it", () => ({ ...sub, certPem: sub.certPem + root.certPem })],
      ["with the root above it as anchor", () => ({ ...sub, anchorPem: root.certPem })],
      [
        "with the text that openssl x509 -text puts before it",
        () => ({ ...root, certPem: `Certificate:\n    Data:\n${root.certPem}` }),
      ],
      ["with the line ends of Windows", () => ({ ...root, certPem: root.certPem.replaceAll("\n", "\r\n") })],
      ["with the usages that etcd asks for", () => make("both", { usages: ["serverAuth", "clientAuth"] })],
      ["with any usage", () => make("any", { usages: ["anyExtendedKeyUsage"] })],
      [
        "with name constraints",
        () => make("named", { extensions: [...ca, "nameConstraints=critical,permitted;DNS:example.com"] }),
      ],
      [
        "with a path length of 0, if it signs leaves only",
        () => make("short", { extensions: ["basicConstraints=critical,CA:TRUE,pathlen:0", ca[1] as string] }),
      ],
    ];
    for (const [what, given] of takes) it(what, () => assert.deepEqual(problems(given()), []));
  });

  describe("is refused", () => {
    const refuses: [string, () => KnownAuthority, RegExp][] = [
      ["if it is no PEM", () => ({ certPem: "MIIB" }), /certPem is no certificate; give PEM/],
      ["if it is a key", () => ({ certPem: root.privateKeyPem }), /certPem is no certificate; give PEM/],
      ["if it is no authority", () => leaf, /"CN=leaf" is no certificate authority \(no CA:TRUE\)/],
      [
        "if its key is encrypted",
        () => ({ ...root, privateKeyPem: convert("root", "pkey", "-aes256", "-passout", "pass:x") }),
        /privateKeyPem is encrypted; decrypt it first/,
      ],
      [
        "if its key is none",
        () => ({ ...root, privateKeyPem: root.certPem }),
        /privateKeyPem is no private key; give PEM/,
      ],
      [
        "if its key is another's",
        () => ({ ...root, privateKeyPem: sub.privateKeyPem }),
        /is not the key of certPem's first certificate/,
      ],
      [
        "if it is for servers only",
        () => make("servers", { usages: ["serverAuth"] }),
        /without server or client authentication/,
      ],
      ["if it signs code", () => make("code", { usages: ["codeSigning"] }), /without server or client authentication/],
      [
        "if its chain is in the wrong order",
        () => ({ ...root, certPem: root.certPem + sub.certPem }),
        /"CN=sub" did not issue "CN=root"; give the authority first/,
      ],
      [
        "if its anchor is another's",
        () => ({ ...sub, anchorPem: make("stranger").certPem }),
        /"CN=stranger" did not issue "CN=sub"/,
      ],
      [
        "if its anchor is no certificate",
        () => ({ ...sub, anchorPem: "x" }),
        /anchorPem is no certificate; give the root's, PEM/,
      ],
    ];
    for (const [what, given, says] of refuses) {
      it(what, () => {
        for (const role of [signs, trusted]) {
          const [problem = "", ...more] = problems(given(), role);
          assert.match(problem, says);
          assert.deepEqual(more, []);
          assert.doesNotMatch(problem, /MII|PRIVATE/, "a PEM in a message");
        }
      });
    }
  });

  describe("is refused as signer, and trusted all the same,", () => {
    const refuses: [string, () => KnownAuthority, RegExp][] = [
      [
        "if it has ended",
        () => make("ended", { days: -1 }),
        /"CN=ended" ended on 20\S+Z and cannot sign any more; sign with another/,
      ],
      ["if its RSA key has 1024 bits", () => make("weak", { newKey: rsa(1024) }), /its RSA key has 1024 bits/],
      ["if SHA-1 signed it", () => make("sha1", { digest: "sha1" }), /"CN=sha1" is signed with SHA-1/],
      [
        "if it has name constraints that Go does not know",
        () => make("constrained", { extensions: [...ca, "nameConstraints=critical,permitted;RID:1.2.3"] }),
        /"CN=constrained" has critical name constraints of a kind that Go does not know/,
      ],
    ];
    for (const [what, given, says] of refuses) {
      it(what, () => {
        const authority = given();
        const [problem = "", ...more] = problems(authority);
        assert.match(problem, says);
        assert.deepEqual(more, []);
        assert.deepEqual(problems(authority, trusted), []);
        assert.match(problems(authority, { signs: false, crossSigns: true })[0] ?? "", says);
      });
    }

    it("if it is to sign another authority, too, and has a path length of 0", () => {
      const authority = make("edge", { extensions: ["basicConstraints=critical,CA:TRUE,pathlen:0", ca[1] as string] });
      assert.match(problems(authority, { signs: true, crossSigns: true })[0] ?? "", /path length of 0, so no cross/);
    });

    it("if the root that is trusted for it allows fewer authorities below", () => {
      const short = make("short-root", {
        extensions: ["basicConstraints=critical,CA:TRUE,pathlen:1", ca[1] as string],
      });
      const below = make("below", { signer: paths("short-root"), extensions: ca });
      const given = { ...below, anchorPem: short.certPem };
      assert.deepEqual(problems(given), []);
      assert.match(
        problems(given, { signs: false, crossSigns: true })[0] ?? "",
        /"CN=short-root" has a path length of 1, and 2 authorities would stand below it; leave anchorPem out/,
      );
      assert.deepEqual(problems(below, { signs: false, crossSigns: true }), []);
    });

    it("as soon as it has ended", () => {
      const later = new Date(now.getTime() + 2 * 365 * 24 * 3_600_000);
      assert.deepEqual(problems(root, signs), []);
      assert.match(problems(root, signs, later)[0] ?? "", /"CN=root" ended on/);
    });
  });
});
