import type { Report, Row, Status } from "../expiry/report";
import type { AccessOf } from "./access";
import type { Generation } from "./authorities";
import type { SecretHeld } from "./secrets";

/** Something that a reader has to know, the worst first. */
export interface Finding {
  /** `wrong`: connections fail. `to do`: they will, or somebody may do too much. `note`: what is under way. */
  level: "wrong" | "to do" | "note";
  what: string;
  /** What to do about it; empty if nothing. */
  remedy: string;
}

/** What is judged. */
export interface Facts {
  report: Report;
  generations: Generation[];
  access: AccessOf[];
  secrets: SecretHeld[];
}

/** What is wrong, what is to be done, and what is under way. */
export function findingsIn({ report, generations, access, secrets }: Facts): Finding[] {
  const { certificates, disagreements, unreadable } = report;
  return [
    ...byStatus(certificates),
    ...disagreements.map((what) => finding("to do", what, "Deliver the certificate that the stack has.")),
    ...unreadable.map((what) =>
      finding("to do", what, "It is missing on this page; make it readable and run this again."),
    ),
    ...oldSecrets(secrets),
    ...access.flatMap(accessFindings),
    ...withoutUser(certificates, access),
    ...rotations(generations),
  ].sort((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
}

const levels: Finding["level"][] = ["wrong", "to do", "note"];

const finding = (level: Finding["level"], what: string, remedy: string): Finding => ({ level, what, remedy });

const statuses: [Status, Finding["level"], string, string][] = [
  ["expired", "wrong", "Ended, so that every connection with it fails", "Run pulumi up, and deliver what it issues."],
  ["not-yet-valid", "wrong", "Not valid yet, so that every connection with it fails", "Put the clocks right."],
  ["due", "to do", "In the renewal window", "The next pulumi up renews it."],
  ["ending", "to do", "Ends soon, and when it renews is not known", "Renew it where it was issued."],
];

const byStatus = (rows: Row[]): Finding[] =>
  statuses.flatMap(([status, level, what, remedy]) => {
    const [authorities, leaves] = [true, false].map((isAuthority) =>
      rows.filter((row) => row.status === status && (row.kind === "authority") === isAuthority),
    ) as [Row[], Row[]];
    return [
      ...(authorities.length > 0 ? [finding(level, sentence(authorities, what), authorityRemedy)] : []),
      ...(leaves.length > 0 ? [finding(level, sentence(leaves, what), remedy)] : []),
    ];
  });

const authorityRemedy =
  "An authority never renews by itself: begin a new generation, or let it take a new certificate.";

const shownNames = 5;

/** Some names, and how many more there are. */
export function namesText(names: string[]): string {
  const more = names.length - shownNames;
  return more > 0 ? `${names.slice(0, shownNames).join(", ")} and ${more} more` : names.join(", ");
}

const sentence = (rows: Row[], what: string) => {
  const names = namesText(rows.map(({ identity, kind }) => `${identity} (${kind})`));
  return `${what}: ${names}.`;
};

const oldSecrets = (secrets: SecretHeld[]): Finding[] => {
  const old = secrets.filter(({ isOld }) => isOld).map(({ secret }) => secret);
  return old.length === 0
    ? []
    : [finding("to do", `An older certificate than the stack's is in ${namesText(old)}.`, "Run pulumi up for all.")];
};

function accessFindings({ component, authentication, isHidden }: AccessOf): Finding[] {
  const name = JSON.stringify(component);
  return [
    ...(authentication
      ? []
      : [
          finding(
            "to do",
            `EtcdRbac ${name} does not turn authentication on: unless somebody else did, whoever has a client certificate may do everything.`,
            "Set enableAuthentication.",
          ),
        ]),
    ...(isHidden ? [finding("note", `Users and roles of EtcdRbac ${name} are secret in the state.`, "")] : []),
  ];
}

// Who has a certificate and is no user is refused once authentication is on.
function withoutUser(rows: Row[], access: AccessOf[]): Finding[] {
  if (access.length === 0 || access.some(({ isHidden }) => isHidden)) return [];
  const users = new Set(access.flatMap((each) => each.users.map(({ name }) => name)));
  const names = rows
    .filter(({ kind, commonName }) => kind === "component" && commonName !== "" && !users.has(commonName))
    .map(({ identity }) => identity);
  return names.length === 0
    ? []
    : [
        finding(
          "note",
          `No user of etcd's here, so refused where authentication is on: ${namesText(names)}.`,
          "Give them permissions in EtcdRbac, or leave them out.",
        ),
      ];
}

const rotations = (generations: Generation[]): Finding[] =>
  [...new Set(generations.map(({ cluster }) => cluster))].flatMap((cluster) =>
    (["client", "peer"] as const).flatMap((side) => {
      const own = generations.filter((each) => each.cluster === cluster && each.sides[0] === side);
      if (own.length < 2) return [];
      const words = own.map(({ name, role }) => `${name} ${role === "signs" ? "signs" : `is ${role}`}`).join(", ");
      return [
        finding(
          "note",
          `The authority of the ${side} port in ${JSON.stringify(cluster)} is between two generations: ${words}.`,
          "The next step's preview says who must restart; etcd-pki ready proves that they have.",
        ),
      ];
    }),
  );
