import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "mocha";
import { constraintProblems } from "../../../../src/pki/authority/constraints";
import { problemsIn } from "../../../../src/pki/checks";
import { planPki } from "../../../../src/pki/plan";
import { handMade, pemOf } from "../../../support/openssl";

const directory = mkdtempSync(join(tmpdir(), "constraints-"));
const paths = (name: string) => ({ cert: join(directory, `${name}.pem`), key: join(directory, `${name}-key.pem`) });
const ca = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];
let count = 0;
const constrained = (constraints: string) => {
  const name = `ca-${++count}`;
  handMade({ ...paths(name), commonName: name, extensions: [...ca, `nameConstraints=critical,${constraints}`] });
  return name;
};

describe("The hosts of what an authority with name constraints signs", () => {
  after(() => rmSync(directory, { recursive: true, force: true }));

  // Constraints, a host, and whether OpenSSL takes a certificate with it: we say the same.
  const cases: [string, string, boolean][] = [
    ["permitted;DNS:example.com", "etcd-1.example.com", true],
    ["permitted;DNS:example.com", "example.com", true],
    ["permitted;DNS:example.com", "Example.COM", true],
    ["permitted;DNS:example.com", "badexample.com", false],
    ["permitted;DNS:example.com", "localhost", false],
    ["permitted;DNS:example.com", "10.0.0.1", true],
    ["permitted;DNS:.example.com", "etcd-1.example.com", true],
    ["permitted;DNS:.example.com", "example.com", false],
    ["permitted;DNS:example.com,excluded;DNS:old.example.com", "etcd.old.example.com", false],
    ["permitted;DNS:example.com,excluded;DNS:old.example.com", "etcd.example.com", true],
    ["excluded;DNS:example.com", "localhost", true],
    ["permitted;IP:10.0.0.0/255.0.0.0", "10.1.2.3", true],
    ["permitted;IP:10.0.0.0/255.0.0.0", "11.1.2.3", false],
    ["permitted;IP:10.0.0.0/255.0.0.0", "fd00::1", false],
    ["permitted;IP:fd00::/ffff::", "fd00::1", true],
    ["permitted;IP:fd00::/ffff::", "fe80::1", false],
    ["excluded;IP:10.0.0.0/255.255.255.0", "10.0.0.9", false],
    ["excluded;IP:10.0.0.0/255.255.255.0", "10.0.1.9", true],
    ["permitted;email:example.com", "localhost", true],
  ];
  for (const [constraints, host, isTaken] of cases) {
    it(`are ${isTaken ? "taken" : "refused"}: ${host} by ${constraints}`, () => {
      const name = constrained(constraints);
      const leaf = { ...paths(`leaf-${count}`), signer: paths(name) };
      handMade({ ...leaf, commonName: "", hosts: [host], extensions: ["basicConstraints=CA:FALSE"] });
      assert.equal(verifies(paths(name).cert, leaf.cert), isTaken, "OpenSSL's own word");
      const problems = constraintProblems("etcd-1", [host], pemOf(paths(name).cert));
      assert.equal(problems.length, isTaken ? 0 : 1);
      if (!isTaken)
        assert.match(problems[0] ?? "", /^etcd-1: the name constraints of "CN=ca-\d+" do not allow its host/);
    });
  }

  it("may not be a wildcard over what is excluded, which Go refuses", () => {
    const pem = pemOf(paths(constrained("excluded;DNS:old.example.com")).cert);
    assert.equal(constraintProblems("a", ["*.example.com"], pem).length, 1);
    assert.equal(constraintProblems("a", ["*.example.org"], pem).length, 0);
  });

  it("are refused before any resource exists, each with its own way out", () => {
    const name = constrained("permitted;DNS:example.com");
    const old = { certPem: pemOf(paths(name).cert), privateKeyPem: pemOf(paths(name).key) };
    const problems = (hosts: string[], loopback: boolean, more = {}) => {
      const args = {
        members: { "etcd-1": { hosts, loopback } },
        certificateAuthority: { generations: ["old"], existing: { old } },
        peerCertificateAuthority: { generations: ["1"] },
        ...more,
      };
      return problemsIn(args, planPki("etcd", args)).join("\n");
    };
    assert.equal(problems(["etcd-1.example.com", "10.0.0.1"], false), "");
    assert.match(problems(["etcd-1.example.com"], true), /its host "localhost".*set loopback: false/);
    assert.match(
      problems(["etcd-1.example.org"], false),
      /members\["etcd-1"\]: .*"etcd-1.example.org" \(allowed: example.com\).*leave it out/,
    );
    const cross = { generations: ["1"], crossSignedBy: { "1": "client:old" } };
    const peers = (etcdVersion?: string) =>
      problems(["etcd-1.example.com"], false, { peerCertificateAuthority: cross, etcdVersion });
    const needed = /members\["etcd-1"\].peer: .*etcd.etcd-peer.*tells members from all others by it.*etcdVersion/;
    for (const etcdVersion of [undefined, "3.4.23", "3.5.14"]) assert.match(peers(etcdVersion), needed);
    for (const etcdVersion of ["3.5.15", "3.6.0"]) assert.equal(peers(etcdVersion), "");
  });
});

function verifies(caFile: string, certFile: string): boolean {
  try {
    execFileSync("openssl", ["verify", "-CAfile", caFile, certFile], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
}
