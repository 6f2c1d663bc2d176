import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BigQuery } from '@google-cloud/bigquery'
import { openWarehouse } from '../../../warehouse/index.ts'
import {
  judge,
  NOW,
  onlyReads,
  type Outcome,
  PROJECT,
  Refusal,
  type SqlCase,
  type Target,
} from '../../../warehouse/testing/cases.ts'
import { startBigQuery, type BigQueryFixture } from './fixture.ts'

/**
 * Runs the cases of one file through Google's client over HTTP. Cases that only read share one server; each other one
 * gets a server of its own on a copy of the closed files.
 */
export class ClientCaseRunner {
  private readonly dir = mkdtempSync(join(tmpdir(), 'client-cases-'))
  private readonly fixtures: readonly string[]
  private shared: Promise<BigQueryFixture> | null = null

  constructor(fixtures: readonly string[]) {
    this.fixtures = fixtures
  }

  async run(item: SqlCase): Promise<Outcome> {
    const shared = await (this.shared ??= this.prepare())
    if (onlyReads(item)) return judge(item, throughClient(shared.client))
    const own = await this.start()
    try {
      return await judge(item, throughClient(own.client))
    } finally {
      await own.stop()
    }
  }

  async close(): Promise<void> {
    await (await this.shared)?.stop()
    rmSync(this.dir, { recursive: true, force: true })
  }

  private async prepare(): Promise<BigQueryFixture> {
    const dir = join(this.dir, 'template')
    const warehouse = await openWarehouse({ dir, project: PROJECT, threads: 1 })
    for (const sql of this.fixtures)
      await warehouse.query({ sql, project: PROJECT, parameters: [], now: NOW })
    await warehouse.close()
    return this.start()
  }

  private start(): Promise<BigQueryFixture> {
    const open = (dir: string) => {
      cpSync(join(this.dir, 'template'), dir, { recursive: true })
      return openWarehouse({ dir, project: PROJECT, threads: 1 })
    }
    return startBigQuery(open, { project: PROJECT, now: NOW })
  }
}

function throughClient(client: BigQuery): Target {
  return {
    async query(query, params) {
      const given = Object.entries(params ?? {})
      const values = Object.fromEntries(
        given.map(([name, { type, value }]) => [name, type === 'DATE' ? client.date(String(value)) : value]),
      )
      const types = Object.fromEntries(given.map(([name, { type }]) => [name, providedType(type)]))
      try {
        const [rows] = await client.query(
          { query, ...(given.length > 0 ? { params: values, types } : {}) },
          { wrapIntegers: true },
        )
        return (rows as Record<string, unknown>[]).map((row) => Object.values(row).map(plain))
      } catch (error) {
        if (error instanceof Error && 'code' in error) throw new Refusal(error.message)
        throw error
      }
    },
  }
}

function providedType(type: string): string | string[] {
  const array = /^ARRAY<(.*)>$/.exec(type)
  return array ? [array[1]!] : type
}

/** A value as the client gives it, in the case file's notation. */
function plain(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(plain)
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (value.constructor.name === 'Big') return (value as { toFixed(): string }).toFixed()
  if (!('value' in value) || typeof value.value !== 'string')
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
  switch (value.constructor.name) {
    case 'BigQueryInt':
      return Number.isSafeInteger(Number(value.value)) ? Number(value.value) : value.value
    case 'BigQueryTimestamp':
      return value.value.replace(/\.?0*Z$/, 'Z')
    case 'Object':
      return { value: value.value }
    default:
      return value.value
  }
}
