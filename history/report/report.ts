import type { ChartView } from '../charts.ts'
import type { RunView } from '../run-view.ts'
import type { TableView } from '../tables.ts'
import { chartsHtml } from './charts.ts'
import { ganttHtml } from './gantt.ts'
import { graphSvg } from './graph.ts'
import { aboutHtml, headerHtml } from './header.ts'
import { html, trusted } from './html.ts'
import { style } from './style.ts'
import { tablesHtml } from './tables.ts'
import { tasksHtml } from './tasks.ts'

export interface ReportInput {
  readonly run: RunView
  readonly tables: readonly TableView[]
  readonly charts: readonly ChartView[]
}

/** The report of a run: one HTML document that needs nothing else, not even a network. */
export async function renderReport({ run, tables, charts }: ReportInput): Promise<string> {
  const drawn = await chartsHtml(charts)
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${run.dag} ${run.runId}: ${run.state}</title>
        <style>
          ${trusted(style)}
        </style>
      </head>
      <body>
        <main>
          ${headerHtml(run)}
          <section aria-label="Graph">
            <h2>Graph</h2>
            <div class="card graph-card scroll">${graphSvg(run)}</div>
          </section>
          <section aria-label="Timeline">
            <h2>Timeline <small>solid: a try of the task; pale: waiting before and between tries</small></h2>
            <div class="card">${ganttHtml(run)}</div>
          </section>
          ${
            drawn.length > 0 &&
            html`<section aria-label="Results">
              <h2>Results</h2>
              <div class="charts">${drawn}</div>
            </section>`
          }
          <section aria-label="Tasks">
            <h2>Tasks</h2>
            <div class="card scroll">${tasksHtml(run)}</div>
          </section>
          <section aria-label="Tables">
            <h2>Tables written</h2>
            <div class="card scroll">${tablesHtml(tables)}</div>
          </section>
          <section aria-label="About this run">
            <h2>About this run</h2>
            <div class="card">${aboutHtml(run)}</div>
          </section>
          <footer>${mark} Read from the execution history by dagwright.</footer>
        </main>
      </body>
    </html>`
  return `${page.markup}\n`
}

/** Three tasks and the edges between them. */
const mark = html`<svg class="mark" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
  <path d="M4 8h3M7 8l5-4.5M7 8l5 4.5"></path>
  <circle cx="3" cy="8" r="2"></circle>
  <circle cx="13" cy="3" r="2"></circle>
  <circle cx="13" cy="13" r="2"></circle>
</svg>`
