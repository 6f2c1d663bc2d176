import { z } from 'zod'

/**
 * `generated/<dag>/dashboard.json`: the charts that answer what a pipeline is asked, each from one query over its
 * data marts. The query may use the parameters `@reference_date` (DATE) and `@run_id` (STRING).
 */

const chart = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9_]*$/),
  title: z.string(),
  description: z.string(),
  sql: z.string(),
  /** A Vega-Lite specification without data; the query's rows become its data. */
  spec: z.record(z.string(), z.unknown()),
  /** Columns of the query that a terminal shows as bars. */
  terminal: z.strictObject({ label: z.string(), value: z.string() }),
})

export const dashboardSchema = z.strictObject({ charts: z.array(chart) })

export type Dashboard = z.infer<typeof dashboardSchema>
export type DashboardChart = Dashboard['charts'][number]
