import type { EtcdPkiArgs } from "../../../src/pki/args";
import type { HandMadeCluster } from "./hand-made";

/** The identities that take the places of the hand-made ones. */
const identitiesOf = ({ members, components }: HandMadeCluster): EtcdPkiArgs => ({
  members: Object.fromEntries(Object.keys(members).map((name) => [name, { hosts: ["127.0.0.1"] }])),
  components: Object.fromEntries(Object.keys(components).map((name) => [name, {}])),
});

/** From a hand-made authority for both ports, whose key is there, to two of our own. */
export function takeOverStages(cluster: HandMadeCluster) {
  const existing = { old: cluster.authority };
  const declared = stageOf(cluster);
  return {
    taken: {
      ...identitiesOf(cluster),
      certificateAuthority: { generations: ["old"], existing },
      sharedAuthority: true,
    },
    sign: declared(
      { generations: ["old", "1"], signing: "1", crossSignedBy: { "1": "old" }, existing },
      { generations: ["client:old", "1"], signing: "1", crossSignedBy: { "1": "client:old" } },
    ),
    distrust: declared(
      { generations: ["1"], distrusted: ["old"], crossSignedBy: { "1": "old" }, existing },
      { generations: ["1"], crossSignedBy: { "1": "client:old" } },
    ),
    retire: declared({ generations: ["1"] }, { generations: ["1"] }),
  };
}

/** The same where the key is not at hand: the authority is trusted only. */
export function keylessStages(cluster: HandMadeCluster) {
  const existing = { old: { certPem: cluster.authority.certPem } };
  const declared = stageOf(cluster);
  return {
    taken: {
      ...identitiesOf(cluster),
      certificateAuthority: { generations: ["old"], existing },
      sharedAuthority: true,
    },
    trust: declared({ generations: ["old", "1"], existing }, { generations: ["client:old", "1"] }),
    sign: declared(
      { generations: ["old", "1"], signing: "1", existing },
      { generations: ["client:old", "1"], signing: "1" },
    ),
    distrust: declared({ generations: ["1"], distrusted: ["old"], existing }, { generations: ["1"] }),
    retire: declared({ generations: ["1"] }, { generations: ["1"] }),
  };
}

type Authority = EtcdPkiArgs["certificateAuthority"];
const stageOf =
  (cluster: HandMadeCluster) =>
  (certificateAuthority: Authority, peerCertificateAuthority: Authority): EtcdPkiArgs => ({
    ...identitiesOf(cluster),
    certificateAuthority,
    peerCertificateAuthority,
  });
