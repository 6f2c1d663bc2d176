import { coerceOrFail } from '../analyze/coerce.ts'
import { type Env } from '../analyze/context.ts'
import { analyzeExpression } from '../analyze/expression.ts'
import { type FromResult } from '../analyze/from.ts'
import { packStruct } from '../analyze/coerce.ts'
import { fieldOf } from '../analyze/expression.ts'
import { type Typed, typed } from '../analyze/typed.ts'
import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { type Refusal, storeValue } from '../engine/store.ts'
import { invalid } from '../../../sql/problem.ts'
import type { Assignment, Name } from '../../../sql/syntax.ts'
import type { Session } from './session.ts'
import { columnNamed, storedExpression } from './dml-target.ts'

const assigned: Refusal = (given, column, type) =>
  `Value of type ${given} cannot be assigned to ${column}, which has type ${type}`

interface Assigned {
  readonly field: StoredField
  readonly sql: string
}

/** The assignments of an UPDATE, with nested fields folded into their column. */
export function analyzeAssignments(
  assignments: readonly Assignment[],
  entry: TableEntry,
  from: FromResult,
  env: Env,
  session: Session,
): Assigned[] {
  const sets: Assigned[] = []
  // Columns of which fields are set, with the fields set so far.
  const nested = new Map<StoredField, { value: Typed; at: number; paths: string[] }>()
  for (const assignment of assignments) {
    const relation = from.relations[0]!
    let path = assignment.path
    if (
      path.length > 1 &&
      path[0]!.text.toLowerCase() === relation.alias?.toLowerCase() &&
      entry.schema.some((f) => f.name.toLowerCase() === path[1]!.text.toLowerCase())
    )
      path = path.slice(1)
    const field = columnNamed(entry, path[0]!)
    const key = path.map((name) => name.text.toLowerCase()).join('.')
    const before = nested.get(field)
    const overlaps = before?.paths.some(
      (other) => `${other}.`.startsWith(`${key}.`) || `${key}.`.startsWith(`${other}.`),
    )
    if (sets.some((set) => set.field === field) || overlaps || (before && path.length === 1))
      throw invalid(assignment.at, `Update item ${field.name} assigned more than once`)
    if (path.length === 1) {
      sets.push({ field, sql: storedExpression(assignment.value, field, env, session, assigned) })
      continue
    }
    const column = before?.value ?? relation.columns.find((item) => item.name === field.name)!.value
    const value = replaceField(column, path.slice(1), analyzeExpression(assignment.value, env), assignment.at)
    nested.set(field, { value, at: assignment.at, paths: [...(before?.paths ?? []), key] })
  }
  for (const [field, { value, at }] of nested)
    sets.push({ field, sql: storeValue(value, field, at, assigned) })
  return sets
}

function replaceField(struct: Typed, path: readonly Name[], value: Typed, at: number): Typed {
  const [name, ...rest] = path
  const { type } = struct
  const current = fieldOf(struct, name!.text, name!.at)
  if (type.kind !== 'struct') throw invalid(at, `Cannot set a field of ${struct.sql}`)
  const changed =
    rest.length > 0 ? replaceField(current, rest, value, at) : coerceOrFail(value, current.type, at)
  const items = type.fields.map((field) =>
    field.name?.toLowerCase() === name!.text.toLowerCase() ? changed : fieldOf(struct, field.name ?? '', at),
  )
  return typed(packStruct(items, type).sql, type)
}
