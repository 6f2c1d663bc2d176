import type { WriteMode } from '../../../dsl/index.ts'
import { loadValues, names, same, type Target } from '../target.ts'

/** Rows whose key is not there yet. A MERGE, since of two inserts at once both would win. */
export function append(target: Target, { lookBackDays }: WriteMode & { readonly kind: 'append' }): string {
  const { table, key, given } = target
  const filled = loadValues(target)
  const recent =
    lookBackDays === null || target.model.partitionBy === null
      ? ''
      : `\n  AND t.${target.model.partitionBy} >= ${earlier(target, lookBackDays)}`
  return `MERGE ${table} AS t
USING built_rows AS s
ON ${same(key, 't', 's')}${recent}
WHEN NOT MATCHED THEN INSERT (${names([...given, ...filled.map(([name]) => name)])})
VALUES (${[names(given, 's'), ...filled.map(([, value]) => value)].join(', ')});`
}

function earlier(target: Target, days: number): string {
  return target.asOf === '_run_date'
    ? `DATE_SUB(_run_date, INTERVAL ${days} DAY)`
    : `TIMESTAMP_SUB(_run_logical_date, INTERVAL ${days} DAY)`
}
