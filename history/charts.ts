import type { BigQuery } from '@google-cloud/bigquery'
import type { Dashboard, DashboardChart } from '../artifact/dashboard.ts'
import { plainRow, type PlainRow } from './plain-row.ts'
import type { RunView } from './run-view.ts'

/** A chart of the dashboard with its rows, or with the reason why there are none. */
export interface ChartView {
  readonly chart: DashboardChart
  readonly rows: readonly PlainRow[]
  readonly error: string | null
}

/** Runs the dashboard's queries for a run's reference date. A chart that fails does not take the others along. */
export async function queryCharts(
  bigquery: BigQuery,
  dashboard: Dashboard,
  run: RunView,
  location: string,
): Promise<ChartView[]> {
  const known = { reference_date: bigquery.date(referenceDate(run)), run_id: run.runId }
  return Promise.all(
    dashboard.charts.map(async (chart): Promise<ChartView> => {
      const used = Object.entries(known).filter(([name]) => new RegExp(`@${name}\\b`).test(chart.sql))
      try {
        const [rows] = await bigquery.query({
          query: chart.sql,
          location,
          params: Object.fromEntries(used),
        })
        return { chart, rows: (rows as PlainRow[]).map(plainRow), error: null }
      } catch (error) {
        return { chart, rows: [], error: error instanceof Error ? error.message : String(error) }
      }
    }),
  )
}

/** The logical date as a calendar date in the DAG's time zone, whose offset it carries. */
function referenceDate(run: RunView): string {
  return (run.logicalDate ?? new Date(run.start ?? 0).toISOString()).slice(0, 10)
}
