import type { WriteMode } from '../../../dsl/index.ts'
import { quotedName } from '../../../sql/quoted-name.ts'
import { insertSelect, names, same, type Target } from '../target.ts'
import { isSpokenFor, sourceRows } from './scope.ts'

/** The rows of the newest SELECT: of the whole table, or of each owner that it names. */
export function snapshot(target: Target, { per }: WriteMode & { readonly kind: 'snapshot' }): string {
  const { table, key, given, tellsComplete } = target
  const columns = [names(given), ...(tellsComplete ? ['_complete'] : [])].join(', ')
  // An owner without rows stands there with nothing but itself.
  const there = key
    .filter((column) => !per.includes(column))
    .map((column) => `s.${quotedName(column)} IS NOT NULL`)
  const replaced = `EXISTS (SELECT 1 FROM source_rows AS s WHERE ${same(key, 's', 't')})`
  const spokenFor = isSpokenFor(target, per, 't')
  return `${sourceRows(target, per, columns)}

DELETE FROM ${table} AS t
WHERE ${tellsComplete ? `${replaced} OR ${spokenFor}` : spokenFor};

${insertSelect(target, [], `source_rows AS s${there.length === 0 ? '' : `\nWHERE ${there.join(' AND ')}`}`)}`
}
