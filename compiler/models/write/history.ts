import type { WriteMode } from '../../../dsl/index.ts'
import { quotedName } from '../../../sql/quoted-name.ts'
import { dayOf, hashOf, insertSelect, names, same, type Target } from '../target.ts'
import { isSpokenFor, sourceRows } from './scope.ts'

type Mode = WriteMode & { readonly kind: 'history' }

/**
 * Every state of a key, with from when to when. What an earlier execution of the same day wrote is taken back first, so that
 * a day that is run twice leaves what it leaves when it is run once.
 */
export function history(target: Target, mode: Mode): string {
  const { table, seen, asOf, given } = target
  const [from, to, current] = [mode.validFrom, mode.validTo, mode.current].map(quotedName) as [
    string,
    string,
    string,
  ]
  const key = target.key.filter((column) => column !== mode.validFrom)
  const within = mode.closeGone ? mode.within : key
  const hashed = given.filter((column) => !key.includes(column) && !mode.ignore.includes(column))
  const columns = [
    names(given),
    ...(target.tellsComplete ? ['_complete'] : []),
    `${hashOf(hashed)} AS row_hash`,
  ]
  const start = dayOf(target)
  const day = quotedName(seen!)
  const unchanged = `EXISTS (
    SELECT 1 FROM source_rows AS s WHERE ${same(key, 's', 't')} AND s.row_hash IS NOT DISTINCT FROM t.row_hash)`
  const isThere = `EXISTS (SELECT 1 FROM source_rows AS s WHERE ${same(key, 's', 't')})`
  const ours =
    within.length === 0
      ? '(SELECT COUNT(*) > 0 FROM source_rows)'
      : `EXISTS (SELECT 1 FROM source_rows AS g WHERE ${same(within, 'g', 't')})`
  const over = mode.closeGone ? `(${isThere} OR ${isSpokenFor(target, within, 't')})` : isThere
  const load = '_load_id = _run_load_id, _loaded_at = _run_time'
  return `${sourceRows(target, within, columns.join(', '))}

DELETE FROM ${table} AS t
WHERE t.${from} = ${start} AND t.${day} = ${asOf} AND ${ours};

UPDATE ${table} AS t
SET ${to} = NULL, ${current} = TRUE, ${load}
WHERE t.${to} = ${start} AND ${ours}
  AND NOT EXISTS (SELECT 1 FROM ${table} AS n WHERE ${same(key, 'n', 't')} AND n.${from} >= ${start});

UPDATE ${table} AS t
SET ${to} = ${start}, ${current} = FALSE, ${load}
WHERE t.${current} AND ${over}
  AND NOT ${unchanged};

UPDATE ${table} AS t
SET ${day} = ${asOf}
WHERE t.${current} AND t.${day} < ${asOf}
  AND ${unchanged};

${insertSelect(
  target,
  [
    ['row_hash', 's.row_hash'],
    [mode.validFrom, start],
    [mode.validTo, 'NULL'],
    [mode.current, 'TRUE'],
  ],
  `source_rows AS s
WHERE NOT EXISTS (SELECT 1 FROM ${table} AS t WHERE ${same(key, 't', 's')} AND t.${current})`,
)}`
}
