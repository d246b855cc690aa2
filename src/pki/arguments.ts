import type { CertificateArgs } from "../args";
import type { CertificateAuthorityArgs, EtcdPkiArgs } from "./args";
import { KeyAlgorithm } from "../args";
import { ProxyUpstream } from "./args";
import { kubernetesProblems, kubernetesShape } from "../secrets/checks";
import { authorityCommonName } from "../naming";
import { authorityProblems, hostsProblems, lifetimeProblems, longLife, namesOnly, outlivingProblems } from "./checks";
import type { CertificatePlan } from "./plan";
import { identityPath, planCertificates } from "./plan";
import { authorityValidityPeriodHours } from "./profiles";
import { distrustedProblems } from "./trust";
import type { Rule } from "../shape";
import { anything, fields, flag, input, list, number, oneOf, record, shown, text } from "../shape";

/** Everything wrong with the arguments, a sentence each. Values that are known only later are checked when they are. */
export function problemsIn(cluster: string, args: EtcdPkiArgs = {}): string[] {
  const problems = shapeOf("", args);
  if (problems.length > 0) return problems;
  return [
    ...nothingDeclared(args),
    ...namesProblems(args),
    ...generationsProblems(cluster, args.certificateAuthority ?? {}),
    ...planCertificates(cluster, args).flatMap((plan) => certificateProblems(plan, authorityHours(args))),
    ...kubernetesProblems(cluster, args),
  ];
}

/** What is legal but risky, a sentence each. */
export function warningsIn(args: EtcdPkiArgs): string[] {
  return [
    ...identities(args).flatMap(({ path, own }) => longLife(path, { ...args.defaults, ...own }.validityPeriodHours)),
    ...entries(args.members).flatMap(([name, own]) => namesOnly(identityPath("members", name), own.hosts)),
    ...(args.components?.root
      ? [`components["root"] is etcd's superuser; whoever holds its private key can do everything in this cluster`]
      : []),
  ];
}

const authorityHours = (args: EtcdPkiArgs) =>
  args.certificateAuthority?.validityPeriodHours ?? authorityValidityPeriodHours;

const subject = fields({ organization: text, organizationalUnit: text, country: text, province: text, locality: text });
const keyAlgorithm = oneOf(KeyAlgorithm);
const hours = input(number);
const certificate = {
  keyAlgorithm,
  validityPeriodHours: hours,
  earlyRenewalHours: hours,
  subject,
  renewNow: text,
  rotateKey: text,
};
const hosts = input(list(input(anything)));
// What EtcdRbac looks at.
const users = {
  permissions: anything,
  roles: anything,
  presets: anything,
  login: anything,
  password: anything,
  certRequestPem: anything,
};
const server = fields({ ...certificate, hosts, loopback: flag });

const shapeOf: Rule = fields({
  members: record(server),
  proxies: record(server),
  components: record(fields({ ...certificate, hosts, ...users })),
  certificateAuthority: fields({
    generations: list(text),
    signing: text,
    distrusted: list(text),
    keyAlgorithm,
    validityPeriodHours: hours,
    subject,
  }),
  defaults: fields(certificate),
  proxyUpstream: oneOf(ProxyUpstream),
  kubernetes: kubernetesShape,
});

const entries = <Own>(identities: Record<string, Own> | undefined) => Object.entries(identities ?? {});

interface IdentityRow {
  kind: "members" | "proxies" | "components";
  name: string;
  path: string;
  own: CertificateArgs & { hosts?: unknown };
}

const identities = (args: EtcdPkiArgs): IdentityRow[] =>
  (["members", "proxies", "components"] as const).flatMap((kind) =>
    entries<IdentityRow["own"]>(args[kind]).map(([name, own]) => ({ kind, name, path: identityPath(kind, name), own })),
  );

const nothingDeclared = (args: EtcdPkiArgs) =>
  identities(args).length > 0
    ? []
    : [
        `members, proxies and components are all empty; declare at least one identity, such as members: { "etcd-1": ... }`,
      ];

const longestCommonName = 64; // ub-common-name, RFC 5280, appendix A.1
const allowedName = /^[A-Za-z0-9]([A-Za-z0-9._@-]*[A-Za-z0-9])?$/;
const allowedNameInWords = "letters, digits, and . _ @ - between them";

function nameProblems(path: string, name: string): string[] {
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

function generationsProblems(cluster: string, args: CertificateAuthorityArgs): string[] {
  const at = "certificateAuthority";
  const generations = args.generations ?? ["1"];
  const commonNames = generations.map((generation) => authorityCommonName(cluster, generation));
  return [
    ...(generations.length === 0 ? [`${at}.generations is empty; name one generation, such as ["1"]`] : []),
    ...generations.flatMap((name, i) => nameProblems(`${at}.generations[${i}]`, name)),
    ...generations
      .filter((name, i) => generations.indexOf(name) !== i)
      .map((name) => `${at}.generations names ${shown(name)} twice; name each generation once`),
    ...commonNames
      .filter((name) => name.length > longestCommonName)
      .map(
        (name) =>
          `${at}: the common name ${shown(name)} is longer than ${longestCommonName} characters; shorten the resource's name or the generation's`,
      ),
    ...(args.signing === undefined && generations.length > 1
      ? [`${at}.signing is missing; with several generations, say which one signs: one of ${generations.join(", ")}`]
      : []),
    ...(args.signing !== undefined && !generations.includes(args.signing)
      ? [
          `${at}.signing is ${shown(args.signing)}, which ${at}.generations does not name; use one of ${generations.join(", ")}`,
        ]
      : []),
    ...distrustedProblems(generations, args.distrusted ?? []),
    ...authorityProblems(args.validityPeriodHours ?? authorityValidityPeriodHours),
  ];
}

function certificateProblems(plan: CertificatePlan, authority: unknown): string[] {
  const { path, hosts, validityPeriodHours, earlyRenewalHours } = plan;
  return [
    ...hostsProblems(plan, hosts),
    ...lifetimeProblems(path, validityPeriodHours, earlyRenewalHours),
    ...outlivingProblems(path, validityPeriodHours, authority),
  ];
}
