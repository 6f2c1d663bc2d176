import { DagError } from './errors/dag-error.ts'
import { callerOf, type Location } from './location.ts'
import { modelReferenceOf, type ColumnRef, type ModelReference, type ModelRef } from './model-ref.ts'
import { refOf } from './ref.ts'
import { quotedName } from '../sql/quoted-name.ts'
import { tableText, type TableName } from './table-name.ts'
import { run, runValueText, since, type RunValue } from './run-value.ts'

/** SQL with typed references to models, as a list of parts; no project, no splicing of values. */
export interface SqlText {
  readonly kind: 'sql'
  readonly parts: readonly SqlPart[]
  readonly at: Location | null
}

export type SqlPart =
  | { readonly kind: 'text'; readonly text: string; readonly at: Location | null }
  | {
      readonly kind: 'table'
      readonly table: TableName
      readonly alias: string | null
      readonly at: Location | null
    }
  | {
      readonly kind: 'column'
      readonly table: TableName
      readonly alias: string | null
      readonly column: string
      readonly at: Location | null
    }
  | { readonly kind: 'run'; readonly value: RunValue; readonly at: Location | null }

/** What may stand in SQL: a model or a reference to one, a column of it, a value of the run, other SQL. */
export type SqlValue = TableName | ModelRef<never> | ColumnRef | RunValue | SqlText

/**
 * Tags SQL. An interpolated model, or `ref(model)`, stands for its table and draws an edge from whoever builds it; a column
 * of a reference stands for its name; `sql.run` has the values of the run, and `sql.since` is from when on rows are new.
 * Interpolated SQL is nested.
 *
 * @throws DagError on any other value
 * @example
 * const e = ref(truEntry, 'e')
 * const text = sql`SELECT ${e.media_id} FROM ${e} WHERE ${e.status} = 'COMPLETED' AND ${e.reference_date} = ${sql.run.date}`
 */
export const sql = Object.freeze(Object.assign(tagSql, { run, since }))

function tagSql(strings: TemplateStringsArray, ...values: readonly SqlValue[]): SqlText {
  const start = callerOf(tagSql)
  const parts: SqlPart[] = []
  let lines = 0
  // Raw text, so that a backslash of a regular expression stays one; but for what a template cannot hold otherwise.
  strings.raw.forEach((raw, index) => {
    const text = raw.replaceAll(/\\(?=`|\$\{)/g, '')
    parts.push({ kind: 'text', text, at: below(start, lines) })
    lines += text.split('\n').length - 1
    if (index < values.length) parts.push(...sqlParts(values[index], below(start, lines)))
  })
  return sqlText(parts, start)
}

export function sqlText(parts: readonly SqlPart[], at: Location | null): SqlText {
  return Object.freeze({ kind: 'sql', parts: Object.freeze([...parts]), at })
}

/** SQL as text: tables in backticks without a project, common indentation removed. */
export function renderSql(text: SqlText): string {
  return dedent(text.parts.map(partText).join(''))
}

/** How a part reads. */
export function partText(part: SqlPart): string {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'table':
      return part.alias === null ? tableText(part.table) : `${tableText(part.table)} AS ${part.alias}`
    case 'column':
      return part.alias === null ? quotedName(part.column) : `${part.alias}.${quotedName(part.column)}`
    case 'run':
      return runValueText(part.value)
  }
}

/** @throws DagError on what cannot stand in SQL */
export function sqlParts(value: unknown, at: Location | null): readonly SqlPart[] {
  const reference = modelReferenceOf(value)
  if (reference) return [referencePart(reference, at)]
  if (isSql(value)) return value.parts
  if (isTable(value)) return [{ kind: 'table', table: value, alias: null, at }]
  if (isRunValue(value)) return [{ kind: 'run', value, at }]
  throw new DagError('DAG405', `${described(value)} cannot stand in SQL`, {
    at,
    hint: 'interpolate models, their columns, sql`…` and values of the run: sql.run.date, sql.run.param(…)',
  })
}

function referencePart({ model, alias, column }: ModelReference, at: Location | null): SqlPart {
  return column === null
    ? { kind: 'table', table: model, alias, at }
    : { kind: 'column', table: model, alias, column, at }
}

function described(value: unknown): string {
  const reference = refOf(value)
  if (reference) return 'a reference to a run-time value'
  if (value === null || ['undefined', 'boolean', 'number', 'bigint'].includes(typeof value))
    return String(value)
  return typeof value === 'string'
    ? `text ${JSON.stringify(value.slice(0, 40))}`
    : `a value of type ${typeof value}`
}

function isSql(value: unknown): value is SqlText {
  return isObject(value) && refOf(value) === null && value['kind'] === 'sql'
}

function isTable(value: unknown): value is TableName {
  return isObject(value) && refOf(value) === null && (value['kind'] === 'model' || value['kind'] === 'table')
}

function isRunValue(value: unknown): value is RunValue {
  return (
    isObject(value) && refOf(value) === null && (value['kind'] === 'run_value' || value['kind'] === 'since')
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function below(at: Location | null, lines: number): Location | null {
  return at && { file: at.file, line: at.line + lines }
}

function dedent(text: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd())
  while (lines.length > 0 && lines[0] === '') lines.shift()
  while (lines.length > 0 && lines.at(-1) === '') lines.pop()
  // The first line of a one-line template has no indentation to speak of.
  const indents = lines.filter((line) => line !== '').map((line) => line.length - line.trimStart().length)
  const common = Math.min(...indents, Number.MAX_SAFE_INTEGER)
  return lines.map((line) => line.slice(common)).join('\n')
}
