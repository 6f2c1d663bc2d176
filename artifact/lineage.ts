import { z } from 'zod'

/**
 * `generated/<dag>/lineage.json`: where every column of a DAG's tables and charts comes from. Columns are
 * `dataset.table.column`; `dataset.table.*` are the rows of a table, which is what a count is computed from.
 */

const sources = z.array(z.string())

const column = z.strictObject({
  name: z.string(),
  /** What its values are computed from. */
  from: sources,
  /** What decides which rows there are, beyond what does for the whole table. */
  rows: sources.optional(),
  /** The write mode that fills it, where no SQL does; `none` where nothing does. */
  by: z.string().optional(),
})

const step = z.strictObject({
  /** Name of the step's contract. */
  name: z.string(),
  task: z.string(),
  /** Beginnings of the names of objects that it, and the steps before it, keep in the bucket. */
  objects: z.array(z.string()),
})

const table = z.strictObject({
  /** `dataset.table` */
  table: z.string(),
  layer: z.enum(['raw', 'tru', 'ref', 'dmt']),
  /** The task that fills it; null where none of this DAG does. */
  task: z.string().nullable(),
  /** How its rows are written; null for a step and for a table that another DAG fills. */
  write: z.string().nullable(),
  /** Where a step fills it. */
  step: step.optional(),
  /** Tables that it is computed from. */
  reads: sources,
  /** What decides which rows there are: conditions, joins, groups. */
  rows: sources,
  columns: z.array(column),
})

const chart = z.strictObject({
  id: z.string(),
  title: z.string(),
  reads: sources,
  rows: sources,
  columns: z.array(z.strictObject({ name: z.string(), from: sources })),
})

export const lineageSchema = z.strictObject({
  version: z.literal(1),
  dag: z.string(),
  tables: z.array(table),
  /** Of the dashboard. */
  charts: z.array(chart),
})

export type Lineage = z.infer<typeof lineageSchema>
export type LineageTable = Lineage['tables'][number]
export type LineageChart = Lineage['charts'][number]
