import type { CertificateKind, Side } from "../../naming";
import { clientGeneration, logicalName } from "../../naming";
import type { TrustRecord } from "../../pki/authority/trust";
import { clientBundle, crossSigners, memberBundle } from "../../pki/authority/trust";
import type { AuthorityPems } from "../../x509";
import { certificateTexts, issuersIn, parsedCertificate } from "../../x509";
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

/** A certificate, and after it what leads from the generation that really signed it to those that also signed that one. */
export function chainOf(pki: StackPki, certPem: string, side: Side, trust: TrustRecord): string {
  const { generations, distrusted = [] } = trust[side];
  const signer = [...generations, ...distrusted].find((name) => signs(generationOf(pki, side, name).certPem, certPem));
  if (signer === undefined) return certificateTexts(certPem).join("");
  const [ownSide, own] = placeOf(side, signer);
  const state = trust[ownSide];
  const links = [own, ...crossSigners(state, own)].flatMap((name) => {
    const by = state.crossSignedBy?.[name];
    const issuers = issuersIn(keptOf(pki, ownSide, name)?.certPem ?? "");
    return by === undefined ? issuers : [issuers, text(pki.kept[logicalName.cross(pki.cluster, ownSide, name, by)])];
  });
  return [certPem, ...links].flatMap(certificateTexts).join("");
}

/** Whether the peer port trusts more than an authority made for it alone, as the clients' one or one that existed. */
export const isPeerPortOpen = (pki: StackPki, { peer }: TrustRecord) =>
  peer.generations.some(
    (name) => clientGeneration(name) !== undefined || pki.keys[resourceOf(pki, "peer", name)] === undefined,
  );

const bundle = (pki: StackPki, side: Side, generations: string[]) =>
  [...new Set([...generations].sort().map((name) => anchorOf(generationOf(pki, side, name))))].join("");

const anchorOf = ({ certPem, anchorPem }: AuthorityPems) => anchorPem ?? certificateTexts(certPem)[0] ?? "";

function generationOf(pki: StackPki, side: Side, name: string): AuthorityPems {
  const taken = keptOf(pki, side, name);
  if (taken) return taken;
  throw new Error(
    `EtcdPki ${JSON.stringify(pki.cluster)}: the stack has no certificate of ${resourceOf(pki, side, name)}; run pulumi up`,
  );
}

/** A generation's certificate, and what stands above it: of one that was made here, nothing. */
function keptOf(pki: StackPki, side: Side, name: string): AuthorityPems | undefined {
  const kept = pki.kept[resourceOf(pki, side, name)];
  const taken = typeof kept === "string" ? { certPem: kept } : (kept as AuthorityPems | undefined);
  return certificateTexts(text(taken?.certPem)).length > 0 ? taken : undefined;
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
