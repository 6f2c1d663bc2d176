import { failText } from '../analyze/fail.ts'
import type { Type } from '../types/type.ts'

/** Makes a result fail, while it is computed, when one of its arrays holds a NULL. */
export function checkArrays(sql: string, types: readonly Type[]): string {
  if (!types.some((type) => type.kind === 'array')) return sql
  const columns = types.map((type, i) => {
    if (type.kind !== 'array') return `q.c${i}`
    const failure = failText('Array cannot have a null element; error in writing field', type)
    return `CASE WHEN list_count(q.c${i}) < len(q.c${i}) THEN ${failure} ELSE q.c${i} END AS c${i}`
  })
  const names = types.map((_, i) => `c${i}`).join(', ')
  return `SELECT ${columns.join(', ')} FROM (${sql}) AS q(${names})`
}
