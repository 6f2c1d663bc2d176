import { DagError } from './errors/dag-error.ts'
import { callerOf, type Location } from './location.ts'
import { refOf } from './ref.ts'

/** SQL with typed references to models, as a list of parts; no project, no splicing of values. */
export interface SqlText {
  readonly kind: 'sql'
  readonly parts: readonly SqlPart[]
  readonly at: Location | null
}

export type SqlPart =
  | { readonly kind: 'text'; readonly text: string; readonly at: Location | null }
  | { readonly kind: 'table'; readonly table: TableName; readonly at: Location | null }

/** What SQL needs to know of a model. */
export interface TableName {
  readonly kind: 'model' | 'table'
  readonly dataset: string
  readonly table: string
}

/**
 * Tags SQL. An interpolated model stands for its table and draws an edge from whoever builds it; interpolated SQL is
 * nested. Any other value is refused: run values come as the parameters of the procedure (`reference_date`, `run_id` …).
 *
 * @throws DagError on an interpolated value that is neither a model nor SQL
 * @example
 * sql`SELECT media_id FROM ${truEntry} WHERE status = 'COMPLETED'`
 */
export function sql(strings: TemplateStringsArray, ...values: readonly (TableName | SqlText)[]): SqlText {
  const start = callerOf(sql)
  const parts: SqlPart[] = []
  let lines = 0
  // Raw text, so that a backslash of a regular expression stays one.
  strings.raw.forEach((text, index) => {
    parts.push({ kind: 'text', text, at: below(start, lines) })
    lines += text.split('\n').length - 1
    if (index < values.length) parts.push(...partsOf(values[index], below(start, lines)))
  })
  return Object.freeze({ kind: 'sql', parts: Object.freeze(parts), at: start })
}

/** SQL as text: tables in backticks without a project, common indentation removed. */
export function renderSql(text: SqlText): string {
  return dedent(text.parts.map((part) => (part.kind === 'text' ? part.text : tableText(part.table))).join(''))
}

/** The table's name as SQL quotes it. */
function tableText({ dataset, table }: TableName): string {
  return `\`${dataset}.${table}\``
}

/** `dataset.table` */
export function tableId({ dataset, table }: { readonly dataset: string; readonly table: string }): string {
  return `${dataset}.${table}`
}

function partsOf(value: unknown, at: Location | null): readonly SqlPart[] {
  if (isSql(value)) return value.parts
  if (isTable(value)) return [{ kind: 'table', table: value, at }]
  throw new DagError('DAG405', `${described(value)} cannot stand in SQL`, {
    at,
    hint: 'interpolate models and sql`…` only; values reach SQL as procedure parameters such as reference_date',
  })
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
