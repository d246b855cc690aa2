import * as pulumi from "@pulumi/pulumi";
import type { Side } from "../../naming";
import { clientGeneration } from "../../naming";
import { pkiSubject, refuseLater } from "../../refuse";
import { certificateTexts, checksum, keyIdOf, parsedCertificate } from "../../x509";
import type { Generation, Making } from "./generation";
import { makeCrossCertificate } from "./generation";
import type { AuthorityPlan } from "./plan";
import { makeGeneration } from "./taken";
import { clientBundle, crossSigners, memberBundle } from "./trust";

/** What the resources of an authority come to. */
export interface Authority {
  plan: AuthorityPlan;
  /** By name, those that are kept but not trusted included. */
  generations: Record<string, Generation>;
  /** What signs. Nothing while only an authority without its key is in use. */
  signing?: Signing;
  /** What certificate files carry after a certificate of this generation: cross certificates, and intermediates. */
  chainOf(generation: string): pulumi.Output<string>;
  /** The certificates of existing authorities that a certificate of this generation stands below. */
  standsBelow(generation: string): pulumi.Output<string>;
  /** What members trust. */
  memberBundle: Bundle;
  /** What clients trust. */
  clientBundle: Bundle;
}

/** The generation that signs, and what goes with each of its certificates. */
export interface Signing {
  generation: Generation;
  /** What their files carry after them. */
  chainPem: pulumi.Output<string>;
  /** The certificates of existing authorities that they stand below. */
  abovePem: pulumi.Output<string>;
}

/** The certificates that a program trusts. */
export interface Bundle {
  pem: pulumi.Output<string>;
  /** SHA-256, hexadecimal. */
  checksum: pulumi.Output<string>;
}

/** Makes an authority. The peer's may mean generations of the client's. */
export function makeAuthority(cluster: string, plan: AuthorityPlan, make: Making, client?: Authority): Authority {
  const { state, side } = plan;
  const crossSigns = (name: string) => Object.values(state.crossSignedBy ?? {}).includes(name);
  const made = plan.generations.map((row) =>
    makeGeneration(row, { signs: row.name === state.signing, crossSigns: crossSigns(row.name) }, make),
  );
  const references = Object.entries(client?.generations ?? {}).map(([name, own]) => [`client:${name}`, own]);
  const generations: Record<string, Generation> = {
    ...Object.fromEntries(references),
    ...Object.fromEntries(made.map((own) => [own.name, own])),
  };
  const of = (name: string) => generations[name] as Generation;
  const crosses = Object.fromEntries(
    plan.crosses.map((row) => [row.generation, makeCrossCertificate(row, of(row.generation), of(row.by), make)]),
  );
  const standsBelow = (name: string): pulumi.Output<string> => {
    const reference = side === "peer" ? clientGeneration(name) : undefined;
    if (reference !== undefined && client) return client.standsBelow(reference);
    const existing = [name, ...crossSigners(state, name)].map(of).filter(({ request }) => request === undefined);
    const pems = existing.flatMap((own) => [own.certPem, own.chainPem, own.anchorPem]);
    return pulumi.all(pems).apply((texts) => [...new Set(texts.flatMap(certificateTexts))].join(""));
  };
  const bundle = (names: string[]) => bundleOf(cluster, plan, names.map(of));
  // Whoever trusts the root above a generation needs that generation's own certificate, too.
  const links = (name: string) => [of(name).chainPem, crosses[name] ?? pulumi.output("")];
  const chainOf = (name: string): pulumi.Output<string> => {
    const reference = side === "peer" ? clientGeneration(name) : undefined;
    if (reference !== undefined && client) return client.chainOf(reference);
    return pulumi.all([name, ...crossSigners(state, name)].flatMap(links)).apply((pems) => pems.join(""));
  };
  const signing = (name: string) => ({ generation: of(name), chainPem: chainOf(name), abovePem: standsBelow(name) });
  return {
    plan,
    generations,
    ...(state.signing !== undefined && { signing: signing(state.signing) }),
    chainOf,
    standsBelow,
    memberBundle: bundle(memberBundle(state)),
    clientBundle: bundle(clientBundle(state)),
  };
}

// In an order of their own, so that no one restarts because the arguments name the generations in another one.
function bundleOf(cluster: string, plan: AuthorityPlan, generations: Generation[]): Bundle {
  const sorted = [...generations].sort((a, b) => (a.name < b.name ? -1 : 1));
  const all = pulumi.all(sorted.map(({ anchorPem }) => anchorPem));
  const checked = refuseLater(pkiSubject(cluster), all, (pems) => sameNames(plan, sorted, pems));
  const pem = checked.apply((pems) => [...new Set(pems)].join(""));
  return { pem, checksum: pem.apply(checksum) };
}

// Who looks for an issuer finds it by name, and some try only the first of that name.
function sameNames({ path }: AuthorityPlan, generations: Generation[], pems: string[]): string[] {
  const rows = pems.map((pem, i) => ({ name: generations[i]?.name, certificate: parsedCertificate(pem) }));
  return rows.flatMap(({ name, certificate }, i) => {
    const twin = rows
      .slice(0, i)
      .find(
        (other) =>
          certificate &&
          other.certificate?.subject === certificate.subject &&
          !isSameKey(other.certificate, certificate),
      );
    if (!twin) return [];
    return [
      `${path}: the certificates of ${JSON.stringify(twin.name)} and ${JSON.stringify(name)} have one subject and different ` +
        `keys, and clients could not tell them apart; use authorities with different subjects`,
    ];
  });
}

type Parsed = NonNullable<ReturnType<typeof parsedCertificate>>;
const isSameKey = (a: Parsed, b: Parsed) => keyIdOf(a) === keyIdOf(b);

/** The authority that signs a certificate, by the port that it is for. */
export type Authorities = Record<Side, Authority>;
