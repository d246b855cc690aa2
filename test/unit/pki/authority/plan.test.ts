import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { EtcdPkiArgs } from "../../../../src/pki/args";
import { planAuthorities, sidesOf } from "../../../../src/pki/authority/plan";

const recordOf = (args: EtcdPkiArgs) => {
  const { client, peer } = planAuthorities("etcd", args);
  return { client: client.state, peer: peer.state };
};

describe("the authorities that a step is about", () => {
  const shared = recordOf({ sharedAuthority: true });
  const both = { generations: ["1", "2"], signing: "1" };

  it("are one where the peers' is the client's before and after it", () => {
    const next = recordOf({ sharedAuthority: true, certificateAuthority: both });
    assert.deepEqual(sidesOf(shared, next), ["client"]);
  });

  it("are two where the peers use another generation of the client's, which their members do not trust yet", () => {
    const next = recordOf({ certificateAuthority: both, peerCertificateAuthority: { generations: ["client:2"] } });
    assert.deepEqual(sidesOf(shared, next), ["client", "peer"]);
  });

  it("are two where the peers have one of their own", () => {
    assert.deepEqual(sidesOf(shared, recordOf({})), ["client", "peer"]);
    assert.deepEqual(sidesOf(recordOf({}), shared), ["client", "peer"]);
  });
});
