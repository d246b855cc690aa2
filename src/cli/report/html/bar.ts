import type { Axis } from "../life";
import { thousandthAt } from "../life";
import type { Html } from "./html";
import { html } from "./html";

/** What is drawn of one certificate. Beside it, columns say the same in words: whoever cannot see it misses nothing. */
export interface Bar {
  notBefore: string;
  notAfter: string;
  status: string;
  renewal?: { from: string; to: string };
}

/** A certificate's life on an axis: its days, its renewal window, and in that the week in which an update renews it. */
export function bar(axis: Axis, { notBefore, notAfter, status, renewal }: Bar): Html {
  const part = (name: string, from: string, to: string) => {
    const [begin, end] = [thousandthAt(axis, from), thousandthAt(axis, to)];
    return html`<rect class="${name}" x="${begin}" width="${Math.max(narrowest, end - begin)}" y="4" height="10" />`;
  };
  const window = renewal ? [part("window", renewal.from, notAfter), part("week", renewal.from, renewal.to)] : [];
  return html`<svg class="bar ${status}" ${stretched} aria-hidden="true">
    <use href="#${gridOf(axis)}" />
    ${part("life", notBefore, notAfter)}${window}
    <use href="#${nowOf(axis)}" />
  </svg>`;
}

/** The head of the column of bars. The lines of the axis are in it, too; every bar below uses them. */
export const axisHead = (name: string, axis: Axis, now: string): Html =>
  html`<span class="sr"
      >${name}<svg aria-hidden="true">
        <g id="${gridOf(axis)}">${axis.ticks.map((tick) => vertical("tick", thousandthAt(axis, tick.at)))}</g>
        <g id="${nowOf(axis)}">${vertical("now", thousandthAt(axis, now))}</g>
      </svg></span
    ><svg class="bar" aria-hidden="true">
      ${axis.ticks.map((tick) => mark(thousandthAt(axis, tick.at), tick.label))}
    </svg>`;

// Percent, since what is drawn stretched would stretch the words.
const mark = (thousandth: number, label: string): Html =>
  html`<line class="tick" x1="${thousandth / 10}%" x2="${thousandth / 10}%" y1="0" y2="18" />${
      label !== "" && thousandth < lastLabel ? html`<text x="${thousandth / 10}%" dx="3" y="13">${label}</text>` : ""
    }`;

// Drawn in thousandths of the axis, however wide the column is.
const stretched = html`viewBox="0 0 1000 18" preserveAspectRatio="none"`;
const narrowest = 4;
const lastLabel = 960;

const gridOf = ({ from, to }: Axis) => `axis-${from}-${to}`;
const nowOf = (axis: Axis) => `now-${gridOf(axis)}`;

const vertical = (name: string, x: number) => html`<path class="${name}" d="M${x} 0V18" />`;
