import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { profileAt } from '../../samples/anilist/profile.ts'
import { generatedSource } from '../../samples/anilist/source.ts'
import type { Source } from '../../samples/anilist/source.ts'
import { startAniListService } from '../../samples/anilist/service.ts'
import type { AniListService } from '../../samples/anilist/service.ts'
import { createMemoryStorage } from '../runtime/memory-storage.ts'
import type { AnyStepContract, StepOutput } from '../runtime/contract.ts'
import { parseObjectUri } from '../runtime/object-store.ts'
import type { OpenBucket } from '../runtime/object-store.ts'
import type { Step } from '../runtime/step.ts'
import { createFakeClock, tryStep } from '../runtime/testing/try-step.ts'
import type { TryResult } from '../runtime/testing/try-step.ts'
import type { LoadJob, TableId, Warehouse } from '../runtime/warehouse.ts'
import { loadRaw as contract, rawTables } from './contract.ts'
import type { fetchMediaList as listContract } from './contract.ts'
import fetchMediaList from './fetch-media-list.ts'
import fetchMedia from './fetch-media.ts'
import fetchUser from './fetch-user.ts'
import loadRaw from './load-raw.ts'

type Row = Record<string, unknown> & { object: string; generation: string }

const nameOf = ({ dataset, table }: TableId) => `${dataset}.${table}`

/** Tables of this process: loads read the real objects, the one MERGE is done by hand. */
function createWarehouse(storage: OpenBucket) {
  const tables = new Map<string, Row[]>(Object.values(rawTables).map((table) => [nameOf(table), []]))
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
  service = await serve(generatedSource({ entries: 600 }))
})

function serve(data: Source): Promise<AniListService> {
  return startAniListService({ date: '2025-01-01', data, now: () => clock.now(), requestsPerMinute: 1000 })
}

afterEach(async () => {
  await service.close()
})

/** The output of a step that asks the service. */
async function fetched<C extends AnyStepContract>(
  step: Step<C>,
  input: Record<string, unknown>,
  execution = 'exec1',
): Promise<StepOutput<C>> {
  const env = { ANILIST_ENDPOINT: service.url }
  const task = step.contract.name.replaceAll(/\W/g, '_')
  const { outcome } = await tryStep(
    step,
    { userName: 'Gajs', ...input },
    { clock, storage, env, run: { execution, task } },
  )
  return step.contract.output.parse((outcome as { output?: unknown }).output) as StepOutput<C>
}

const fetchList = (execution?: string) => fetched(fetchMediaList, {}, execution)

type Staged = Pick<StepOutput<typeof listContract>, 'manifest'>

function load(staged: Staged | readonly Staged[], run: Record<string, unknown> = {}) {
  const { warehouse } = target
  const manifests = [staged].flat().map(({ manifest }) => manifest)
  const options = { clock, storage, warehouse, run: { task: 'load_raw', ...run } }
  return tryStep(loadRaw, { userName: 'Gajs', manifests }, options)
}

function loaded(result: TryResult): StepOutput<typeof contract>['tables'] {
  expect(result.outcome?.kind, JSON.stringify(result.outcome)).toBe('output')
  return contract.output.parse((result.outcome as { output: unknown }).output).tables
}

describe('loading raw', () => {
  it('makes one row per chunk, with everything that the request was about', async () => {
    const list = await fetchList()
    expect(loaded(await load(list))).toEqual([{ table: 'anilist_raw.list', rows: 2, inserted: 2 }])
    const rows = target.tables.get('anilist_raw.list') ?? []
    expect(rows).toHaveLength(2)
    for (const [index, row] of rows.entries()) {
      const { object, generation, md5 } = list.objects[index] ?? {}
      expect(Object.keys(row)).toEqual(rawTables.media_list.columns.map(({ name }) => name))
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
    expect([...target.tables.keys()]).toEqual(['anilist_raw.user', 'anilist_raw.list', 'anilist_raw.media'])
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
    expect(loaded(again)).toEqual([{ table: 'anilist_raw.list', rows: 2, inserted: 0 }])
    await load(await fetchList('exec3'), { execution: 'exec3' })
    expect(target.tables.get('anilist_raw.list')).toEqual(rows)
    const jobs = target.jobs.size
    storage = createOverlay(storage)
    loaded(await load(list, { execution: 'exec3' }))
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

  it('takes the same manifest twice for once', async () => {
    const list = await fetchList()
    expect(loaded(await load([list, list]))).toEqual([{ table: 'anilist_raw.list', rows: 2, inserted: 2 }])
    expect(target.tables.get('anilist_raw.list')).toHaveLength(2)
  })

  it('refuses bytes that are not those that the manifest tells of', async () => {
    const { manifest } = await fetchList()
    const told = Buffer.from(await storage('data').get(manifest.object)).toString('utf8')
    const other = told.replaceAll(/"md5": "\w+"/g, `"md5": "${'0'.repeat(32)}"`)
    const { name, generation } = await storage('data').put('other.json', other, {
      contentType: 'application/json',
      ifGeneration: '0',
    })
    const { outcome } = await load({ manifest: { object: name, generation } })
    expect(outcome).toMatchObject({ kind: 'error', code: 'manifest_mismatch', retryable: false })
    expect(target.jobs.size).toBe(0)
  })

  it('brings each resource into its own table', async () => {
    const ids = profileAt('2025-01-01', { entries: 60 }).map(({ title }) => title.id)
    const withoutMedia = ids.slice(0, 2).toSorted((a, b) => a - b)
    const snapshots = await fetchAll(withoutMedia)
    expect(loaded(await load(snapshots))).toEqual([
      { table: 'anilist_raw.user', rows: 1, inserted: 1 },
      { table: 'anilist_raw.list', rows: 1, inserted: 1 },
      { table: 'anilist_raw.media', rows: 1, inserted: 1 },
    ])
    expect(target.tables.get('anilist_raw.user')).toMatchObject([
      { user: 'Gajs', type: null, chunk: 1, has_next: false, payload: { data: { User: { name: 'Gajs' } } } },
    ])
    expect(target.tables.get('anilist_raw.media')).toMatchObject([
      {
        user: 'Gajs',
        type: 'ANIME',
        chunk: 1,
        has_next: false,
        payload: { data: { Page: { media: withoutMedia.map((id) => ({ id })) } } },
      },
    ])
    expect(new Set([...target.jobs.keys()].map((id) => id.split('__').at(-1)))).toEqual(
      new Set(['load_user', 'merge_user', 'load_list', 'merge_list', 'load_media', 'merge_media']),
    )
    const again = loaded(await load(snapshots, { execution: 'exec2' }))
    expect(again.map(({ inserted }) => inserted)).toEqual([0, 0, 0])
  })

  it('runs no job for a snapshot without objects', async () => {
    const [, , media] = await fetchAll([])
    expect(loaded(await load(media))).toEqual([{ table: 'anilist_raw.media', rows: 0, inserted: 0 }])
    expect(target.jobs.size).toBe(0)
  })
})

/** What the tasks of a run stage: profile, list, and the anime that the list does not describe. */
async function fetchAll(withoutMedia: readonly number[]): Promise<[Staged, Staged, Staged]> {
  await service.close()
  service = await serve(generatedSource({ entries: 60, withoutMedia }))
  const user = await fetched(fetchUser, {})
  const list = await fetchList()
  const media = await fetched(fetchMedia, { list: list.manifest })
  expect(media).toMatchObject({ missing: withoutMedia.length, found: withoutMedia.length })
  return [user, list, media]
}

/** The same objects, with the outcome of a try not written yet. */
function createOverlay(storage: OpenBucket): OpenBucket {
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
