import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { openWarehouse } from '../open.ts'
import {
  type Cell,
  type Field,
  type ParameterType,
  type ParameterValue,
  type QueryParameter,
  type QueryResult,
  type Warehouse,
  WarehouseError,
} from '../warehouse.ts'

/** A table of SQL cases: statements, and the rows that the last one or `query` must give. */
export interface CaseFile {
  readonly fixtures?: readonly string[]
  readonly cases: readonly SqlCase[]
}

export interface SqlCase {
  readonly id: string
  readonly sql: readonly string[]
  readonly query?: string
  readonly rows?: readonly (readonly unknown[])[]
  readonly ordered?: boolean
  readonly error?: boolean | string
  readonly params?: Readonly<Record<string, { readonly type: string; readonly value: unknown }>>
}

export type Outcome =
  | { readonly kind: 'pass' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'wrong'; readonly message: string }

export const PROJECT = 'my-proj'
export const NOW = Date.parse('2024-06-15T12:00:00Z')

export function readCases(path: string): CaseFile {
  return parse(readFileSync(path, 'utf8')) as CaseFile
}

/** Whether a case leaves the tables as they were. */
export function onlyReads(item: SqlCase): boolean {
  return item.sql.every((sql) => /^\s*\(?\s*(SELECT|WITH)\b/i.test(sql))
}

const writing =
  /\b(ALTER|ASSERT|CALL|CLONE|COMMIT|COPY|CREATE|DELETE|DROP|EXECUTE|EXPORT|INSERT|LOAD|MERGE|ROLLBACK|TRANSACTION|TRUNCATE|UNDROP|UPDATE)\b/i

/** Whether tables are the same after a case that passes: nothing in it writes, or its one statement is refused. */
function keepsTables({ sql, error = false }: SqlCase): boolean {
  return (
    (error !== false && sql.length === 1 && !sql[0]?.trim().replace(/;$/, '').includes(';')) ||
    !sql.some((text) => writing.test(text))
  )
}

/**
 * Runs the cases of one file. Cases that keep the tables as they are share one warehouse; each other one gets a copy of
 * it, made from the closed files.
 */
export class CaseRunner {
  private readonly dir = mkdtempSync(join(tmpdir(), 'warehouse-cases-'))
  private readonly fixtures: readonly string[]
  private shared: Promise<Warehouse> | null = null
  private copies = 0

  constructor(fixtures: readonly string[]) {
    this.fixtures = fixtures
  }

  async run(item: SqlCase): Promise<Outcome> {
    const shared = await (this.shared ??= this.prepare())
    if (onlyReads(item) || keepsTables(item)) return judge(item, inProcess(shared))
    const dir = join(this.dir, `copy${this.copies++}`)
    cpSync(join(this.dir, 'template'), dir, { recursive: true })
    const warehouse = await openWarehouse({ dir, project: PROJECT, threads: 1 })
    try {
      return await judge(item, inProcess(warehouse))
    } finally {
      await warehouse.close()
      rmSync(dir, { recursive: true, force: true })
    }
  }

  async close(): Promise<void> {
    await (await this.shared)?.close()
    rmSync(this.dir, { recursive: true, force: true })
  }

  private async prepare(): Promise<Warehouse> {
    const dir = join(this.dir, 'template')
    const warehouse = await openWarehouse({ dir, project: PROJECT, threads: 1 })
    for (const sql of this.fixtures) await send(warehouse, sql)
    await warehouse.close()
    cpSync(dir, join(this.dir, 'shared'), { recursive: true })
    return openWarehouse({ dir: join(this.dir, 'shared'), project: PROJECT, threads: 1 })
  }
}

/** Whatever answers SQL. It throws `Refusal` for a statement that is refused. */
export interface Target {
  query(sql: string, params: SqlCase['params']): Promise<readonly (readonly unknown[])[]>
}

export class Refusal extends Error {}

/** Runs a case's requests in order and compares the last rows, in the case file's notation. */
export async function judge(item: SqlCase, target: Target): Promise<Outcome> {
  const statements = [...item.sql, ...(item.query === undefined ? [] : [item.query])]
  let rows: readonly (readonly unknown[])[] = []
  for (const [i, sql] of statements.entries()) {
    const last = i === item.sql.length - 1
    try {
      rows = await target.query(sql, last || i >= item.sql.length ? item.params : undefined)
      if (item.error && last) return { kind: 'wrong', message: 'accepted, should have been refused' }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      if (item.error && last) {
        const unlike = typeof item.error === 'string' && !error.message.includes(item.error)
        return unlike ? { kind: 'wrong', message: error.message } : { kind: 'pass' }
      }
      return {
        kind: /Unsupported in the local warehouse/.test(error.message) ? 'refused' : 'wrong',
        message: `${error.message} -- in ${sql.slice(0, 80)}`,
      }
    }
  }
  return compare(item, rows)
}

function compare(item: SqlCase, actual: readonly (readonly unknown[])[]): Outcome {
  const expected = (item.rows ?? []).map((row) => [...row])
  const same = item.ordered ? matches(actual, expected) : matches(sorted(actual), sorted(expected))
  return same
    ? { kind: 'pass' }
    : { kind: 'wrong', message: `got ${JSON.stringify(actual)} want ${JSON.stringify(expected)}` }
}

function inProcess(warehouse: Warehouse): Target {
  return {
    async query(sql, params) {
      try {
        const result = await send(warehouse, sql, params)
        const cells = await result.rows.read(0, 10_000)
        return cells.map((row) => row.map((cell, i) => plain(cell, result.schema[i]!)))
      } catch (error) {
        throw error instanceof WarehouseError ? new Refusal(error.message) : error
      }
    },
  }
}

function send(warehouse: Warehouse, sql: string, params?: SqlCase['params']): Promise<QueryResult> {
  return warehouse.query({ sql, project: PROJECT, parameters: parameters(params ?? {}), now: NOW })
}

function parameters(params: NonNullable<SqlCase['params']>): QueryParameter[] {
  return Object.entries(params).map(([name, { type, value }]) => {
    const array = /^ARRAY<(.*)>$/.exec(type)
    const wire: ParameterType = array ? { type: 'ARRAY', arrayType: { type: array[1]! } } : { type }
    const wireValue: ParameterValue = array
      ? { arrayValues: (value as unknown[]).map((item) => ({ value: String(item) })) }
      : { value: value === null ? null : (value as string) }
    return { name, type: wire, value: wireValue }
  })
}

/** A cell in the case file's notation. */
function plain(cell: Cell, field: Field): unknown {
  if (field.mode === 'REPEATED')
    return (cell as readonly Cell[]).map((item) => plain(item, { ...field, mode: 'NULLABLE' }))
  if (cell === null) return null
  switch (field.type) {
    case 'STRUCT':
      return Object.fromEntries(
        (field.fields ?? []).map((inner, i) => [inner.name, plain((cell as readonly Cell[])[i]!, inner)]),
      )
    case 'INT64':
      return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell)
    case 'FLOAT64':
      return Number(cell)
    case 'BOOL':
      return cell === 'true'
    case 'TIMESTAMP':
      return instant(cell as bigint)
    default:
      return cell
  }
}

function instant(micros: bigint): string {
  const text = new Date(Number(micros / 1000n)).toISOString().replace('.000Z', 'Z')
  return micros % 1000n === 0n
    ? text.replace(/(\.\d+?)0*Z$/, '$1Z')
    : `${new Date(Number(micros / 1_000_000n) * 1000).toISOString().slice(0, 19)}.${(micros % 1_000_000n).toString().padStart(6, '0')}Z`
}

function matches(actual: unknown, expected: unknown): boolean {
  if (typeof actual === 'number' && typeof expected === 'number')
    return (
      actual === expected ||
      (Number.isNaN(actual) && Number.isNaN(expected)) ||
      Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected))
    )
  if (Array.isArray(actual) && Array.isArray(expected))
    return actual.length === expected.length && actual.every((item, i) => matches(item, expected[i]))
  if (typeof actual === 'object' && actual !== null && typeof expected === 'object' && expected !== null) {
    const [a, b] = [actual as Record<string, unknown>, expected as Record<string, unknown>]
    return (
      Object.keys(a).join() === Object.keys(b).join() &&
      Object.keys(a).every((key) => matches(a[key], b[key]))
    )
  }
  return actual === expected
}

function sorted(rows: readonly (readonly unknown[])[]): unknown[] {
  return [...rows].toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
