import type { BigQuery } from '@google-cloud/bigquery'
import type { Manifest } from '../artifact/manifest.ts'
import type { RunView, TaskView } from './run-view.ts'

/** A table that a task of the run writes, with what is in it now. */
export interface TableView {
  /** `dataset.table`. */
  readonly table: string
  readonly layer: string
  readonly description: string
  /** Tasks that write it. */
  readonly tasks: readonly string[]
  readonly rows: number
  /** Rows that this run wrote last; null where the table does not tell. */
  readonly rowsOfRun: number | null
}

function hasRun({ tries, instances }: TaskView): boolean {
  return tries.length > 0 || instances?.items.some((item) => item.tries.length > 0) === true
}

/** Column by which a row tells which run wrote it last: `<run_id>/<execution>`. */
const loadColumn = '_load_id'

/** Counts the rows of all tables that tasks of this run wrote. */
export async function countTables(
  bigquery: BigQuery,
  manifest: Manifest,
  run: RunView,
  location: string,
): Promise<TableView[]> {
  const written = manifest.tables.flatMap((table) => {
    const name = `${table.dataset}.${table.table}`
    const tasks = run.tasks.filter((task) => task.writes.includes(name) && hasRun(task))
    return tasks.length === 0 ? [] : [{ table, name, tasks: tasks.map((task) => task.id) }]
  })
  const loadId = `${run.runId}/${run.execution.split('/').at(-1)}`
  return Promise.all(
    written.map(async ({ table, name, tasks }) => {
      const tellsRun = table.columns.some((column) => column.name === loadColumn)
      const own = tellsRun ? `, COUNTIF(${loadColumn} = @load_id) AS of_run` : ''
      const [rows] = await bigquery.query({
        query: `SELECT COUNT(*) AS total${own} FROM \`${table.dataset}.${table.table}\``,
        location,
        ...(tellsRun ? { params: { load_id: loadId } } : {}),
      })
      const [row] = rows as readonly { total: number; of_run?: number }[]
      return {
        table: name,
        layer: table.layer,
        description: table.description,
        tasks,
        rows: row?.total ?? 0,
        rowsOfRun: tellsRun ? (row?.of_run ?? 0) : null,
      }
    }),
  )
}
