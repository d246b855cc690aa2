import type { CertificateChange } from "./certificates";
import { readyCommand } from "./ready-checks";
import type { Review } from "./facts";

/** A part of a review as people read it. Markdown and plain text differ only in how they draw it. */
export interface Section {
  title: string;
  /** Sentences, or lines of their own. */
  lines?: string[];
  table?: { header: string[]; rows: string[][] };
  /** A command to copy. */
  commands?: string[];
  /** Whether it is shown only on demand, where that can be. */
  isFolded?: true;
}

/** What comes before the verdict. What is refused is no danger. */
export const alarms = ({ refusals, dangers, warnings }: Review): Section[] =>
  [
    { title: "Refused", lines: refusals },
    { title: "Dangers", lines: refusals.length > 0 ? [] : dangers },
    { title: "Warnings", lines: warnings },
  ].filter(({ lines }) => lines.length > 0);

/** What comes after it. A part in which nothing changes is not there; of what is refused there is none. */
export const details = (review: Review): Section[] => (review.refusals.length > 0 ? [] : parts(review));

const parts = (review: Review): Section[] =>
  [
    restarts(review),
    table(
      "Certificates",
      certificateHeader,
      review.certificates.map((each) => certificateRow(each, review)),
    ),
    table(
      "Certificate authority",
      ["Port", "Stage", "Generation", "What that means"],
      review.authority.map(({ cluster, side, stage, generations, words }) => [
        isOneCluster(review) ? side : `${cluster}: ${side}`,
        stage,
        generations.join(", "),
        words,
      ]),
    ),
    table("Users, roles and permissions", ["User", "What happens", "Gained", "Lost"], accessRows(review)),
    table(
      "Kubernetes Secrets",
      ["Secret", "What happens", "Identity", "Its new contents"],
      review.secrets.map(({ secret, operation, identity, contents }) => [
        secret,
        operationWords[operation],
        identity,
        contents.join(", "),
      ]),
    ),
    rest(review),
  ].flat();

/** Where two clusters are in one preview, each identity is named with its own. */
const isOneCluster = ({ clusters }: Review) => clusters.length < 2;

const table = (title: string, header: string[], rows: string[][]): Section[] =>
  rows.length === 0 ? [] : [{ title, table: { header, rows } }];

function restarts({ restarts, loadOnce, readyChecks }: Review): Section[] {
  const lines = [
    ...restarts.map(({ who, names, how, why }, i) => `${i + 1}. ${who}, ${how} (${why}): ${names.join(", ")}`),
    ...loadOnce.map(
      ({ names, before }) =>
        `clients among these that read their files only at start${before === "" ? "" : `, before ${before}`}: ${names.join(", ")}`,
    ),
  ];
  const checks = readyChecks.map((check) => ({
    title: `${check.when === "before" ? "Before this update" : "After these restarts"}: is it safe to ${check.stage}?`,
    commands: [readyCommand(check)],
  }));
  return [...(lines.length > 0 ? [{ title: "Restarts", lines }] : []), ...checks];
}

const operationWords = { create: "new", update: "updated", replace: "replaced", delete: "removed" } as const;

const certificateHeader = ["Identity", "What happens", "Old end", "New end", "Why", "Key", "Hosts"];

const certificateRow = (
  { cluster, identity, change, oldEnd, newEnd, why, key, hostsGained, hostsLost }: CertificateChange,
  review: Review,
) => [
  isOneCluster(review) ? identity : `${cluster}: ${identity}`,
  change,
  oldEnd,
  newEnd,
  why.join("; "),
  key,
  [...hostsGained.map((host) => `+${host}`), ...hostsLost.map((host) => `-${host}`)].join(" "),
];

const accessRows = ({ authentication, access, passwords }: Review): string[][] => [
  ...authentication.map(({ component, to }) => [
    "all",
    `authentication is turned ${to ? "on" : "off"} (${component})`,
    "",
    "",
  ]),
  ...passwords.map((component) => ["not shown", `passwords change (${component})`, "", ""]),
  ...access.map(({ user, change, gained, lost, login }) => [
    user,
    login === undefined ? change : `${change}, logs in by ${login}`,
    gained.join(", "),
    lost.join(", "),
  ]),
];

const rest = ({ rest: others }: Review): Section[] =>
  others.length === 0
    ? []
    : [
        {
          title: `${others.length} other resource${others.length === 1 ? "" : "s"}`,
          table: {
            header: ["What happens", "Type", "Name"],
            rows: others.map(({ operation, type, name }) => [operationWords[operation], type, name]),
          },
          isFolded: true,
        },
      ];
