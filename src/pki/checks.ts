import { KeyAlgorithm, Login } from "../args";
import { peerDomain } from "../naming";
import type { Rule, Show } from "../shape";
import {
  anything,
  fields,
  flag,
  input,
  isDeferred,
  list,
  number,
  oneOf,
  record,
  secretText,
  shown,
  text,
} from "../shape";
import type { EtcdPkiArgs } from "./args";
import { ProxyUpstream } from "./args";
import { authorityProblems } from "./authority/checks";
import { plainConstraintProblems } from "./authority/constraints";
import { gatewayArgumentsProblems } from "./certificate/gateway";
import { hostProblem } from "./hosts";
import { lifetimeProblems, lifetimeWarnings, outlivingProblems } from "./lifetime";
import type { CertificatePlan, PkiPlan } from "./plan";
import { identityPath } from "./plan";
import { memberConfigProblems } from "./machine";

const subject = fields({ organization: text, organizationalUnit: text, country: text, province: text, locality: text });
const keyAlgorithm = oneOf(KeyAlgorithm);
const certificate = {
  keyAlgorithm,
  validityPeriodHours: number,
  earlyRenewalHours: number,
  subject,
  renewNow: text,
  rotateKey: text,
};
const hosts = input(list(input(anything)));
const server = fields({ ...certificate, hosts, loopback: flag });
const component = fields({
  ...certificate,
  hosts,
  certRequestPem: secretText,
  login: oneOf(Login),
  // EtcdRbac's own, which looks at them.
  password: anything,
  permissions: anything,
  presets: anything,
  roles: anything,
});
const authority = fields({
  generations: list(text),
  signing: text,
  distrusted: list(text),
  crossSignedBy: record(text),
  existing: record(
    fields({
      certPem: secretText,
      privateKeyPem: secretText,
      anchorPem: secretText,
      trustsEveryoneBelowAnchor: flag,
    }),
  ),
  reissue: record(text),
  keyAlgorithm,
  validityPeriodHours: number,
  subject,
});

const shapeOf: Rule = fields({
  members: record(server),
  proxies: record(server),
  components: record(component),
  certificateAuthority: authority,
  peerCertificateAuthority: authority,
  sharedAuthority: flag,
  gatewayCertificate: flag,
  keepClientUsage: flag,
  defaults: fields(certificate),
  proxyUpstream: oneOf(ProxyUpstream),
  etcdVersion: text,
  clientPort: number,
  peerPort: number,
  directory: text,
  clusterToken: text,
});

/** What is wrong with the shape of the arguments, a sentence each. Nothing can be planned before this is right. */
export const shapeProblems = (args: EtcdPkiArgs = {}): string[] => shapeOf("", args);

/** What is wrong with the arguments and with the rows that they come to, a sentence each. */
export function problemsIn(args: EtcdPkiArgs, plan: PkiPlan): string[] {
  return [
    ...nothingDeclared(plan),
    ...namesProblems(args),
    ...subjectProblems(args),
    ...authorityProblems(args, plan),
    ...memberConfigProblems(args),
    ...gatewayArgumentsProblems(args),
    ...plan.certificates.flatMap((row) => certificateProblems(row, plan)),
    ...twinNames(plan),
  ];
}

/** What is legal but risky and can be changed, a sentence each. */
export const warningsIn = (plan: PkiPlan): string[] => [
  ...plan.certificates.flatMap((row) => lifetimeWarnings(row.argumentsPath, row.logicalName, row)),
  ...plan.certificates.flatMap(wildcardsOnly),
];

/** What is wrong with a certificate's hosts, plain or known only later. What is not known yet passes. */
export function hostsProblems(
  { kind, argumentsPath, serves }: Pick<CertificatePlan, "kind" | "argumentsPath" | "serves">,
  hosts: unknown,
  show: Show = shown,
): string[] {
  const at = `${argumentsPath}.hosts`;
  if (isDeferred(hosts)) return [];
  if (!Array.isArray(hosts)) return [`${at} is ${show(hosts)}; give a list, such as [...]`];
  if (serves && hosts.length === 0)
    return [`${at} is empty; name every DNS name and IP address by which it is reached`];
  return hosts.flatMap((host: unknown, i) => {
    if (isDeferred(host)) return [];
    if (typeof host !== "string") return [`${at}[${i}] is ${show(host)}; give a DNS name or an IP address as text`];
    if (kind !== "member" && kind !== "peer" && host.toLowerCase().endsWith(peerDomain))
      return [`${at}[${i}] is ${show(host)}, by which etcd tells members from all others; leave it out`];
    const problem = hostProblem(host);
    return problem === undefined ? [] : [`${at}[${i}]: ${show(host)} ${problem}`];
  });
}

const identities = (args: EtcdPkiArgs) =>
  (["members", "proxies", "components"] as const).flatMap((kind) =>
    Object.keys(args[kind] ?? {}).map((name) => ({ kind, name, path: identityPath(kind, name) })),
  );

const nothingDeclared = ({ certificates, authorities: { client } }: PkiPlan) =>
  certificates.length > 0 || client.state.keyless !== undefined
    ? []
    : [
        `members, proxies and components are all empty; declare at least one identity, such as members: { "etcd-1": ... }`,
      ];

const longestCommonName = 64; // ub-common-name, RFC 5280, appendix A.1
// Names are what people have: etcd takes nearly all, and Kubernetes' own begin with "system:".
const allowedName = /^[A-Za-z0-9]([A-Za-z0-9._@:/+ -]*[A-Za-z0-9])?$/;
const allowedNameInWords = "letters, digits, and . _ @ : / + - or a space between them";

/** What is wrong with a name that becomes a common name. */
export function nameProblems(path: string, name: string): string[] {
  if (name === "") return [`${path}: the name is empty; it becomes the certificate's common name, so give one`];
  return [
    ...(name.length > longestCommonName
      ? [`${path}: the name has ${name.length} characters; a common name has at most ${longestCommonName}, shorten it`]
      : []),
    ...(allowedName.test(name) ? [] : [`${path}: the name ${shown(name)} does not fit; use ${allowedNameInWords}`]),
  ];
}

// The common name is the login: the same one in two certificates would make them one user of etcd.
function namesProblems(args: EtcdPkiArgs): string[] {
  const rows = identities(args);
  const problems = rows.flatMap(({ path, name }) => nameProblems(path, name));
  const twins = rows.flatMap((row, i) => {
    const first = rows.findIndex(({ name }) => name === row.name);
    if (first === i) return [];
    return [
      `${row.path} and ${rows[first]?.path} would share the common name ${shown(row.name)}, and etcd could not tell ` +
        `them apart; rename one`,
    ];
  });
  const superusers = rows
    .filter(({ kind, name }) => kind !== "components" && name === "root")
    .map(({ path }) => `${path} would log in as etcd's superuser; rename it, root can only be a component`);
  return [...problems, ...twins, ...superusers];
}

// RFC 5280, appendix A.1.
const subjectBounds = { organization: 64, organizationalUnit: 64, province: 128, locality: 128 } as const;

function subjectProblems(args: EtcdPkiArgs): string[] {
  const given = [
    { path: "defaults", own: args.defaults },
    { path: "certificateAuthority", own: args.certificateAuthority },
    { path: "peerCertificateAuthority", own: args.peerCertificateAuthority },
    ...identities(args).map(({ kind, name, path }) => ({ path, own: args[kind]?.[name] })),
  ];
  return given.flatMap(({ path, own }) => {
    const { country = "", ...rest } = own?.subject ?? {};
    return [
      ...(country === "" || /^[A-Za-z]{2}$/.test(country)
        ? []
        : [`${path}.subject.country is ${shown(country)}; give the two letters of ISO 3166, such as "DE"`]),
      ...Object.entries(subjectBounds).flatMap(([field, most]) => {
        const length = rest[field as keyof typeof subjectBounds]?.length ?? 0;
        if (length <= most) return [];
        return [`${path}.subject.${field} has ${length} characters; a certificate takes at most ${most}, shorten it`];
      }),
    ];
  });
}

function certificateProblems(row: CertificatePlan, { authorities }: PkiPlan): string[] {
  const { argumentsPath: path, hosts, certRequestPem } = row;
  const { side, path: at, state, generations } = authorities[row.side];
  const signer = generations.find(({ name }) => name === state.signing && side === row.side);
  return [
    ...hostsProblems(row, hosts),
    ...plainConstraintProblems(row, authorities),
    ...lifetimeProblems(path, row),
    ...(signer && !signer.existing
      ? outlivingProblems(path, row.validityPeriodHours, { path: at, validityPeriodHours: signer.validityPeriodHours })
      : []),
    ...(certRequestPem !== undefined && Array.isArray(hosts) && hosts.length > 0
      ? [`${path} has hosts and certRequestPem; a certificate has the hosts of its request, so put them there`]
      : []),
  ];
}

// A peer or client whose name is only a wildcard's is looked up in reverse (etcd, client/pkg/transport/listener_tls.go).
const wildcardsOnly = ({ kind, argumentsPath: path, hosts }: CertificatePlan): string[] =>
  kind !== "peer" ||
  !Array.isArray(hosts) ||
  hosts.length === 0 ||
  !hosts.every((host) => String(host).startsWith("*."))
    ? []
    : [
        `${path}.hosts has wildcards only: etcd then looks up each peer's address in reverse; add its IP address or its ` +
          `whole DNS name`,
      ];

// A generation that is named like two others together, as "2-by-1", or a proxy that is named like a shared certificate.
function twinNames({ authorities, certificates }: PkiPlan): string[] {
  const rows = [authorities.client, authorities.peer].flatMap(({ generations, crosses, path }) => [
    ...generations.map((row) => ({ ...row, path: row.path })),
    ...crosses.map((row) => ({ ...row, path: `${path}.crossSignedBy, ${shown(row.generation)}` })),
  ]);
  const all = [...rows, ...certificates];
  return all.flatMap(({ logicalName, path }, i) => {
    const first = all.slice(0, i).find((other) => other.logicalName === logicalName);
    return first === undefined
      ? []
      : [`${path} and ${first.path} would both be the resource ${shown(logicalName)}; rename one`];
  });
}
