import type { DuckDBConnection } from '@duckdb/node-api'
import { execute } from '../engine/database.ts'
import type { ModelSettings } from './model.ts'

/**
 * Which rows of a table (alias r, split column s) are kept for evaluation, as a condition that is never NULL.
 * https://cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-create-glm#data_split_method
 */
export async function evaluationRows(
  connection: DuckDBConnection,
  table: string,
  rows: number,
  settings: ModelSettings,
): Promise<string> {
  switch (settings.split) {
    case 'NO_SPLIT':
      return 'FALSE'
    case 'AUTO_SPLIT':
      if (rows < 500) return 'FALSE'
      return random(rows <= 50_000 ? Math.round(rows * 0.2) : 10_000)
    case 'RANDOM':
      return random(Math.round(rows * settings.evalFraction))
    case 'CUSTOM':
      return 'coalesce(r.s, TRUE)'
    case 'SEQ': {
      // The largest values are for evaluation, missing ones too; equal values stay together.
      const kept = rows - Math.round(rows * settings.evalFraction)
      const threshold = `SELECT s FROM ${table} ORDER BY s ASC NULLS LAST LIMIT 1 OFFSET ${kept}`
      const found = await execute(connection, threshold)
      return found.rowCount === 0 ? 'r.s IS NULL' : `coalesce(r.s >= (${threshold}), TRUE)`
    }
  }
}

/** The same rows always split the same way. */
function random(count: number): string {
  return `row_number() OVER (ORDER BY md5(CAST(r AS VARCHAR))) <= ${count}`
}
