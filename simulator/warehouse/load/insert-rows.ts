import { timestampSql } from '../analyze/coerce.ts'
import { INGESTION_COLUMN } from '../analyze/table.ts'
import type { StoredField, TableEntry } from '../catalog/entry.ts'
import { touch } from '../catalog/touch.ts'
import { type Database, execute } from '../engine/database.ts'
import { dropExpiredTables } from '../engine/partitions.ts'
import { constrain, defaultValue, storeValue } from '../engine/store.ts'
import { invalidRequest, requireTable } from '../resources/missing.ts'
import { ingests } from '../script/layout.ts'
import { Session } from '../script/session.ts'
import { quoteName } from '../types/duck.ts'
import type { TableName, WarehouseProblem } from '../warehouse.ts'
import { RowProblem, toRow } from './convert.ts'
import { fromPlain } from './json-value.ts'
import { Stage } from './stage.ts'

type Refused = readonly { readonly index: number; readonly problem: WarehouseProblem }[]

/** tabledata.insertAll: all rows or, with skipInvalidRows, the good ones. */
export async function insertRows(
  database: Database,
  project: string,
  name: TableName,
  rows: readonly Readonly<Record<string, unknown>>[],
  options: { readonly ignoreUnknownValues: boolean; readonly skipInvalidRows: boolean; readonly now: number },
): Promise<Refused> {
  await dropExpiredTables(database, options.now)
  const entry = requireTable(database, project, name)
  if (entry.snapshot)
    throw invalidRequest(`${entry.dataset}.${entry.table} is a snapshot and cannot be modified`)
  if (entry.kind === 'VIEW')
    throw invalidRequest(`Cannot add rows to a view: ${project}:${name.dataset}.${name.table}`)
  const refused: { index: number; problem: WarehouseProblem }[] = []
  const values = rows.flatMap((row, index) => {
    try {
      return [toRow(fromPlain(row), entry.schema, options.ignoreUnknownValues)]
    } catch (error) {
      if (!(error instanceof RowProblem)) throw error
      refused.push({
        index,
        problem: {
          reason: 'invalid',
          message: error.message.replace(/^No such field/, 'no such field'),
          location: error.field,
        },
      })
      return []
    }
  })
  if (refused.length > 0 && !options.skipInvalidRows) {
    const stopped = rows.flatMap((_, index) =>
      refused.some((item) => item.index === index)
        ? []
        : [{ index, problem: { reason: 'stopped', message: '' } }],
    )
    return [...refused, ...stopped].toSorted((a, b) => a.index - b.index)
  }
  await database.write(async (connection, changes) => {
    const stage = await Stage.create(connection, entry.schema)
    for (const row of values) stage.add(row)
    stage.close()
    await execute(connection, insertStaged(entry, entry.schema, stage.table, options.now))
    await execute(connection, `DROP TABLE ${stage.table}`)
    if (values.length > 0) touch(changes, database.catalog, entry, options.now)
  })
  return refused
}

/** INSERT of a staged table's columns c0, c1 …, which are `schema`; others get their defaults. */
export function insertStaged(
  entry: TableEntry,
  schema: readonly StoredField[],
  from: string,
  now: number,
  ingestion?: string,
): string {
  const names: string[] = []
  const values: string[] = []
  for (const field of entry.schema) {
    const i = schema.findIndex((item) => item.name.toLowerCase() === field.name.toLowerCase())
    names.push(quoteName(field.name))
    values.push(i >= 0 ? constrain(`c${i}`, field) : fallback(field, now))
  }
  if (ingests(entry)) {
    names.push(quoteName(INGESTION_COLUMN))
    const civil =
      ingestion ??
      `CAST(date_trunc('${entry.partitioning!.type.toLowerCase()}', ${timestampSql(BigInt(now) * 1000n, true)}) AS TIMESTAMP)`
    values.push(`(${civil} AT TIME ZONE 'UTC')`)
  }
  return `INSERT INTO ${entry.physical} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${from}`
}

function fallback(field: StoredField, now: number): string {
  const context = Session.bareContext(now)
  return storeValue(defaultValue(field, context), field, 0)
}
