import type { Column } from "../print";
import { table } from "../print";
import type { ClientRow, MemberRow, StageName } from "./judge";
import { stages } from "./judge";

/** Everything that the command prints. */
export interface Report {
  stage: StageName;
  members: MemberRow[];
  clients: ClientRow[];
  /** What is missing beside the rows, a sentence each without its full stop. */
  gaps: string[];
  isReady: boolean;
}

/** Ready only if nothing is missing anywhere. */
export const reportOf = (stage: StageName, members: MemberRow[], clients: ClientRow[], gaps: string[]): Report => ({
  stage,
  members,
  clients,
  gaps,
  isReady:
    gaps.length === 0 &&
    members.every(({ missing }) => missing.length === 0) &&
    clients.every(({ isRestarted }) => isRestarted),
});

const memberColumns: Column<MemberRow>[] = [
  ["MEMBER", ({ member }) => member],
  ["ADDRESS", ({ address }) => address],
  ["PORT", ({ port }) => port],
  ["SHOWS", ({ shows }) => shows],
  ["ACCEPTS NEW", ({ acceptsNew }) => acceptsNew],
  ["MISSING", ({ missing }) => missing.join("; ")],
];

const clientColumns: Column<ClientRow>[] = [
  ["CLIENT", ({ client }) => client],
  ["STATE", ({ isRestarted }) => (isRestarted ? "restarted, as --restarted says" : "delivered, cannot be asked")],
];

/** The report for people. */
export function text({ stage, members, clients, gaps, isReady }: Report): string {
  const waiting = [
    ...new Set(members.filter(({ missing }) => missing.length > 0).map(({ member, address }) => member || address)),
    ...clients.filter(({ isRestarted }) => !isRestarted).map(({ client }) => client),
  ];
  return [
    ...(members.length > 0 ? [table(memberColumns, members)] : []),
    ...(clients.length > 0 ? [table(clientColumns, clients)] : []),
    [
      ...gaps.map((gap) => `! ${gap}.`),
      isReady
        ? `Ready for ${stage}: ${stages[stage]}.`
        : `Not ready for ${stage}${waiting.length > 0 ? `. Missing: ${waiting.join(", ")}` : ""}.`,
    ].join("\n"),
  ].join("\n\n");
}
