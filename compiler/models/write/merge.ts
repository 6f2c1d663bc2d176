import type { WriteMode } from '../../../dsl/index.ts'
import { quotedName } from '../../../sql/quoted-name.ts'
import { dayOf, hashOf, loadValues, names, same, type Target } from '../target.ts'
import { isSpokenFor } from './scope.ts'

type Mode = WriteMode & { readonly kind: 'merge' }

/** One row per key, its latest state. */
export function merge(target: Target, mode: Mode): string {
  return [sourceTable(target, mode), mergeStatement(target, mode), ...goneStatements(target, mode)].join(
    '\n\n',
  )
}

/** With the hash, and the first day on which the table has seen these rows missing, where there is a newer one. */
function sourceTable(target: Target, { ignore, gone }: Mode): string {
  const { table, given, key, seen, asOf } = target
  const hashed = given.filter((column) => !key.includes(column) && !ignore.includes(column))
  const complete = target.tellsComplete ? ', _complete' : ''
  const columns = `${names(given)}${complete}, ${hashOf(hashed)} AS row_hash`
  if (gone.kind === 'keep' || seen === null) {
    return `CREATE TEMP TABLE source_rows AS\nSELECT ${columns}\nFROM built_rows;`
  }
  const { within } = gone
  const newer =
    within.length === 0
      ? `CROSS JOIN (SELECT MIN(${quotedName(seen)}) AS _newer FROM ${table} WHERE ${quotedName(seen)} > ${asOf})`
      : `LEFT JOIN (
  SELECT ${names(within)}, MIN(${quotedName(seen)}) AS _newer
  FROM ${table} WHERE ${quotedName(seen)} > ${asOf} GROUP BY ${names(within)})
USING (${names(within)})`
  return `CREATE TEMP TABLE source_rows AS
SELECT ${columns}, _newer
FROM built_rows
${newer};`
}

function mergeStatement(target: Target, { newer, gone }: Mode): string {
  const { table, key, given, seen, asOf } = target
  const values = given.filter((column) => !key.includes(column))
  const returned = gone.kind === 'deactivate' ? quotedName(gone.at) : null
  const flag = gone.kind === 'deactivate' ? quotedName(gone.flag) : null
  const fresh = newer === null ? `${asOf} >= t.${quotedName(seen!)}` : isNewer(newer)
  const back = returned && `${dayOf(target)} >= t.${returned}`
  const changed = `t.row_hash IS DISTINCT FROM s.row_hash${back ? ` OR (NOT t.${flag} AND ${back})` : ''}`
  const set = [
    ...values.map((column) => `${quotedName(column)} = s.${quotedName(column)}`),
    'row_hash = s.row_hash',
    ...(back ? [`${flag} = t.${flag} OR ${back}`, `${returned} = IF(${back}, NULL, t.${returned})`] : []),
    ...(seen === null ? [] : [`${quotedName(seen)} = GREATEST(t.${quotedName(seen)}, ${asOf})`]),
    '_load_id = _run_load_id',
    '_loaded_at = _run_time',
  ]
  const inserted: readonly (readonly [string, string])[] = [
    ['row_hash', 's.row_hash'],
    ...(gone.kind === 'deactivate'
      ? [[gone.flag, 's._newer IS NULL'] as const, [gone.at, newerDay(target)] as const]
      : []),
    ...loadValues(target),
  ]
  // What a newer run did not find is not brought back by an older one.
  const notGone = gone.kind === 'delete' ? ' AND s._newer IS NULL' : ''
  return `MERGE ${table} AS t
USING source_rows AS s
ON ${same(key, 't', 's')}
WHEN MATCHED AND ${fresh} AND (${changed}) THEN UPDATE SET
  ${set.join(',\n  ')}
${seen === null ? '' : `WHEN MATCHED AND ${asOf} > t.${quotedName(seen)} THEN UPDATE SET ${quotedName(seen)} = ${asOf}\n`}WHEN NOT MATCHED${notGone} THEN INSERT (
  ${names([...given, ...inserted.map(([name]) => name)])})
VALUES (
  ${[names(given, 's'), ...inserted.map(([, value]) => value)].join(', ')});`
}

function isNewer(column: string): string {
  return `(t.${quotedName(column)} IS NULL OR s.${quotedName(column)} >= t.${quotedName(column)})`
}

function newerDay(target: Target): string {
  return target.asOf === '_run_date' ? 'TIMESTAMP(s._newer)' : 's._newer'
}

/** Only rows that no newer run has seen, and only where the SELECT speaks for all of them. */
function goneStatements(target: Target, { gone }: Mode): readonly string[] {
  if (gone.kind === 'keep') return []
  const { table, key, seen, asOf } = target
  const missing = `t.${quotedName(seen!)} < ${asOf}
  AND NOT EXISTS (SELECT 1 FROM source_rows AS s WHERE ${same(key, 's', 't')})
  AND ${isSpokenFor(target, gone.within, 't')}`
  if (gone.kind === 'delete') return [`DELETE FROM ${table} AS t\nWHERE ${missing};`]
  return [
    `UPDATE ${table} AS t
SET ${quotedName(gone.flag)} = FALSE, ${quotedName(gone.at)} = ${dayOf(target)},
  _load_id = _run_load_id, _loaded_at = _run_time
WHERE t.${quotedName(gone.flag)} AND ${missing};`,
  ]
}
