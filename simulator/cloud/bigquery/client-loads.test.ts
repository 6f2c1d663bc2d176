import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BigQuery, Dataset, JobLoadMetadata } from '@google-cloud/bigquery'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWarehouse } from '../../warehouse/index.ts'
import { project, startBigQuery, type BigQueryFixture } from './testing/fixture.ts'

/** Formats and options of loads, partitions and expirations, through Google's client over the real warehouse. */
let cloud: BigQueryFixture
let client: BigQuery
let dataset: Dataset
let folder: string

beforeAll(async () => {
  cloud = await startBigQuery((dir) => openWarehouse({ dir, project }))
  client = cloud.client
  ;[dataset] = await client.createDataset('loads', { location: 'US' })
  await cloud.storage.createBucket('lake')
  folder = await mkdtemp(join(tmpdir(), 'loads-'))
})
afterAll(async () => {
  await cloud.stop()
  await rm(folder, { recursive: true, force: true })
})

async function rows(query: string): Promise<unknown[]> {
  return (await client.query({ query }))[0] as unknown[]
}

const pair = { fields: [{ name: 'a' }, { name: 'b' }].map((field) => ({ ...field, type: 'STRING' })) }

interface CsvCase {
  readonly name: string
  readonly text: string | Buffer
  readonly options: JobLoadMetadata
  /** Of `SELECT a, b`, in order. */
  readonly loaded: readonly (readonly [string | null, string | null])[]
}

// https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-csv
const csv: readonly CsvCase[] = [
  {
    name: 'fieldDelimiter',
    text: '1|x\n2|y\n',
    options: { fieldDelimiter: '|' },
    loaded: [
      ['1', 'x'],
      ['2', 'y'],
    ],
  },
  { name: 'fieldDelimiter, a tab', text: '1\tx\n', options: { fieldDelimiter: '\\t' }, loaded: [['1', 'x']] },
  { name: 'quote', text: "'1,1',x\n", options: { quote: "'" }, loaded: [['1,1', 'x']] },
  { name: 'no quote', text: '"1",x\n', options: { quote: '' }, loaded: [['"1"', 'x']] },
  {
    name: 'skipLeadingRows',
    text: 'no\nheader\n1,x\n',
    options: { skipLeadingRows: 2 },
    loaded: [['1', 'x']],
  },
  {
    name: 'allowQuotedNewlines',
    text: '"1\n2",x\n',
    options: { allowQuotedNewlines: true },
    loaded: [['1\n2', 'x']],
  },
  {
    name: 'allowJaggedRows',
    text: '1\n2,y\n',
    options: { allowJaggedRows: true },
    loaded: [
      ['1', null],
      ['2', 'y'],
    ],
  },
  {
    name: 'ignoreUnknownValues',
    text: '1,x,more\n',
    options: { ignoreUnknownValues: true },
    loaded: [['1', 'x']],
  },
  { name: 'nullMarker', text: '1,NA\n', options: { nullMarker: 'NA' }, loaded: [['1', null]] },
  {
    name: 'encoding',
    text: Buffer.from('é,x\n', 'latin1'),
    options: { encoding: 'ISO-8859-1' },
    loaded: [['é', 'x']],
  },
  { name: 'maxBadRecords', text: '1,x\n1,2,3\n', options: { maxBadRecords: 1 }, loaded: [['1', 'x']] },
]

describe('CSV options', () => {
  // Side by side: the client looks for the end of a job every half second.
  test.concurrent.each(csv.map((item, index) => ({ ...item, table: `csv_${index}` })))(
    '$name',
    async ({ text, options, loaded, table }) => {
      const file = join(folder, `${table}.csv`)
      await writeFile(file, text)
      await dataset.table(table).load(file, { format: 'CSV', schema: pair, ...options })
      expect(await rows(`SELECT a, b FROM loads.${table} ORDER BY a`)).toEqual(
        loaded.map(([a, b]) => ({ a, b })),
      )
    },
  )

  test('what no option allows is an error that names file and row', async () => {
    const file = join(folder, 'bad.csv')
    await writeFile(file, '1,x\n1,2,3\n')
    const load = dataset.table('bad').load(file, { format: 'CSV', schema: pair })
    await expect(load).rejects.toThrow(
      /CSV table encountered too many errors, giving up\. Rows: \d+; errors: 1/,
    )
    expect(await dataset.table('bad').exists()).toEqual([false])
  })
})

test('Parquet: what was extracted is loaded again, by a glob', async () => {
  await client.query(
    'CREATE TABLE loads.source AS SELECT n AS id, [n, n + 1] AS list FROM UNNEST([1, 2, 3]) n',
  )
  const bucket = cloud.storage.bucket('lake')
  await dataset.table('source').extract(bucket.file('p/part-*.parquet'), { format: 'PARQUET' })
  await dataset.table('again').load(bucket.file('p/*.parquet'), {
    format: 'PARQUET',
    parquetOptions: { enableListInference: true },
  })
  expect(await rows('SELECT id, list FROM loads.again ORDER BY id')).toEqual([
    { id: 1, list: [1, 2] },
    { id: 2, list: [2, 3] },
    { id: 3, list: [3, 4] },
  ])
})

test('newline-delimited JSON with nested and repeated fields', async () => {
  const file = join(folder, 'rows.ndjson')
  await writeFile(file, '{"id":9007199254740993,"tags":["x","y"],"who":{"name":"Ana"}}\n')
  await dataset.table('json').load(file, {
    format: 'JSON',
    schema: {
      fields: [
        { name: 'id', type: 'INTEGER' },
        { name: 'tags', type: 'STRING', mode: 'REPEATED' },
        { name: 'who', type: 'RECORD', fields: [{ name: 'name', type: 'STRING' }] },
      ],
    },
  })
  expect(await rows('SELECT CAST(id AS STRING) AS id, tags, who.name FROM loads.json')).toEqual([
    { id: '9007199254740993', tags: ['x', 'y'], name: 'Ana' },
  ])
})

describe('partitions', () => {
  test.concurrent.each([
    ['HOUR', '2026030907', '2026-03-09 07:10:00'],
    ['DAY', '20260309', '2026-03-09 07:10:00'],
    ['MONTH', '202603', '2026-03-09 07:10:00'],
    ['YEAR', '2026', '2026-03-09 07:10:00'],
  ])('by %s, written by the decorator %s, which replaces that partition alone', async (type, id, at) => {
    const name = `by_${type.toLowerCase()}`
    const schema = {
      fields: [
        { name: 'ts', type: 'TIMESTAMP' },
        { name: 'n', type: 'INTEGER' },
      ],
    }
    await dataset.createTable(name, { schema, timePartitioning: { type, field: 'ts' } })
    const file = join(folder, `${name}.csv`)
    const load = async (destination: string, text: string) => {
      await writeFile(file, text)
      await dataset.table(destination).load(file, { format: 'CSV', writeDisposition: 'WRITE_TRUNCATE' })
    }
    await client.query(`INSERT loads.${name} (ts, n) VALUES (TIMESTAMP '2024-01-01 00:00:00', 0)`)
    await load(`${name}$${id}`, `${at},1\n`)
    await load(`${name}$${id}`, `${at},2\n`)
    expect(await rows(`SELECT n FROM loads.${name} ORDER BY n`)).toEqual([{ n: 0 }, { n: 2 }])
    await expect(load(`${name}$${id}`, '2025-12-31 23:00:00,3\n')).rejects.toThrow(
      'Some rows belong to different partitions',
    )
    expect(await rows(`SELECT n FROM loads.${name} ORDER BY n`)).toEqual([{ n: 0 }, { n: 2 }])
  })

  test('by the time of ingestion, and a filter that is required', async () => {
    await dataset.createTable('ingested', {
      schema: 'n:integer',
      timePartitioning: { type: 'DAY' },
      requirePartitionFilter: true,
    })
    const file = join(folder, 'n.csv')
    await writeFile(file, '7\n')
    await dataset.table('ingested$20260102').load(file, { format: 'CSV' })
    await expect(rows('SELECT n FROM loads.ingested')).rejects.toThrow(/without a filter over column/)
    const query = "SELECT n FROM loads.ingested WHERE _PARTITIONTIME = TIMESTAMP '2026-01-02'"
    expect(await rows(query)).toEqual([{ n: 7 }])
  })
})

test("a dataset's default expirations are those of its new tables, by the clock", async () => {
  const day = 86_400_000
  const [short] = await client.createDataset('short', {
    location: 'US',
    defaultTableExpirationMs: String(day),
    defaultPartitionExpirationMs: String(2 * day),
  })
  await short.createTable('plain', { schema: 'n:integer' })
  const [{ expirationTime, creationTime }] = (await short.table('plain').getMetadata()) as unknown as [
    { readonly expirationTime: string; readonly creationTime: string },
  ]
  expect(Number(expirationTime) - Number(creationTime)).toBe(day)
  await short.createTable('parts', { schema: 'd:date', timePartitioning: { type: 'DAY', field: 'd' } })
  const [{ timePartitioning }] = (await short.table('parts').getMetadata()) as unknown as [
    { readonly timePartitioning: { readonly expirationMs: string } },
  ]
  expect(timePartitioning.expirationMs).toBe(String(2 * day))
  cloud.clock.advance(day + 1)
  expect(await short.table('plain').exists()).toEqual([false])
  expect(await short.table('parts').exists()).toEqual([true])
})

test('FOR SYSTEM_TIME AS OF is refused with its place', async () => {
  const query = 'SELECT 1 FROM loads.source FOR SYSTEM_TIME AS OF CURRENT_TIMESTAMP()'
  await expect(rows(query)).rejects.toThrow(
    'Unsupported in the local warehouse: FOR SYSTEM_TIME AS OF at 1:28',
  )
})
