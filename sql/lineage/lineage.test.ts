import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseScript } from '../parser/statement.ts'
import type { Statement } from '../syntax.ts'
import {
  newSession,
  queryRelation,
  relation,
  rootScope,
  scriptLineage,
  type Shape,
  type Sources,
  type TableLookup,
  type Unknown,
} from './index.ts'
import { shapeOfType } from './shape.ts'

const cases = join(import.meta.dirname, '../../test/cases')

interface LineageCase {
  readonly id: string
  readonly sql: string
  readonly columns?: Readonly<Record<string, string>>
  readonly rows?: string
  readonly written?: Readonly<Record<string, string>>
  readonly unknown?: readonly string[]
}

const table = parse(readFileSync(join(cases, 'lineage/queries.yaml'), 'utf8')) as {
  readonly tables: readonly string[]
  readonly cases: readonly LineageCase[]
}

/** Tables of CREATE TABLE statements, each column coming from itself. */
function tablesOf(statements: readonly Statement[]): TableLookup {
  const known = new Map(
    statements.flatMap((statement) => {
      if (statement.kind !== 'createTable') return []
      const name = statement.path.parts.join('.')
      const columns = (statement.columns ?? []).map((column) => {
        const sources: Sources = new Set([`${name}.${column.name}`])
        const shape: Shape = shapeOfType(column.type, sources)
        return { name: column.name, sources, shape }
      })
      return [[name, relation(columns, { rows: new Set([`${name}.*`]) })] as const]
    }),
  )
  return (path) => known.get(path.slice(-2).join('.').toLowerCase()) ?? null
}

const tables = tablesOf(table.tables.flatMap((sql) => parseScript(sql)))

const text = (sources: Iterable<string>) => [...new Set(sources)].toSorted().join(' ')

/** Each with the text that stands at its place. */
function unknownText(sql: string, unknown: readonly Unknown[]): readonly string[] {
  return unknown.map(({ kind, name, at }) => {
    const words = sql.slice(at).split(/\s+/)
    return `${kind} ${name}: ${words.slice(0, 2).join(' ')}`.trimEnd()
  })
}

describe('where columns come from', () => {
  it.each(table.cases)('$id', ({ sql, columns, rows, written, unknown = [] }) => {
    const statements = parseScript(sql)
    const [first] = statements
    if (statements.length === 1 && first?.kind === 'query') {
      const session = newSession(tables)
      const found = queryRelation(first.query, rootScope(session, new Map()))
      expect(unknownText(sql, session.unknown)).toEqual(unknown)
      if (columns) {
        const named = found.columns.map(({ name, sources }) => [name, text(sources)])
        const open = found.open === null ? [] : [['?', text(found.open)]]
        // A name that comes again has a blank behind it, since a map has each key once.
        expect([...named, ...open]).toEqual(
          Object.entries(columns).map(([name, from]) => [name.trim(), from]),
        )
      }
      if (rows !== undefined) expect(text(found.rows)).toBe(rows)
      return
    }
    const found = scriptLineage(statements, tables, new Map())
    expect(unknownText(sql, found.unknown)).toEqual(unknown)
    if (written === undefined) return
    const all = new Map<string, string[]>()
    for (const each of found.written) {
      const key = `${each.table}.${each.column}`
      all.set(key, [...(all.get(key) ?? []), ...each.sources])
    }
    expect(Object.fromEntries([...all].map(([key, sources]) => [key, text(sources)]))).toEqual(written)
  })

  it('has cases that expect something', () => {
    for (const { id, columns, written, unknown } of table.cases)
      expect(columns ?? written ?? unknown, id).toBeDefined()
  })
})

interface WarehouseFile {
  readonly fixtures?: readonly string[]
  readonly cases: readonly {
    readonly id: string
    readonly sql?: string | readonly string[]
    readonly query?: string
    readonly error?: unknown
  }[]
}

/** Statements that name what stands outside of the text. */
const outside = new Set(['names-wildcard-table-suffix'])

const shared = join(import.meta.dirname, '../../../shared/cases/bigquery-sql.yaml')
const files = [
  ...readdirSync(join(cases, 'warehouse'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(cases, 'warehouse', name)),
  ...(existsSync(shared) ? [shared] : []),
]

describe('everything that the warehouse accepts is known', () => {
  it.each(files)('%s', (file) => {
    const { fixtures = [], cases: all } = parse(readFileSync(file, 'utf8')) as WarehouseFile
    const wrong: string[] = []
    let read = 0
    const given = parsed(fixtures)
    for (const { id, sql = [], query, error } of all) {
      if (error !== undefined || outside.has(id)) continue
      const statements = parsed([...[sql].flat(), ...(query === undefined ? [] : [query])])
      if (statements === null || given === null) continue
      read += 1
      const { unknown } = scriptLineage([...given, ...statements], () => null, new Map())
      for (const { kind, name } of unknown) wrong.push(`${id}: ${kind} ${name}`)
    }
    expect(wrong).toEqual([])
    expect(read > 0 || all.every(({ error }) => error !== undefined)).toBe(true)
  })
})

/** Null where one of them is refused by the parser. */
function parsed(sources: readonly string[]): readonly Statement[] | null {
  try {
    return sources.flatMap((source) => parseScript(source))
  } catch {
    return null
  }
}
