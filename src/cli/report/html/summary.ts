import type { ReportData } from "../data";
import type { Html } from "./html";
import { html } from "./html";

/** The answers in a line each, with the way to the rest. */
export const summary = (data: ReportData): Html =>
  html`<nav aria-label="Summary">
    <ul>
      ${entries(data).map(
        ([id, name, fact]) =>
          html`<li>
            <a href="#${id}"><span class="name">${name}</span><span class="fact">${fact}</span></a>
          </li> `,
      )}
    </ul>
  </nav>`;

const entries = (data: ReportData): [id: string, name: string, fact: string][] => [
  ["ends", "Ends next", endsNext(data)],
  ["wrong", "What is wrong", wrong(data)],
  ["access", "Who may do what", access(data)],
  ["authorities", "Authorities", counted(data.generations.length, "generation", "generations")],
  ...(data.secrets.length > 0
    ? [["secrets", "Kubernetes Secrets", String(data.secrets.length)] as [string, string, string]]
    : []),
];

function endsNext({ lives: [first, ...rest] }: ReportData): string {
  if (first === undefined) return "nothing is issued";
  const same = rest.filter(({ notAfter }) => notAfter.slice(0, 10) === first.notAfter.slice(0, 10)).length;
  const more = same > 0 ? ` and ${same} more` : "";
  return `${first.identity} (${first.kind})${more}, ${daysText(first.daysLeft)}`;
}

/** How far away an end is. */
export const daysText = (days: number): string =>
  days < 0
    ? `ended ${counted(-days, "day", "days")} ago`
    : days === 0
      ? "within a day"
      : `in ${counted(days, "day", "days")}`;

function wrong({ findings }: ReportData): string {
  const count = (level: string) => findings.filter((each) => each.level === level).length;
  const counts = [
    [count("wrong"), "wrong"],
    [count("to do"), "to do"],
    [count("note"), "to know"],
  ] as const;
  const words = counts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return words.length > 0 ? words.join(", ") : "nothing";
}

function access({ access: all }: ReportData): string {
  if (all.length === 0) return "not declared in this stack";
  const users = all.flatMap((each) => each.users).length;
  const off = all.some(({ authentication }) => !authentication) ? ", authentication is not turned on" : "";
  return `${counted(users, "user", "users")}${off}`;
}

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;
