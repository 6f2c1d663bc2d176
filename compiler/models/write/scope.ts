import { quotedName } from '../../../sql/quoted-name.ts'
import { names, same, type Target } from '../target.ts'

/**
 * Which rows of a table a SELECT speaks for: all of them, or those that share some columns with one of its rows. Newer
 * state is never overwritten: rows for which the table has seen a newer day are left out.
 */
export function sourceRows(target: Target, within: readonly string[], columns: string): string {
  const { table, seen, asOf } = target
  if (seen === null) return `CREATE TEMP TABLE source_rows AS\nSELECT ${columns}\nFROM built_rows;`
  return `CREATE TEMP TABLE source_rows AS
SELECT ${columns}
FROM built_rows AS b
WHERE NOT EXISTS (SELECT 1 FROM ${table} AS n WHERE n.${quotedName(seen)} > ${asOf} AND ${same(within, 'n', 'b')});`
}

/** Whether a row of the table is one that `source_rows` speaks for, with all of its rows. */
export function isSpokenFor(target: Target, within: readonly string[], alias: string): string {
  const complete = target.tellsComplete
  if (within.length === 0) {
    return complete
      ? `IFNULL((SELECT LOGICAL_AND(_complete) FROM source_rows), FALSE)`
      : `(SELECT COUNT(*) > 0 FROM source_rows)`
  }
  const having = complete ? ' HAVING LOGICAL_AND(_complete)' : ''
  return `EXISTS (
    SELECT 1
    FROM (SELECT ${names(within)} FROM source_rows GROUP BY ${names(within)}${having}) AS g
    WHERE ${same(within, 'g', alias)})`
}
