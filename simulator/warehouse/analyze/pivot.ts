import { aggregates } from '../functions/aggregates.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import type { Expression, From } from '../../../sql/syntax.ts'
import { isGroupable, sameType, STRING, typeText } from '../types/type.ts'
import { aggregateSql } from './aggregate.ts'
import { functionName } from './call.ts'
import { coerceOrFail, commonType } from './coerce.ts'
import { type Env, uniqueName } from './context.ts'
import { analyzeExpression } from './expression.ts'
import { analyzeFrom, derived, type FromResult, scopeOf } from './from.ts'
import { constantText, stringLiteral, type Typed } from './typed.ts'

/** PIVOT: one group per row of the other columns, one aggregate per value. */
export function analyzePivot(from: From & { kind: 'pivot' }, env: Env): FromResult {
  const { pivot } = from
  const input = analyzeFrom(from.input, env)
  const inner: Env = { ...env, scope: scopeOf(input, env), noAggregates: null, noWindows: 'PIVOT' }
  const by = analyzeExpression(pivot.input, inner)
  const used = usedNames([...pivot.aggregates.map((item) => item.call), pivot.input])
  const keys = input.star.filter((column) => !used.has(column.name?.toLowerCase() ?? ''))
  const columns: { name: string | null; type: Typed['type'] }[] = []
  const items: string[] = []
  const add = (name: string | null, value: Typed): void =>
    void items.push(`${value.sql} AS c${columns.push({ name, type: value.type }) - 1}`)
  for (const key of keys) {
    if (!isGroupable(key.value.type)) throw invalid(from.at, `PIVOT cannot group by column ${key.name}`)
    add(key.name, key.value)
  }
  const count = pivot.aggregates.length
  if (count > 1 && pivot.aggregates.some((item) => !item.alias))
    throw invalid(from.at, 'PIVOT with several aggregates needs an alias for each')
  for (const item of pivot.values) {
    const value = coerceOrFail(
      analyzeExpression(item.value, { ...inner, scope: null }),
      by.type,
      item.value.at,
      'PIVOT value',
    )
    const label = item.alias?.text ?? valueLabel(item.value)
    for (const { call, alias } of pivot.aggregates)
      add(
        alias ? `${alias.text}_${label}` : label,
        filtered(call, `${by.sql} IS NOT DISTINCT FROM ${value.sql}`, inner),
      )
  }
  const group = keys.length > 0 ? ` GROUP BY ${keys.map((_, i) => i + 1).join(', ')}` : ''
  const alias = uniqueName(env.context, 't')
  return derived(
    `(SELECT ${items.join(', ')} FROM ${input.sql}${group}) AS ${alias}`,
    alias,
    from.alias?.text ?? null,
    columns,
    false,
  )
}

/** The aggregate over the rows that satisfy a condition. */
function filtered(call: Expression, condition: string, env: Env): Typed {
  if (call.kind !== 'call' || call.over || !aggregates.has(functionName(call)))
    throw invalid(call.at, 'PIVOT expression must be an aggregate function call')
  const name = functionName(call)
  return aggregateSql(call, name, env, '', condition)
}

function usedNames(expressions: readonly Expression[]): Set<string> {
  const names = new Set<string>()
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(walk)
    if (typeof value !== 'object' || value === null) return
    const node = value as Expression
    if (node.kind === 'name') names.add(node.name.toLowerCase())
    if (node.kind === 'field') names.add(node.field.text.toLowerCase())
    Object.values(value).forEach(walk)
  }
  walk(expressions)
  return names
}

/** The name that a value gives its columns. https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#rules_for_pivot_columns */
function valueLabel(value: Expression): string {
  if (value.kind !== 'literal') throw unsupported(value.at, 'PIVOT value that is neither a literal nor named')
  if (value.type === 'STRING') {
    if (!/^[A-Za-z_]\w*$/.test(value.text))
      throw unsupported(value.at, 'PIVOT value that is no name and has no alias')
    return value.text
  }
  if (value.type === 'INT64')
    return value.text.startsWith('-') ? `minus_${value.text.slice(1)}` : `_${value.text}`
  if (value.type === 'DATE') return `_${value.text.replaceAll('-', '_')}`
  if (value.type === 'BOOL' || value.type === 'NULL') return value.text
  throw unsupported(value.at, `PIVOT value of type ${value.type} without an alias`)
}

/** UNPIVOT: one row per column, or per group of columns. */
export function analyzeUnpivot(from: From & { kind: 'unpivot' }, env: Env): FromResult {
  const { unpivot } = from
  const input = analyzeFrom(from.input, env)
  const scope: Env = { ...env, scope: scopeOf(input, env) }
  const groups = unpivot.columns.map((group) =>
    group.columns.map((column) =>
      analyzeExpression({ kind: 'name', at: column.at, name: column.text, quoted: true }, scope),
    ),
  )
  const labels = unpivot.columns.map(({ columns, label }) =>
    label
      ? analyzeExpression(label, { ...env, scope: null })
      : stringLiteral(columns.map((column) => column.text).join('_')),
  )
  const types = unpivot.values.map((_, i) =>
    unpivotType(
      groups.map((group) => group[i]!),
      from.at,
    ),
  )
  const labelType = labels.some((label) => constantText(label) === null)
    ? commonType(labels, from.at)
    : STRING
  if (!labelType) throw invalid(from.at, 'UNPIVOT labels must all be of type STRING or all of type INT64')
  const gone = new Set(
    unpivot.columns.flatMap(({ columns }) => columns.map((column) => column.text.toLowerCase())),
  )
  const kept = input.star.filter((column) => !gone.has(column.name?.toLowerCase() ?? ''))
  const columns = [
    ...kept.map((column) => ({ name: column.name, type: column.value.type })),
    ...unpivot.values.map((name, i) => ({ name: name.text, type: types[i]! })),
    { name: unpivot.label.text, type: labelType },
  ]
  const alias = uniqueName(env.context, 't')
  const rows = groups.map((group, row) => {
    const parts = group.map((value, i) => `v${i} := ${coerceOrFail(value, types[i]!, from.at).sql}`)
    return `struct_pack(${[...parts, `l := ${coerceOrFail(labels[row]!, labelType, from.at).sql}`].join(', ')})`
  })
  const item = uniqueName(env.context, 'n')
  const fields = [...types.map((_, i) => `(${item}.p).v${i}`), `(${item}.p).l`]
  const outputs = [...kept.map((column) => column.value.sql), ...fields].map((sql, i) => `${sql} AS c${i}`)
  // A row is left out when all of its values are NULL.
  const some = types.map((_, i) => `(${item}.p).v${i} IS NOT NULL`).join(' OR ')
  const where = unpivot.includeNulls ? '' : ` WHERE ${some}`
  const sql = `(SELECT ${outputs.join(', ')} FROM ${input.sql} CROSS JOIN LATERAL (SELECT unnest([${rows.join(', ')}]) AS p) AS ${item}${where}) AS ${alias}`
  return derived(sql, alias, from.alias?.text ?? null, columns, false)
}

/** Unpivoted columns keep their type: BigQuery has them equal, not merely coercible. */
function unpivotType(values: readonly Typed[], at: number): Typed['type'] {
  const [first] = values
  for (const value of values)
    if (!sameType(value.type, first!.type))
      throw invalid(
        at,
        `The datatype of columns in UNPIVOT does not match: ${typeText(first!.type)} and ${typeText(value.type)}`,
      )
  return first!.type
}
