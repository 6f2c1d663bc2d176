import type { Lineage, LineageTable } from '../artifact/lineage.ts'
import { UserError } from '../deploy/user-error.ts'
import { closest } from '../dsl/suggest.ts'

/** What somebody asks the lineage of. */
export interface LineageTarget {
  /** `dataset.table` */
  readonly table: string
  /** `*` for the rows; null for the table as a whole. */
  readonly column: string | null
}

/**
 * The table, or the column of one, that a text names: `dataset.table`, or `table` where there is one of that name, with
 * `.column` or without.
 */
export function lineageTarget(all: readonly Lineage[], text: string): LineageTarget {
  const tables = new Map(all.flatMap((each) => each.tables.map((table) => [table.table, table] as const)))
  const parts = text.split('.')
  const [first = '', second, ...more] = parts
  const whole = second === undefined ? undefined : tableNamed(tables, `${first}.${second}`)
  if (whole) {
    if (more.length > 1) throw unknown(text, `${whole.table} has columns only`)
    return { table: whole.table, column: columnOf(whole, more[0] ?? null, text) }
  }
  const short = [...tables.values()].filter(({ table }) => same(table.split('.')[1] ?? '', first))
  const [only, ...others] = short
  if (only && others.length === 0 && more.length === 0)
    return { table: only.table, column: columnOf(only, second ?? null, text) }
  if (only && more.length === 0) {
    const names = short.map(({ table }) => table)
    throw unknown(text, `say which: ${names.join(', ')}`, `"${first}" is a table of several datasets`)
  }
  const known = [...tables.keys()]
  const named = known.find((table) => second !== undefined && same(shortName(table), second))
  const near = named ?? closest(parts.slice(0, 2).join('.'), known) ?? closest(first, known.map(shortName))
  throw unknown(text, near === null ? `tables are: ${known.join(', ')}` : `did you mean "${near}"?`)
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
const shortName = (table: string) => table.split('.')[1] ?? table

function tableNamed(tables: ReadonlyMap<string, LineageTable>, name: string): LineageTable | undefined {
  return [...tables.values()].find(({ table }) => same(table, name))
}

function columnOf({ table, columns }: LineageTable, name: string | null, text: string): string | null {
  if (name === null || name === '*') return name
  const names = columns.map((column) => column.name)
  const found = names.find((each) => same(each, name))
  if (found !== undefined) return found
  const near = closest(name, names)
  const hint = near === null ? `it has ${names.join(', ')}` : `did you mean "${near}"?`
  throw unknown(text, hint, `${table} has no column "${name}"`)
}

function unknown(text: string, hint: string, message = `there is no table "${text}"`): UserError {
  return new UserError('DAG605', message, { place: text, hint })
}
