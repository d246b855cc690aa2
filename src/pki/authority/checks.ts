import { clientGeneration } from "../../naming";
import { isDeferred, shown } from "../../shape";
import type { CertificateAuthorityArgs, EtcdPkiArgs } from "../args";
import { validityProblems } from "../lifetime";
import type { PkiPlan } from "../plan";
import { existingProblems } from "./existing";
import type { AuthorityPlan } from "./plan";
import type { AuthorityState } from "./trust";
import { crossSigners } from "./trust";

/** What is wrong with the two authorities as they are declared, a sentence each. */
export function authorityProblems(args: EtcdPkiArgs, { authorities }: PkiPlan): string[] {
  const { client, peer } = authorities;
  const sides = [
    { plan: client, own: args.certificateAuthority ?? {}, others: [] },
    ...(args.sharedAuthority
      ? []
      : [{ plan: peer, own: args.peerCertificateAuthority ?? {}, others: client.state.generations }]),
  ];
  return [
    ...peerProblems(args),
    ...sides.flatMap(({ plan, own, others }) => [
      ...generationsProblems(plan, own, others),
      ...signingProblems(plan, own),
      ...crossProblems(plan, own, client),
      ...existingNames(plan.path, own),
      ...validityProblems(`${plan.path}.validityPeriodHours`, own.validityPeriodHours),
      ...plan.generations.flatMap((row) =>
        existingProblems(row, {
          signs: plan.state.signing === row.name,
          crossSigns: Object.values(plan.state.crossSignedBy ?? {}).includes(row.name),
        }),
      ),
    ]),
  ];
}

// Members that suddenly get pairs of an authority nobody trusts would refuse each other at the next handshake.
function peerProblems(args: EtcdPkiArgs): string[] {
  const isExisting = Object.keys(args.certificateAuthority?.existing ?? {}).length > 0;
  const { sharedAuthority, peerCertificateAuthority } = args;
  if (sharedAuthority && peerCertificateAuthority)
    return [
      `sharedAuthority and peerCertificateAuthority exclude each other; to give the peers an authority of their own, leave ` +
        `sharedAuthority out and begin with peerCertificateAuthority: { generations: ["client:1", "1"], signing: "1", ` +
        `crossSignedBy: { "1": "client:1" } }`,
    ];
  if (!isExisting || sharedAuthority !== undefined || peerCertificateAuthority) return [];
  return [
    `peerCertificateAuthority is missing: beside an existing certificateAuthority, say what the running members use on the ` +
      `peer port. sharedAuthority: true if it is the same one; peerCertificateAuthority: { generations: ["old"], existing: ` +
      `{ old: { certPem, privateKeyPem } } } if it is another existing one; peerCertificateAuthority: { generations: ["1"] } ` +
      `if this EtcdPki made it`,
  ];
}

const allowedName = /^[A-Za-z0-9]([A-Za-z0-9._@-]*[A-Za-z0-9])?$/;
const longestCommonName = 64; // ub-common-name, RFC 5280, appendix A.1

function generationsProblems(
  { path, state, generations: rows }: AuthorityPlan,
  args: CertificateAuthorityArgs,
  clientNames: readonly string[],
): string[] {
  const all = [...(args.generations ?? ["1"]), ...(args.distrusted ?? [])];
  const own = all.filter((name) => clientGeneration(name) === undefined);
  const references = all.flatMap((name) => clientGeneration(name) ?? []);
  return [
    ...(state.generations.length === 0 ? [`${path}.generations is empty; name one generation, such as ["1"]`] : []),
    ...own
      .filter((name) => !allowedName.test(name))
      .map((name) => `${path}.generations names ${shown(name)}; use letters, digits, and . _ @ - between them`),
    ...references
      .filter((name) => !clientNames.includes(name))
      .map((name) =>
        clientNames.length === 0
          ? `${path} names ${shown(`client:${name}`)}; only peerCertificateAuthority can mean a generation of certificateAuthority`
          : `${path} names ${shown(`client:${name}`)}, but certificateAuthority trusts only ${clientNames.join(", ")}`,
      ),
    ...all
      .filter((name, i) => all.indexOf(name) !== i)
      .map(
        (name) =>
          `${path} names ${shown(name)} twice; name each generation once, in generations (trusted) or in distrusted (kept ` +
          `for the way back)`,
      ),
    ...rows
      .filter(({ commonName }) => commonName.length > longestCommonName)
      .map(
        ({ commonName }) =>
          `${path}: the common name ${shown(commonName)} is longer than ${longestCommonName} characters; shorten the ` +
          `resource's name or the generation's`,
      ),
  ];
}

function signingProblems({ path, state }: AuthorityPlan, args: CertificateAuthorityArgs): string[] {
  const { generations, signing, keyless = [] } = state;
  if (signing === undefined && keyless.length === 0 && generations.length > 1)
    return [
      `${path}.signing is missing; with several generations, say which one signs: one of ${generations.join(", ")}`,
    ];
  if (args.signing === undefined || signing === undefined) return [];
  if (!generations.includes(signing))
    return [
      `${path}.signing is ${shown(signing)}, which ${path}.generations does not name; use one of ${generations.join(", ")}`,
    ];
  return keyless.includes(signing)
    ? [
        `${path}.signing is ${shown(signing)}, whose private key is not given; give ${path}.existing[${shown(signing)}]` +
          `.privateKeyPem, or leave signing out until another generation is trusted`,
      ]
    : [];
}

function crossProblems(
  { path, side, state }: AuthorityPlan,
  args: CertificateAuthorityArgs,
  client: AuthorityPlan,
): string[] {
  const all = ({ generations, distrusted = [] }: AuthorityState) => [...generations, ...distrusted];
  const [known, ofClient] = [all(state), all(client.state)];
  const hasKey = (name: string) => {
    const reference = clientGeneration(name);
    if (reference !== undefined) return !client.state.keyless?.includes(reference);
    return args.existing?.[name] === undefined || args.existing[name].privateKeyPem !== undefined;
  };
  return Object.entries(args.crossSignedBy ?? {}).flatMap(([name, by]) => {
    const at = `${path}.crossSignedBy[${shown(name)}]`;
    const reference = clientGeneration(by);
    if (name === by) return [`${at} is ${shown(by)}; a generation signs itself anyway, name another one`];
    if (!known.includes(name) || clientGeneration(name) !== undefined || args.existing?.[name])
      return [
        `${at} is for no generation that is made here; use one of ${known.filter((n) => !args.existing?.[n]).join(", ")}`,
      ];
    if (reference !== undefined && side === "client")
      return [`${at} is ${shown(by)}; only peerCertificateAuthority can mean a generation of certificateAuthority`];
    if (!(reference === undefined ? known : ofClient).includes(reference ?? by))
      return [
        `${at} is ${shown(by)}, which ${reference === undefined ? "is" : "certificateAuthority has"} in neither generations ` +
          `nor distrusted; its key is needed, so keep it there`,
      ];
    if (isCircle(state, name))
      return [
        `${at} is ${shown(by)}, and that leads back to ${shown(name)}, so that members would trust neither; name one way`,
      ];
    return hasKey(by) ? [] : [`${at} is ${shown(by)}, whose private key is not given, so that it cannot sign`];
  });
}

const isCircle = (state: AuthorityState, name: string): boolean => {
  const way = [name, ...crossSigners(state, name)];
  return way.includes(state.crossSignedBy?.[way.at(-1) ?? name] ?? "");
};

function existingNames(path: string, args: CertificateAuthorityArgs): string[] {
  const known = [...(args.generations ?? ["1"]), ...(args.distrusted ?? [])];
  return [
    ...Object.entries(args.existing ?? {}).flatMap(([name, own]) => [
      ...(known.includes(name)
        ? []
        : [
            `${path}.existing[${shown(name)}] is in neither generations nor distrusted; name it there, or leave it out`,
          ]),
      ...(own.certPem === undefined || own.certPem === ""
        ? [`${path}.existing[${shown(name)}].certPem is missing; give the authority's certificate, PEM`]
        : []),
      ...(own.anchorPem !== undefined && !own.trustsEveryoneBelowAnchor
        ? [
            `${path}.existing[${shown(name)}].anchorPem makes everybody who holds any certificate below it a client of etcd; ` +
              `leave it out, and only what ${shown(name)} signed gets in; or say trustsEveryoneBelowAnchor: true`,
          ]
        : []),
    ]),
    ...Object.keys(args.reissue ?? {})
      .filter((name) => !known.includes(name))
      .map((name) => `${path}.reissue names ${shown(name)}, which is no generation; use one of ${known.join(", ")}`),
  ];
}

/** Whether a value is known now. */
export const isPlainText = (value: unknown): value is string => typeof value === "string" && !isDeferred(value);
