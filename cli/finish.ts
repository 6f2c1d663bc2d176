import { writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clients } from '../deploy/clients.ts'
import type { Compiled } from '../deploy/compiled.ts'
import type { ChartView } from '../history/charts.ts'
import type { RunView } from '../history/run-view.ts'
import type { TableView } from '../history/tables.ts'
import { exit, type Output } from './command.ts'
import { makeFolder } from './make-folder.ts'
import { chartsText, failuresText, runJson, tablesText, tasksText } from './summary.ts'

export interface Finished {
  readonly run: RunView
  readonly compiled: Compiled
  readonly clients: Clients
  /** Where to write the HTML report; null for none. */
  readonly report: string | null
  readonly json: boolean
  readonly output: Output
}

/** Shows how a run went, writes its report, and resolves with the exit code. */
export async function finishRun({ run, compiled, clients, report, json, output }: Finished): Promise<number> {
  const { tables, charts } = await readResults(run, compiled, clients)
  if (report !== null) await writeReport(report, run, tables, charts)
  if (json) {
    output.out(runJson(run, tables, report))
  } else {
    output.out(`\n${tasksText(run)}`)
    if (tables.length > 0) output.out(`\n${tablesText(tables)}`)
    if (charts.length > 0) output.out(`\n${chartsText(charts)}`)
    if (report !== null) output.out(`\nreport: ${report}`)
  }
  if (run.state === 'success') return exit.success
  output.note(`\n${failuresText(run)}`)
  return exit.runFailed
}

/** Rows of the tables that the run wrote, and of the dashboard's charts. */
export async function readResults(
  run: RunView,
  compiled: Compiled,
  clients: Clients,
): Promise<{ tables: TableView[]; charts: ChartView[] }> {
  const [{ countTables }, { queryCharts }] = await Promise.all([
    import('../history/tables.ts'),
    import('../history/charts.ts'),
  ])
  const bigquery = await clients.bigquery()
  const location = clients.environment.datasetLocation
  const [tables, charts] = await Promise.all([
    countTables(bigquery, compiled.manifest, run, location),
    // The marts of a failed run are those of an earlier one.
    compiled.dashboard === null || run.state !== 'success'
      ? []
      : queryCharts(bigquery, compiled.dashboard, run, location),
  ])
  return { tables, charts }
}

/** Writes the HTML report, making its folder. */
export async function writeReport(
  file: string,
  run: RunView,
  tables: readonly TableView[],
  charts: readonly ChartView[],
): Promise<void> {
  const { renderReport } = await import('../history/report/report.ts')
  makeFolder(dirname(file), 'choose another file with --report')
  await writeFile(file, await renderReport({ run, tables, charts }))
}
