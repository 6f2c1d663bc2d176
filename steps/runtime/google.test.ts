import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryWarehouse } from '../../simulator/cloud/bigquery/testing/memory-warehouse.ts'
import { project, startBigQuery } from '../../simulator/cloud/bigquery/testing/fixture.ts'
import type { BigQueryFixture } from '../../simulator/cloud/bigquery/testing/fixture.ts'
import { systemClock } from './clock.ts'
import { createGoogleStorage } from './google-storage.ts'
import { createGoogleWarehouse } from './google-warehouse.ts'
import { createMemoryStorage } from './memory-storage.ts'
import { ObjectNotFound, PreconditionFailed } from './object-store.ts'
import type { ObjectStore, OpenBucket } from './object-store.ts'
import type { Warehouse } from './warehouse.ts'

let fixture: BigQueryFixture
let google: OpenBucket
let warehouse: Warehouse

beforeAll(async () => {
  fixture = await startBigQuery(() =>
    memoryWarehouse(async ({ sql }) => {
      if (sql.startsWith('MERGE')) return { dml: { inserted: 2, updated: 1, deleted: 0 } }
      throw new Error('no such statement')
    }),
  )
  // As the local cloud sets it for a step: the client must not take it for its base path.
  process.env.STORAGE_EMULATOR_HOST = fixture.url
  process.env.BIGQUERY_EMULATOR_HOST = fixture.url
  google = createGoogleStorage({ projectId: project, emulator: fixture.url })
  warehouse = createGoogleWarehouse({
    projectId: project,
    emulator: fixture.url,
    clock: systemClock,
    signal: new AbortController().signal,
  })
  await fixture.storage.createBucket('data', { versioning: { enabled: true } })
  await fixture.client.createDataset('raw')
})

afterAll(async () => {
  delete process.env.STORAGE_EMULATOR_HOST
  delete process.env.BIGQUERY_EMULATOR_HOST
  await fixture.stop()
})

const json = { contentType: 'application/json' }

describe.each<[string, () => ObjectStore]>([
  ['Cloud Storage', () => google('data')],
  ['the store in memory', () => memory],
])('%s', (kind, store) => {
  const name = (text: string) => `${kind.length}/${text}`

  it('gives back what was put, with its metadata', async () => {
    const metadata = { outcome: 'output', output: String.raw`{"text":"\u00e9"}` }
    const put = await store().put(name('a b/é.json'), '{"x":1}', { ...json, metadata, ifGeneration: '0' })
    expect(put).toMatchObject({ bucket: 'data', name: name('a b/é.json'), bytes: 7, metadata })
    expect(await store().stat(name('a b/é.json'))).toEqual(put)
    expect(Buffer.from(await store().get(name('a b/é.json'))).toString()).toBe('{"x":1}')
    expect(put.md5).toBe(createHash('md5').update('{"x":1}').digest('hex'))
  })

  it('creates once', async () => {
    const put = (body: string) => store().put(name('once'), body, { ...json, ifGeneration: '0' })
    await put('1')
    await expect(put('2')).rejects.toBeInstanceOf(PreconditionFailed)
    expect(Buffer.from(await store().get(name('once'))).toString()).toBe('1')
  })

  it('keeps versions', async () => {
    const first = await store().put(name('versions'), 'one', { ...json, ifGeneration: '0' })
    const second = await store().put(name('versions'), 'two', { ...json, ifGeneration: first.generation })
    expect(second.generation).not.toBe(first.generation)
    const read = async (generation?: string) =>
      Buffer.from(await store().get(name('versions'), generation)).toString()
    expect([await read(), await read(first.generation), await read(second.generation)]).toEqual([
      'two',
      'one',
      'two',
    ])
  })

  it('says when there is nothing', async () => {
    expect(await store().stat(name('none'))).toBeNull()
    await expect(store().get(name('none'))).rejects.toBeInstanceOf(ObjectNotFound)
  })

  it('takes bytes as they are, also many of them', async () => {
    const bytes = Buffer.alloc(9 * 1024 * 1024, Buffer.from([0, 255, 31, 139, 8]))
    const put = await store().put(name('bytes'), bytes, {
      contentType: 'application/octet-stream',
      ifGeneration: '0',
    })
    expect(put.bytes).toBe(bytes.length)
    expect(Buffer.from(await store().get(name('bytes'))).equals(bytes)).toBe(true)
  })
})

const memory = createMemoryStorage()('data')

describe('BigQuery', () => {
  const columns = [
    { name: 'object', type: 'STRING' },
    { name: 'generation', type: 'INT64' },
  ]
  const staging = { dataset: 'raw', table: 'list__staging_1' }

  it('creates a table once and drops it once', async () => {
    const table = { dataset: 'raw', table: 'twice' }
    await warehouse.createTable(table, { columns, expiresAt: Date.parse('2030-01-01') })
    await warehouse.createTable(table, { columns })
    const [metadata] = (await fixture.client.dataset('raw').table('twice').getMetadata()) as unknown[]
    expect(metadata).toMatchObject({ expirationTime: String(Date.parse('2030-01-01')) })
    await warehouse.dropTable(table)
    await warehouse.dropTable(table)
  })

  it('loads an object; the same job id is the same job', async () => {
    await google('data').put(
      'rows.ndjson',
      '{"object":"a","generation":"1"}\n{"object":"b","generation":"2"}\n',
      {
        ...json,
        ifGeneration: '0',
      },
    )
    await warehouse.createTable(staging, { columns })
    const job = {
      jobId: 'dag__load_raw__1',
      uri: 'gs://data/rows.ndjson',
      into: staging,
      columns,
      write: 'truncate',
    } as const
    expect(await warehouse.load(job)).toEqual({ rows: 2 })
    expect(await warehouse.load(job)).toEqual({ rows: 2 })
    const [jobs] = await fixture.client.getJobs()
    expect(jobs).toHaveLength(1)
  })

  it('reports a load of what is not there as an error that is not retried', async () => {
    const job = {
      jobId: 'missing',
      uri: 'gs://data/none.ndjson',
      into: staging,
      columns,
      write: 'append',
    } as const
    await expect(warehouse.load(job)).rejects.toMatchObject({ code: 'bigquery_job_failed', retryable: false })
  })

  it('counts the rows of a MERGE', async () => {
    const job = { jobId: 'merge', sql: 'MERGE …', dataset: 'raw' }
    expect(await warehouse.execute(job)).toEqual({ inserted: 2, updated: 1, deleted: 0 })
  })
})
