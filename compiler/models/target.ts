import { tableText, type Model } from '../../dsl/index.ts'
import { quotedName } from '../../sql/quoted-name.ts'
import { filledByMode, type ModelSql } from './read-sql.ts'

/** A model's table as the statements that write it see it. */
export interface Target {
  readonly model: Model
  /** In backticks. */
  readonly table: string
  readonly key: readonly string[]
  /** Columns that the SELECT gives. */
  readonly given: readonly string[]
  /** The partition column, where the mode fills it with the date of the run. */
  readonly seen: string | null
  /** What it is filled with. */
  readonly asOf: string
  /** Whether rows say that the SELECT may lack some. */
  readonly tellsComplete: boolean
}

export function targetOf({ model, outputs }: ModelSql): Target {
  const declared = new Set(model.columns.map(({ name }) => name))
  const filled = filledByMode(model)
  const given = outputs.filter((name) => declared.has(name) && !filled.has(name))
  const partition = model.columns.find(({ name }) => name === model.partitionBy)
  return {
    model,
    table: tableText(model),
    key: model.primaryKey,
    given,
    seen: partition && !given.includes(partition.name) ? partition.name : null,
    asOf: partition?.type === 'TIMESTAMP' ? '_run_logical_date' : '_run_date',
    tellsComplete: outputs.includes('_complete'),
  }
}

/** Of a `seen` column: the day that it is on. */
export function dayOf(target: Target): string {
  return target.asOf === '_run_date' ? 'TIMESTAMP(_run_date)' : '_run_logical_date'
}

export function names(columns: readonly string[], alias = ''): string {
  return columns.map((column) => `${alias && `${alias}.`}${quotedName(column)}`).join(', ')
}

/** `a.x = b.x AND a.y = b.y`; TRUE for no columns. */
export function same(columns: readonly string[], a: string, b: string): string {
  if (columns.length === 0) return 'TRUE'
  return columns.map((column) => `${a}.${quotedName(column)} = ${b}.${quotedName(column)}`).join(' AND ')
}

/** A hash of values by which a change is known. */
export function hashOf(columns: readonly string[]): string {
  if (columns.length === 0) return "''"
  return `TO_HEX(SHA256(TO_JSON_STRING(STRUCT(${names(columns)}))))`
}

/** What every row is written with, besides the values of the SELECT: column and value. */
export function loadValues({ seen, asOf }: Target): readonly (readonly [string, string])[] {
  return [
    ...(seen === null ? [] : [[seen, asOf] as const]),
    ['_load_id', '_run_load_id'],
    ['_loaded_at', '_run_time'],
  ]
}

/** INSERT … SELECT of the given columns and of what the mode fills. */
export function insertSelect(
  target: Target,
  extra: readonly (readonly [string, string])[],
  from: string,
): string {
  const filled = [...extra, ...loadValues(target)]
  return `INSERT INTO ${target.table} (${names([...target.given, ...filled.map(([name]) => name)])})
SELECT ${[names(target.given, 's'), ...filled.map(([, value]) => value)].join(', ')}
FROM ${from};`
}
