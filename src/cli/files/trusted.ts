import type { CertificateKind, Side } from "../../naming";
import { clientGeneration, logicalName } from "../../naming";
import type { TrustRecord } from "../../pki/authority/trust";
import { clientBundle, crossSigners, memberBundle } from "../../pki/authority/trust";
import { certificateTexts, parsedCertificate } from "../../x509";
import type { StackPki } from "./stack";

/** What the holder of each kind of certificate trusts, PEM. */
export function bundlesOf(pki: StackPki, { client, peer }: TrustRecord): Record<CertificateKind, string> {
  const members = bundle(pki, "client", memberBundle(client));
  const clients = bundle(pki, "client", clientBundle(client));
  return {
    member: members,
    gateway: members,
    peer: bundle(pki, "peer", memberBundle(peer)),
    proxy: clients,
    upstream: clients,
    component: clients,
  };
}

/** A certificate, and after it the cross certificates of the generation that really signed it. */
export function chainOf(pki: StackPki, certPem: string, side: Side, trust: TrustRecord): string {
  const { generations, distrusted = [] } = trust[side];
  const signer = [...generations, ...distrusted].find((name) => signs(generationPem(pki, side, name), certPem));
  const [ownSide, own] = signer === undefined ? [side, ""] : placeOf(side, signer);
  const state = trust[ownSide];
  const links = [own, ...crossSigners(state, own)].flatMap((name) => {
    const by = state.crossSignedBy?.[name];
    return by === undefined ? [] : text(pki.kept[logicalName.cross(pki.cluster, ownSide, name, by)]);
  });
  return [certPem, ...links].flatMap(certificateTexts).join("");
}

/** Whether the peer port trusts more than an authority made for it alone, as the clients' one or one that existed. */
export const isPeerPortOpen = (pki: StackPki, { peer }: TrustRecord) =>
  peer.generations.some(
    (name) => clientGeneration(name) !== undefined || pki.keys[resourceOf(pki, "peer", name)] === undefined,
  );

const bundle = (pki: StackPki, side: Side, generations: string[]) =>
  [...new Set([...generations].sort().map((name) => generationPem(pki, side, name)))].join("");

function generationPem(pki: StackPki, side: Side, name: string): string {
  const resource = resourceOf(pki, side, name);
  const [certPem] = certificateTexts(text(pki.kept[resource]));
  const subject = `EtcdPki ${JSON.stringify(pki.cluster)}`;
  if (certPem === undefined) throw new Error(`${subject}: the stack has no certificate of ${resource}; run pulumi up`);
  const certificate = parsedCertificate(certPem);
  if (certificate?.checkIssued(certificate)) return certPem;
  throw new Error(
    `${subject}: generation ${JSON.stringify(name)} is an intermediate, and the stack does not keep what stands above it; ` +
      `take certPem, caBundlePem and members[...].files from the program`,
  );
}

const resourceOf = ({ cluster }: StackPki, side: Side, name: string) =>
  logicalName.generation(cluster, ...placeOf(side, name));

function placeOf(side: Side, name: string): [Side, string] {
  const own = side === "peer" ? clientGeneration(name) : undefined;
  return own === undefined ? [side, name] : ["client", own];
}

function signs(authorityPem: string, certPem: string): boolean {
  const [authority, leaf] = [parsedCertificate(authorityPem), parsedCertificate(certPem)];
  return authority !== undefined && leaf?.checkIssued(authority) === true && leaf.verify(authority.publicKey);
}

const text = (value: unknown) => (typeof value === "string" ? value : "");
