import type { Html } from "./html";
import { html } from "./html";

/** One column: its title, and the cell of a row. */
export type HtmlColumn<Row> = [title: string | Html, cell: (row: Row) => string | Html];

/** More rows than that are folded: the first ones say what is next. */
export const shownRows = 20;

/**
 * Rows as a table, each with its first cell as its head. Of many rows the first are shown, and the rest on demand, in a table
 * of its own under the same head.
 */
export function table<Row>(caption: string, columns: HtmlColumn<Row>[], rows: Row[]): Html {
  if (rows.length <= shownRows + 5) return plain(caption, columns, rows);
  return html`${plain(caption, columns, rows.slice(0, shownRows))}
    <details>
      <summary>${rows.length - shownRows} more</summary>
      ${plain(`${caption}, continued`, columns, rows.slice(shownRows))}
    </details>`;
}

const plain = <Row>(caption: string, columns: HtmlColumn<Row>[], rows: Row[]): Html =>
  html`<div class="wide" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map(([title]) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => line(columns, row))}
      </tbody>
    </table>
  </div>`;

const line = <Row>([first, ...rest]: HtmlColumn<Row>[], row: Row): Html =>
  html`<tr>
    <th scope="row">${first?.[1](row) ?? ""}</th>
    ${rest.map(([, cell]) => html`<td>${cell(row)}</td>`)}
  </tr> `;
