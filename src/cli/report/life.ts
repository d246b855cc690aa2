import type { Row } from "../expiry/report";

/** A certificate of an identity, and when an update a week renews it. */
export interface Life extends Row {
  /** Between when and when the weekly update renews it, RFC 3339; nothing if its window is not known. */
  renewal?: { from: string; to: string };
}

const msPerDay = 24 * 60 * 60 * 1000;
const msPerWeek = 7 * msPerDay;

/** Certificates with what an update a week makes of them, the first to end first. */
export const livesOf = (rows: Row[]): Life[] => rows.map((row) => ({ ...row, ...renewalOf(row) }));

// The first update in the window comes in its first week.
function renewalOf({ renewFrom, notAfter }: Row): Pick<Life, "renewal"> {
  if (renewFrom === undefined) return {};
  const to = Math.min(Date.parse(renewFrom) + msPerWeek, Date.parse(notAfter));
  return { renewal: { from: renewFrom, to: new Date(to).toISOString().replace(/\.\d+Z$/, "Z") } };
}

/** A part of time that is drawn. */
export interface Axis {
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  ticks: Tick[];
}

/** A line of the axis. */
export interface Tick {
  at: number;
  /** Empty: a line without a word. */
  label: string;
}

/** How far before and after now is drawn of lives that are longer. */
const farthestMs = 400 * msPerDay;

/** The time that all these lives take, with a line for each month or year. */
export function axisOf(rows: Pick<Row, "notBefore" | "notAfter">[], now: string, farthest = farthestMs): Axis {
  const at = Date.parse(now);
  const begins = rows.map(({ notBefore }) => Date.parse(notBefore));
  const ends = rows.map(({ notAfter }) => Date.parse(notAfter));
  const from = Math.max(Math.min(at, ...begins), at - farthest);
  const to = Math.max(at + msPerDay, Math.min(Math.max(at, ...ends), at + farthest));
  return { from, to, ticks: to - from > longestInMonths ? years(from, to) : months(from, to) };
}

const longestInMonths = 3 * 365 * msPerDay;

function years(from: number, to: number): Tick[] {
  const first = new Date(from).getUTCFullYear() + 1;
  const count = Math.max(0, new Date(to).getUTCFullYear() - first + 1);
  const every = Math.ceil(count / 12);
  return Array.from({ length: count }, (_, i) => first + i).map((year, i) => ({
    at: Date.UTC(year),
    label: i % every === 0 ? String(year) : "",
  }));
}

const monthNames = [undefined, "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function months(from: number, to: number): Tick[] {
  const begin = new Date(from);
  const ticks: Tick[] = [];
  for (let month = begin.getUTCMonth() + 1; ; month++) {
    const at = Date.UTC(begin.getUTCFullYear(), month);
    if (at > to) break;
    ticks.push({ at, label: monthNames[month % 12] ?? String(new Date(at).getUTCFullYear()) });
  }
  // The years stay.
  const every = Math.ceil(ticks.length / 13);
  return ticks.map((tick) => (new Date(tick.at).getUTCMonth() % every === 0 ? tick : { ...tick, label: "" }));
}

/** Where a time stands on an axis, in thousandths of its length, between 0 and 1000. */
export const thousandthAt = ({ from, to }: Axis, time: string | number): number => {
  const at = typeof time === "number" ? time : Date.parse(time);
  return Math.round(Math.min(1, Math.max(0, (at - from) / (to - from))) * 10_000) / 10;
};
