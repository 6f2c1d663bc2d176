import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { generatedSource } from '../../samples/anilist/source.ts'
import { startAniListService } from '../../samples/anilist/service.ts'
import type { AniListService } from '../../samples/anilist/service.ts'
import { createMemoryStorage } from '../runtime/memory-storage.ts'
import { parseObjectUri } from '../runtime/object-store.ts'
import type { OpenBucket } from '../runtime/object-store.ts'
import { createFakeClock, tryStep } from '../runtime/testing/try-step.ts'
import type { LoadJob, TableId, Warehouse } from '../runtime/warehouse.ts'
import { fetchMediaList as listContract, rawListTable } from './contract.ts'
import fetchMediaList from './fetch-media-list.ts'
import loadRaw from './load-raw.ts'

type Row = Record<string, unknown> & { object: string; generation: string }

const nameOf = ({ dataset, table }: TableId) => `${dataset}.${table}`

/** Tables of this process: loads read the real objects, the one MERGE is done by hand. */
function createWarehouse(storage: OpenBucket) {
  const tables = new Map<string, Row[]>([['anilist_raw.list', []]])
  const jobs = new Map<string, unknown>()
  const statements: string[] = []
  async function once<T>(jobId: string, work: () => Promise<T>): Promise<T> {
    if (!jobs.has(jobId)) jobs.set(jobId, await work())
    return jobs.get(jobId) as T
  }

  const warehouse: Warehouse = {
    async createTable(table) {
      if (!tables.has(nameOf(table))) tables.set(nameOf(table), [])
    },
    async dropTable(table) {
      tables.delete(nameOf(table))
    },
    load: ({ jobId, uri, into }: LoadJob) =>
      once(jobId, async () => {
        const { bucket, name: object } = parseObjectUri(uri)
        const text = Buffer.from(await storage(bucket).get(object)).toString('utf8')
        const rows = text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Row)
        tables.set(nameOf(into), rows)
        return { rows: rows.length }
      }),
    execute: ({ jobId, sql }) =>
      once(jobId, async () => {
        statements.push(sql)
        const [, target = '', source = ''] = /MERGE `(.+)` AS target\nUSING `(.+)` AS source/.exec(sql) ?? []
        const known = tables.get(target) ?? []
        const isKnown = (row: Row) =>
          known.some(({ object, generation }) => object === row.object && generation === row.generation)
        const fresh = (tables.get(source) ?? []).filter((row) => !isKnown(row))
        tables.set(target, [...known, ...fresh])
        return { inserted: fresh.length, updated: 0, deleted: 0 }
      }),
  }
  return { warehouse, tables, statements, jobs }
}

let storage: OpenBucket
let service: AniListService
let target: ReturnType<typeof createWarehouse>
const clock = createFakeClock()

beforeEach(async () => {
  storage = createMemoryStorage()
  target = createWarehouse(storage)
  service = await startAniListService({
    date: '2025-01-01',
    data: generatedSource({ entries: 600 }),
    now: () => clock.now(),
    requestsPerMinute: 1000,
  })
})

afterEach(async () => {
  await service.close()
})

async function fetchList(execution = 'exec1'): Promise<z.output<typeof listContract.output>> {
  const env = { ANILIST_ENDPOINT: service.url }
  const { outcome } = await tryStep(
    fetchMediaList,
    { userName: 'Gajs' },
    { clock, storage, env, run: { execution } },
  )
  return listContract.output.parse((outcome as { output?: unknown }).output)
}

function load(
  { manifest, objects }: Pick<z.output<typeof listContract.output>, 'manifest' | 'objects'>,
  run: Record<string, unknown> = {},
) {
  const { warehouse } = target
  const input = { userName: 'Gajs', manifest, objects }
  return tryStep(loadRaw, input, { clock, storage, warehouse, run: { task: 'load_raw', ...run } })
}

describe('loading raw', () => {
  it('makes one row per chunk, with everything that the request was about', async () => {
    const list = await fetchList()
    const { outcome } = await load(list)
    expect(outcome).toEqual({ kind: 'output', output: { table: 'anilist_raw.list', rows: 2, inserted: 2 } })
    const rows = target.tables.get('anilist_raw.list') ?? []
    expect(rows).toHaveLength(2)
    for (const [index, row] of rows.entries()) {
      const { object, generation, md5 } = list.objects[index] ?? {}
      expect(Object.keys(row)).toEqual(rawListTable.columns.map(({ name }) => name))
      expect(row).toMatchObject({
        object,
        generation,
        md5,
        user: 'Gajs',
        type: 'ANIME',
        chunk: index + 1,
        has_next: index === 0,
        http_status: 200,
        ingestion_date: '2026-03-09',
        _load_id: 'manual__2026-03-09t09-00-00z/exec1',
      })
      expect(row.headers).toMatchObject({ 'content-type': 'application/json' })
      const body = Buffer.from(await storage('data').get(object ?? '', generation)).toString('utf8')
      expect(row.payload).toEqual(JSON.parse(body))
    }
  })

  it('leaves nothing behind but the rows', async () => {
    await load(await fetchList())
    expect([...target.tables.keys()]).toEqual(['anilist_raw.list'])
    expect(target.statements).toHaveLength(1)
    expect(target.statements[0]).toMatch(
      /^MERGE `anilist_raw\.list` AS target\nUSING `anilist_raw\.list__staging_[0-9a-f]{12}`/,
    )
  })

  it('again adds nothing: by the same run, by another, or by a second start of the same try', async () => {
    const list = await fetchList()
    await load(list)
    const rows = target.tables.get('anilist_raw.list')
    const again = await load(list, { execution: 'exec2' })
    expect(again.outcome).toMatchObject({ output: { rows: 2, inserted: 0 } })
    await load(await fetchList('exec3'), { execution: 'exec3' })
    expect(target.tables.get('anilist_raw.list')).toEqual(rows)
    const jobs = target.jobs.size
    await tryStep(loadRaw, list, {
      clock,
      storage: createOverlay(),
      warehouse: target.warehouse,
      run: { task: 'load_raw', execution: 'exec3' },
    })
    expect(target.jobs.size).toBe(jobs)
    expect(target.tables.get('anilist_raw.list')).toEqual(rows)
  })

  it('of what changed on the same day adds a row beside the old one', async () => {
    await load(await fetchList())
    service.setDate('2025-03-01')
    await load(await fetchList('exec2'), { execution: 'exec2' })
    const rows = target.tables.get('anilist_raw.list') ?? []
    expect(rows).toHaveLength(4)
    expect(new Set(rows.map(({ object }) => object)).size).toBe(2)
  })

  it.each([
    ['a generation that the manifest does not know', { generation: '1' }],
    ['an object that the manifest does not know', { object: 'other.json' }],
  ])('refuses %s', async (_, change) => {
    const list = await fetchList()
    const [first] = list.objects
    if (!first) throw new Error('no objects')
    const { outcome } = await load({ manifest: list.manifest, objects: [{ ...first, ...change }] })
    expect(outcome).toMatchObject({ kind: 'error', code: 'manifest_mismatch', retryable: false })
  })
})

/** The same objects, with the outcome of a try not written yet. */
function createOverlay(): OpenBucket {
  const fresh = createMemoryStorage()
  return (bucket) => ({
    ...storage(bucket),
    put: (name, body, options) =>
      (name.startsWith('runs/') ? fresh(bucket) : storage(bucket)).put(name, body, options),
    get: (name, generation) =>
      (name.endsWith('output.json') ? fresh(bucket) : storage(bucket)).get(name, generation),
    stat: (name, generation) =>
      (name.endsWith('output.json') ? fresh(bucket) : storage(bucket)).stat(name, generation),
  })
}
