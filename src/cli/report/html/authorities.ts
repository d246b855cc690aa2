import type { Generation } from "../authorities";
import type { ReportData } from "../data";
import { axisOf } from "../life";
import type { SecretHeld } from "../secrets";
import { axisHead, bar } from "./bar";
import type { Html } from "./html";
import { html } from "./html";
import { nowrap, statusText } from "./life";
import type { HtmlColumn } from "./table";
import { table } from "./table";

const roles = { signs: "signs", trusted: "is trusted, signs nothing", distrusted: "is distrusted, its key is kept" };

/** Lives of authorities are drawn whole. */
const farthestMs = Infinity;

/** The authorities and their generations. */
export function authoritiesSection({ generations, at }: ReportData): Html {
  const rows = generations.flatMap(({ row }) => row ?? []);
  const axis = axisOf(rows, at, farthestMs);
  const clusters = new Set(generations.map(({ cluster }) => cluster));
  const columns: HtmlColumn<Generation>[] = [
    ["Generation", ({ name, cluster }) => nowrap(clusters.size > 1 ? `${cluster}: ${name}` : name)],
    ["Of port", ({ sides }) => nowrap(sides.join(" and "))],
    [
      "What it does",
      ({ role, crossSignedBy }) => `${roles[role]}${crossSignedBy && `; also signed by ${crossSignedBy}`}`,
    ],
    ["Status", ({ row }) => (row ? statusText(row.status) : "not known")],
    ["Ends", ({ row }) => nowrap(row?.notAfter.slice(0, 10) ?? "not known")],
    [axisHead("Life", axis, at), ({ row }) => (row ? bar(axis, row) : "")],
  ];
  return html`<section aria-labelledby="authorities">
    <h2 id="authorities">Authorities</h2>
    <p class="faint">An authority never renews by itself. A new key comes with a new generation, step by step.</p>
    ${table("Generations of the authorities", columns, generations)}
  </section>`;
}

const secretColumns: HtmlColumn<SecretHeld>[] = [
  ["Secret", ({ secret }) => secret],
  ["Certificate of", ({ identity }) => identity || "no common name"],
  ["Ends", ({ notAfter }) => nowrap(notAfter.slice(0, 10) || "not known")],
  ["Holds", ({ isOld }) => (isOld ? statusText("an older one than the stack", "todo") : "what the stack issued")],
];

/** The Kubernetes Secrets, if there are any. */
export const secretsSection = ({ secrets }: ReportData): Html =>
  secrets.length === 0
    ? html``
    : html`<section aria-labelledby="secrets">
        <h2 id="secrets">Kubernetes Secrets</h2>
        ${table("Secrets by namespace and name", secretColumns, secrets)}
      </section>`;
