import type { ReportData } from "../data";
import type { Finding } from "../findings";
import type { Html } from "./html";
import { html } from "./html";
import { statusText } from "./life";
import type { HtmlColumn } from "./table";
import { table } from "./table";

const names: Record<Finding["level"], string> = { wrong: "wrong", "to do": "todo", note: "note" };

const columns: HtmlColumn<Finding>[] = [
  ["Kind", ({ level }) => statusText(level, names[level])],
  ["What was found", ({ what }) => what],
  ["What to do", ({ remedy }) => remedy],
];

/** What is wrong. */
export const findingsSection = ({ findings }: ReportData): Html =>
  html`<section aria-labelledby="wrong">
    <h2 id="wrong">What is wrong</h2>
    ${findings.length === 0 ? html`<p>Nothing was found.</p>` : table("Findings, the worst first", columns, findings)}
  </section>`;
