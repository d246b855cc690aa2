import type { ReportData } from "../data";
import type { Life } from "../life";
import { axisOf } from "../life";
import { axisHead, bar } from "./bar";
import type { Html } from "./html";
import { html } from "./html";
import type { HtmlColumn } from "./table";
import { table } from "./table";

/** What ends next: every certificate on one time line. */
export function lifeSection({ lives, at }: ReportData): Html {
  const axis = axisOf(lives, at);
  const clusters = new Set(lives.map(({ cluster }) => cluster));
  const columns: HtmlColumn<Life>[] = [
    ["Identity", ({ identity, cluster }) => nowrap(clusters.size > 1 ? `${cluster}: ${identity}` : identity)],
    ["Kind", ({ kind }) => nowrap(kind)],
    ["Status", ({ status }) => statusText(status)],
    ["Days left", ({ daysLeft }) => html`<span class="number">${daysLeft}</span>`],
    ["Ends", ({ notAfter }) => nowrap(notAfter.slice(0, 10))],
    ["Renewed in", ({ renewal }) => nowrap(renewal ? weekText(renewal) : "not known")],
    [axisHead("Life", axis, at), (life) => bar(axis, life)],
  ];
  return html`<section aria-labelledby="ends">
    <h2 id="ends">What ends next</h2>
    ${lives.length === 0 ? html`<p>No certificate is issued.</p>` : html`${key}${table("Certificates by their end", columns, lives)}`}
  </section>`;
}

/** A text that is not broken over lines. */
export const nowrap = (text: string): Html => html`<span class="nowrap">${text}</span>`;

/** A status in its colour. */
export const statusText = (status: string, name = status): Html => html`<span class="status ${name}">${status}</span>`;

// 2026-11-30 to 12-07
function weekText({ from, to }: { from: string; to: string }): string {
  const sameYear = from.slice(0, 4) === to.slice(0, 4);
  return `${from.slice(0, 10)} to ${to.slice(sameYear ? 5 : 0, 10)}`;
}

const swatch = (name: string, words: string) =>
  html`<li>
    <svg class="bar" aria-hidden="true"><rect class="${name}" width="100%" height="100%" /></svg>${words}
  </li>`;

const key = html`<ul class="key" aria-label="Colours of the time line">
  ${[
    swatch("life", "its life"),
    swatch("window", "its renewal window"),
    swatch("week", "the week in which an update a week renews it"),
  ]}
  <li>
    <svg class="bar" aria-hidden="true"><path class="now" d="M11 0V12" /></svg>now
  </li>
</ul>`;
