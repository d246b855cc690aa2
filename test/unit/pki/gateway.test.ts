import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { gatewayProblems, gatewayStages } from "../../../src/pki/certificate/gateway";
import type { CertificateRecord, IssuedRecord } from "../../../src/pki/certificate/record";

const trusted = { generations: ["1"], signing: "1" };
const row = (path: string, kind: "member" | "gateway", more = {}): CertificateRecord => ({
  ...{ path, kind, validUntil: "", signedBy: "1" },
  ...more,
});
const record = (rows: CertificateRecord[]): IssuedRecord => ({
  trust: { client: trusted, peer: trusted },
  certificates: Object.fromEntries(rows.map((each) => [each.path, each])),
});
const path = 'members["etcd-1"]';
const gateway = row(`${path}.gateway`, "gateway");
const none = record([row(path, "member")]);
const both = record([row(path, "member", { clientUsage: true }), gateway]);
const own = record([row(path, "member"), gateway]);
const nobody = record([]);

describe("Client usage of server certificates", () => {
  const steps: [string, IssuedRecord, IssuedRecord, boolean, string[]][] = [
    ["stays while a gateway certificate comes", none, both, true, ["get a pair", "with its new config"]],
    ["goes when members have restarted", both, own, true, ["for serving only", "Restart after: nothing"]],
    ["may not go at once", none, own, false, []],
    ["comes back", own, both, true, []],
    ["comes back with no gateway certificate", own, none, true, ["have no pair", "leave the pair's files"]],
    ["is not asked of a new member", nobody, own, true, []],
  ];
  for (const [what, last, next, isAllowed, words] of steps) {
    it(what, () => {
      const problems = gatewayProblems(last, next);
      if (isAllowed) {
        assert.deepEqual(problems, []);
        const stages = gatewayStages(last, next);
        assert.equal(stages.length, words.length > 0 ? 1 : 0);
        for (const word of words) assert.ok(stages.join().includes(word), stages.join());
      } else assert.match(problems.join(), /members\["etcd-1"\].*first declare keepClientUsage: true beside it/);
    });
  }
});
