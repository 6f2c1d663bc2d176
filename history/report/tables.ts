import type { TableView } from '../tables.ts'
import { withCommas } from '../../artifact/numbers.ts'
import { html, type Html } from './html.ts'

/** Tables that the run wrote, grouped by layer as the data flows. */
export function tablesHtml(tables: readonly TableView[]): Html {
  if (tables.length === 0) return html`<p class="empty">This run wrote no table.</p>`
  return html`<table class="tables">
    <thead>
      <tr>
        <th>Table</th>
        <th>Layer</th>
        <th class="num">Rows</th>
        <th class="num">Written by this run</th>
        <th>What it holds</th>
      </tr>
    </thead>
    <tbody>
      ${tables.map(
        (table) =>
          html`<tr>
            <td><code class="id">${table.table}</code></td>
            <td><span class="layer">${table.layer}</span></td>
            <td class="num">${withCommas(table.rows)}</td>
            <td class="num">${table.rowsOfRun === null ? '–' : withCommas(table.rowsOfRun)}</td>
            <td class="what">${table.description}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}
