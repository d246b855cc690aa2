import { X509Certificate } from "node:crypto";
import type { MachineKind } from "../../pki/machine";
import type { StackPki } from "./stack";

/** The generations of one authority, as the record `<name>-trust` has them. */
export interface AuthorityState {
  generations: string[];
  /** By generation, the one that also signed its key and name. */
  crossSignedBy?: Record<string, string>;
}

/** The record `<name>-trust`. */
export interface TrustRecord {
  client: AuthorityState;
  peer: AuthorityState;
}

/** Whether a generation of the peers' is one of the clients' authority. */
export const isClientGeneration = (generation: string) => generation.startsWith(clientPrefix);
const clientPrefix = "client:";

/**
 * What the holder of each kind of certificate trusts, PEM. Servers get a cross-signed generation only when the one that
 * signed it is gone: until then they follow the cross certificate, and need no restart.
 */
export function bundlesOf(pki: StackPki, { client, peer }: TrustRecord): Record<MachineKind, string> {
  const members = bundle(pki, "client", serverGenerations(client));
  const clients = bundle(pki, "client", client.generations);
  return {
    member: members,
    gateway: members,
    peer: bundle(pki, "peer", serverGenerations(peer)),
    proxy: clients,
    upstream: clients,
    component: clients,
  };
}

/** A certificate and what leads from it to an authority that its readers may know: its generation's cross certificate. */
export function chainOf(pki: StackPki, certPem: string, side: "client" | "peer", trust: TrustRecord): string {
  const { generations, crossSignedBy = {} } = trust[side];
  const leaf = new X509Certificate(certPem);
  const signer = generations.find((generation) => signs(authority(pki, side, generation), leaf));
  const by = signer === undefined ? undefined : crossSignedBy[signer];
  const cross = by === undefined ? undefined : pki.certificates[`${resourceOf(pki, side, signer as string)}-by-${by}`];
  return [certPem, cross]
    .filter(Boolean)
    .map((pem) => ended(pem as string))
    .join("");
}

const serverGenerations = ({ generations, crossSignedBy = {} }: AuthorityState) =>
  generations.filter((generation) => !generations.includes(crossSignedBy[generation] ?? ""));

const bundle = (pki: StackPki, side: "client" | "peer", generations: string[]) =>
  generations.map((generation) => ended(authority(pki, side, generation))).join("");

function authority(pki: StackPki, side: "client" | "peer", generation: string): string {
  const resource = resourceOf(pki, side, generation);
  const certPem = pki.kept[resource];
  if (typeof certPem !== "string")
    throw new Error(
      `EtcdPki ${JSON.stringify(pki.cluster)}: the stack has no certificate of ${resource}; run pulumi up`,
    );
  return certPem;
}

const resourceOf = ({ cluster }: StackPki, side: "client" | "peer", generation: string) =>
  isClientGeneration(generation)
    ? `${cluster}-ca-${generation.slice(clientPrefix.length)}`
    : `${cluster}${side === "peer" ? "-peer" : ""}-ca-${generation}`;

function signs(authorityPem: string, leaf: X509Certificate): boolean {
  const certificate = new X509Certificate(authorityPem);
  return leaf.checkIssued(certificate) && leaf.verify(certificate.publicKey);
}

const ended = (pem: string) => (pem.endsWith("\n") ? pem : `${pem}\n`);
