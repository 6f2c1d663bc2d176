import type { Clients } from '../deploy/clients.ts'
import { googleFailure } from '../deploy/google-error.ts'
import { plainRow, type PlainRow } from '../history/plain-row.ts'
import { queryProblem } from './query-problem.ts'

export interface QueryResult {
  readonly columns: readonly string[]
  readonly rows: readonly PlainRow[]
}

/**
 * Runs one statement as a query job and reads all of its rows.
 *
 * @throws UserError with the service's own message, which names line and column
 */
export async function runQuery(clients: Clients, sql: string): Promise<QueryResult> {
  const location = clients.environment.datasetLocation
  try {
    const [job] = await (
      await clients.bigquery()
    ).createQueryJob({ query: sql, location, useLegacySql: false })
    const [rows, , response] = await job.getQueryResults()
    const fields = response?.schema?.fields ?? []
    const columns = fields.map((field) => field.name ?? '')
    return { columns, rows: rows.map((row: PlainRow) => plainRow(row)) }
  } catch (error) {
    throw queryProblem(sql, googleFailure(error).message, error)
  }
}
