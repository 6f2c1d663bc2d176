import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { newSession, queryRelation, relation, rootScope, type TableLookup } from '../../sql/lineage/index.ts'
import { shapeOfType } from '../../sql/lineage/shape.ts'
import { parseScript } from '../../sql/parser/statement.ts'
import type { Query } from '../../sql/syntax.ts'
import { openWarehouse } from '../../simulator/warehouse/open.ts'
import { NOW, onlyReads, PROJECT, readCases, type CaseFile } from '../../simulator/warehouse/testing/cases.ts'

/*
 * What a query's text says of its columns is what the warehouse gives: every query of the case tables is run, and the names
 * of its columns are compared with those that lineage knows.
 */

const folder = join(import.meta.dirname, '../cases/warehouse')
const shared = join(import.meta.dirname, '../../../shared/cases/bigquery-sql.yaml')
const files = [
  ...readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name)),
  ...(existsSync(shared) ? [shared] : []),
]

describe.each(files)('%s', (path) => {
  it('has the columns that lineage knows', async () => {
    const file = readCases(path)
    const dir = mkdtempSync(join(tmpdir(), 'lineage-names-'))
    const warehouse = await openWarehouse({ dir, project: PROJECT, threads: 1 })
    const send = (sql: string) => warehouse.query({ sql, project: PROJECT, parameters: [], now: NOW })
    try {
      for (const sql of file.fixtures ?? []) await send(sql)
      const tables = tablesOf(file)
      const wrong: string[] = []
      for (const item of file.cases) {
        if (item.error !== undefined || item.params !== undefined || !onlyReads(item)) continue
        const sql = item.query ?? item.sql.at(-1) ?? ''
        const query = queryOf(sql)
        const schema = await send(sql).then(
          (result) => result.schema,
          () => null,
        )
        if (query === null || schema === null) continue
        const names = schema.map(({ name }) => name.toLowerCase()).join(', ')
        const found = queryRelation(query, rootScope(newSession(tables), new Map()))
        const known = found.columns.map(({ name }, index) => name?.toLowerCase() ?? `f${index}_`).join(', ')
        if (found.open !== null || known !== names) wrong.push(`${item.id}: ${known} is ${names}`)
      }
      expect(wrong).toEqual([])
    } finally {
      await warehouse.close()
      rmSync(dir, { recursive: true, force: true })
    }
  })
})

/** Tables that the fixtures declare. */
function tablesOf({ fixtures = [] }: CaseFile): TableLookup {
  const known = new Map(
    fixtures
      .flatMap((sql) => parseScript(sql))
      .flatMap((statement) => {
        if (statement.kind !== 'createTable' || statement.columns === null) return []
        const name = pathText(statement.path.parts)
        const columns = statement.columns.map((column) => {
          const sources = new Set([`${name}.${column.name}`])
          return { name: column.name, sources, shape: shapeOfType(column.type, sources) }
        })
        return [[name, relation(columns)] as const]
      }),
  )
  return (path) => known.get(pathText(path)) ?? null
}

function pathText(parts: readonly string[]): string {
  return parts
    .flatMap((part) => part.split('.'))
    .slice(-2)
    .join('.')
    .toLowerCase()
}

/** Null for what is no query, or is refused. */
function queryOf(sql: string): Query | null {
  try {
    const [statement, ...more] = parseScript(sql)
    return statement?.kind === 'query' && more.length === 0 ? statement.query : null
  } catch {
    return null
  }
}
