import type { Expression, Pivot, Unpivot } from '../syntax.ts'
import { sourcesOf } from './expression.ts'
import {
  columnNamed,
  nothing,
  relation,
  union,
  type LineageColumn,
  type Relation,
  type Sources,
} from './relation.ts'
import { inside, resolveName, type FromItem, type Scope } from './scope.ts'
import { plain } from './shape.ts'

/** PIVOT: the columns that it does not name, then one per value and aggregate. */
export function pivoted(
  { aggregates, input: by, values }: Pivot,
  input: readonly FromItem[],
  outer: Scope,
): Relation {
  const scope = inside(outer, input)
  const decided = sourcesOf(by, scope)
  const computed = aggregates.map(({ call }) => sourcesOf(call, scope))
  const made = values.flatMap(({ value, alias: label }) =>
    aggregates.map(({ alias }, index): LineageColumn => {
      const text = label?.text ?? valueName(value)
      const name = text === null || alias === null ? text : `${alias.text}_${text}`
      return { name, sources: union(computed[index]!, decided), shape: null }
    }),
  )
  const used = [by, ...aggregates.map(({ call }) => call)]
  const kept = columnsOf(input).filter((column) => !uses(used, column, input, outer))
  const keys = union(...kept.map(({ sources }) => sources))
  return relation([...kept, ...made], { rows: union(rowsOf(input), decided, keys), open: openOf(input) })
}

/** Whether an expression names a column, found by giving it a source of its own. */
function uses(
  expressions: readonly Expression[],
  column: LineageColumn,
  input: readonly FromItem[],
  outer: Scope,
): boolean {
  const mark = new Set(['?'])
  const marked = input.map((item) => ({
    ...item,
    relation: {
      ...item.relation,
      value: null,
      columns: item.relation.columns.map((each) => ({
        name: each.name,
        sources: each === column ? mark : nothing,
      })),
    },
  }))
  const session = { ...outer.session, unknown: [] }
  const scope = inside({ ...outer, session, decided: new Set() }, marked)
  return expressions.some((each) => sourcesOf(each, scope).has('?'))
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax#rules_for_pivot_columns */
function valueName(value: Expression): string | null {
  if (value.kind === 'unary' && value.operator === '-') {
    const inner = valueName(value.operand)
    return inner === null ? null : `minus${inner}`
  }
  if (value.kind !== 'literal') return null
  const { type, text } = value
  if (type === 'STRING' || type === 'BOOL' || type === 'NULL') return text
  const plainText = text.replaceAll(/[-:. ]/g, '_').replace('.', '_point_')
  if (type === 'INT64') return text.startsWith('-') ? `minus_${text.slice(1)}` : `_${text}`
  if (type === 'NUMERIC' || type === 'BIGNUMERIC') {
    const number = text.replace('.', '_point_')
    return number.startsWith('-') ? `minus_${number.slice(1)}` : `_${number}`
  }
  return type === 'DATE' ? `_${plainText}` : null
}

/** UNPIVOT: the columns that it does not name, then the values and their label. */
export function unpivoted(
  { values, label, columns }: Unpivot,
  input: readonly FromItem[],
  scope: Scope,
): Relation {
  const named = columns.flatMap((each) => each.columns)
  const made = values.map(({ text }, index): LineageColumn => {
    const each = columns.flatMap((group) => {
      const name = group.columns[index]
      return name ? [resolveName([name], scope)] : []
    })
    return {
      name: text,
      sources: union(...each.map(({ sources }) => sources)),
      shape: each[0]?.shape ?? null,
    }
  })
  const kept = columnsOf(input).filter(
    (column) => column.name === null || !named.some(({ text }) => columnNamed([column], text) !== null),
  )
  return relation([...kept, ...made, { name: label.text, sources: nothing, shape: plain }], {
    rows: union(rowsOf(input), ...made.map(({ sources }) => sources)),
    open: openOf(input),
  })
}

export function columnsOf(items: readonly FromItem[]): readonly LineageColumn[] {
  return items.flatMap(({ alias, relation: { columns, value } }) => [
    ...columns,
    ...(value !== null && columns.length === 0
      ? [{ name: alias, sources: value.sources, shape: value.shape }]
      : []),
  ])
}

export function rowsOf(items: readonly FromItem[]): Sources {
  return union(...items.map(({ relation: each }) => each.rows))
}

export function openOf(items: readonly FromItem[]): Sources | null {
  const open = items.flatMap(({ relation: each }) => each.open ?? [])
  return items.every(({ relation: each }) => each.open === null) ? null : union(...open)
}
