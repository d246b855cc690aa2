import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { ask, placeOf } from "../../../../src/cli/ready/ask";
import type { Answer } from "../../../../src/cli/ready/ask";
import { judgeMember } from "../../../../src/cli/ready/judge";
import { memberAt, membersLeftOut } from "../../../../src/cli/ready/members";
import { makeProbe } from "../../../../src/cli/ready/probe";
import { type KeyPair, type TestAuthority, testAuthority } from "../../../support/issue-certificates";
import { run } from "../../../support/run";

const main = resolve(__dirname, "../../../../src/cli/main.ts");

describe("etcd-pki ready", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), "ready-"));
  const file = (name: string) => join(directory, name);
  const authorities = {} as Record<"old" | "new", TestAuthority>;
  const pairs = {} as Record<"old" | "new", KeyPair>;
  let server: Server;
  let address: string;

  before(async () => {
    for (const which of ["old", "new"] as const) {
      authorities[which] = await testAuthority(`ca-${which}`);
      pairs[which] = await authorities[which].issue({ commonName: "etcd-1" });
      writeFileSync(file(`${which}-ca.pem`), authorities[which].certPem);
      writeFileSync(file(`${which}.pem`), pairs[which].certPem);
      writeFileSync(file(`${which}-key.pem`), pairs[which].privateKeyPem);
    }
    // It asks for no certificate, as etcd without --client-cert-auth.
    const members = JSON.stringify({ members: [{ name: "etcd-1", clientURLs: ["https://10.0.0.9:2379"] }] });
    server = createServer({ cert: pairs.old.certPem, key: pairs.old.privateKeyPem }, (_, response) =>
      response.end(members),
    ).listen(0, "127.0.0.1");
    await new Promise((listening) => server.once("listening", listening));
    address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const ready = (...args: string[]) =>
    run(process.execPath, ["--require", "tsx/cjs", main, "ready", "--for", "distrust", ...args]);
  const asking = (which: "old" | "new", pair = which) => [
    ...[
      "--ca-file",
      file(`${which}-ca.pem`),
      "--cert-file",
      file(`${pair}.pem`),
      "--key-file",
      file(`${pair}-key.pem`),
    ],
  ];

  const wrong: [string, () => string[], RegExp][] = [
    ["nobody to ask", () => asking("new"), /name every member: --endpoint, --peer-endpoint or both/],
    ["nothing to ask with", () => ["--endpoint", address], /name what to ask with: --stack, --export, or --ca-file/],
    [
      "a certificate of another generation",
      () => ["--endpoint", address, ...asking("new", "old")],
      /the certificate to ask the client port with is not signed by the new generation/,
    ],
    [
      "a client that is none",
      () => ["--endpoint", address, ...asking("new"), "--client", "app", "--restarted", "app,ap"],
      /--restarted names ap, and the clients are app/,
    ],
    [
      "an old certificate that is a new one",
      () => [
        "--endpoint",
        address,
        ...asking("new"),
        "--old-cert-file",
        file("new.pem"),
        "--old-key-file",
        file("new-key.pem"),
      ],
      /the certificate of --old-cert-file is signed by the new generation/,
    ],
  ];
  for (const [what, args, message] of wrong)
    it(`ends with 3 for ${what}`, async () => {
      const { code, stdout, stderr } = await ready(...args());
      assert.deepEqual([code, stdout], [3, ""]);
      assert.match(stderr, message);
    });

  it("tells a member that asks for no certificate, and that the cluster has it elsewhere", async () => {
    const { code, stdout } = await ready("--endpoint", address, ...asking("old"));
    assert.equal(code, 1);
    assert.match(stdout, / client +new +asks for none +-$/m);
    assert.match(stdout, /^! member etcd-1 was not asked: name its client port, https:\/\/10\.0\.0\.9:2379\.$/m);
    assert.match(stdout, /^Not ready for distrust\.$/m);
  });

  it("knows the generation that signed, and not one of the same name", async () => {
    const { shown } = await ask(address, undefined);
    const namesake = new X509Certificate((await testAuthority("ca-old")).certPem);
    const accepted: Answer = { shown: shown!, outcome: "accepted", reason: "", body: "" };
    const refused: Answer = { outcome: "refused", reason: "certificate required", body: "" };
    const judge = (authority: X509Certificate) =>
      judgeMember("distrust", { address, port: "client", toNew: accepted, toNone: refused }, authority, "etcd-1");
    assert.equal(judge(new X509Certificate(authorities.old.certPem)).shows, "new");
    assert.deepEqual(judge(namesake).missing, ["it still shows a certificate of another generation"]);
  });

  const outcomes: [string, Partial<Answer>, RegExp][] = [
    ["an old bundle", { outcome: "refused", reason: "unknown ca" }, /restart it with the new CA bundle/],
    [
      "another reason",
      { outcome: "refused", reason: "certificate expired" },
      /^it refuses the certificate: certificate expired$/,
    ],
    ["hosts that do not fit", { outcome: "closed" }, /ask with a certificate that has no hosts/],
    [
      "a member that is down",
      { outcome: "unreachable", reason: "ECONNREFUSED" },
      /^it cannot be reached: ECONNREFUSED$/,
    ],
  ];
  for (const [what, answer, message] of outcomes)
    it(`tells ${what}`, () => {
      const no: Answer = { outcome: "refused", reason: "", body: "" };
      const asked = { address, port: "client" as const, toNew: { ...no, ...answer }, toNone: no };
      const { missing } = judgeMember("sign", asked, new X509Certificate(authorities.new.certPem), "etcd-1");
      assert.match(missing.join(), message);
    });

  it("finds a member at each of its addresses, in every way of writing them", () => {
    const members = [{ name: "etcd-1", clientURLs: ["https://[fd00::1]:2379", "https://10.0.0.1:2379"], peerURLs: [] }];
    for (const given of ["10.0.0.1:2379", "https://10.0.0.1:2379/", "[FD00:0::1]:2379"])
      assert.equal(memberAt(members, given, "client")?.name, "etcd-1", given);
    assert.deepEqual(placeOf("[fd00::1]:2379"), { host: "fd00::1", port: 2379 });
    assert.deepEqual(membersLeftOut(members, [{ address: "10.0.0.1:2380", port: "client" }], "client"), members);
  });

  it("makes a certificate to ask with that names nobody", async () => {
    const keyed = await keyedAuthority();
    const { certPem, privateKeyPem } = await makeProbe(keyed.certPem, keyed.privateKeyPem);
    const probe = new X509Certificate(certPem);
    assert.ok(probe.verify(new X509Certificate(keyed.certPem).publicKey) && privateKeyPem.includes("PRIVATE KEY"));
    assert.deepEqual([probe.subjectAltName, probe.subject, probe.ca], [undefined, "O=etcd-pki ready", false]);
    assert.ok(Date.parse(probe.validTo) - Date.now() <= 60 * 60 * 1000);
  });
});

// A leaf stands for an authority here: all that is asked of it is a key and a name.
const keyedAuthority = async () => (await testAuthority("ca")).issue({ commonName: "ca" });
