import type { JobMetadata, TableMetadata } from '@google-cloud/bigquery'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWarehouse } from '../../warehouse/index.ts'
import { Quotas } from './quotas.ts'
import { project, startBigQuery, type BigQueryFixture } from './testing/fixture.ts'

/** Tables and the jobs that write them, through Google's client over HTTP. */
const day = 86_400_000
const warnings: string[] = []
let cloud: BigQueryFixture

beforeAll(async () => {
  cloud = await startBigQuery((dir) => openWarehouse({ dir, project, threads: 1 }), {
    onWarning: (message) => warnings.push(message),
  })
  await cloud.client.createDataset('d')
  await cloud.storage.createBucket('lake')
})
afterAll(() => cloud.stop())

const table = (name: string) => cloud.client.dataset('d').table(name)
const reference = (tableId: string) => ({ projectId: project, datasetId: 'd', tableId })

async function job(configuration: object): Promise<JobMetadata> {
  const [started] = await cloud.client.createJob({ configuration })
  for (;;) {
    const [metadata] = (await started.getMetadata()) as unknown as [JobMetadata]
    if (metadata.status?.state === 'DONE') return metadata
  }
}

async function rows(query: string): Promise<unknown[]> {
  const [found] = await cloud.client.query(query)
  return found as unknown[]
}

async function load(tableId: string, content: string, more: object = {}): Promise<JobMetadata> {
  const file = cloud.storage.bucket('lake').file(`${tableId.replace('$', '-')}.txt`)
  await file.save(content, { resumable: false })
  return job({
    load: { sourceUris: [`gs://lake/${file.name}`], destinationTable: reference(tableId), ...more },
  })
}

async function metadataOf(name: string): Promise<TableMetadata & Record<string, unknown>> {
  const [metadata] = (await table(name).getMetadata()) as unknown as [TableMetadata & Record<string, unknown>]
  return metadata
}

async function refusal(work: Promise<unknown>): Promise<{ code?: number; message: string }> {
  return work.then(
    () => ({ message: 'accepted' }),
    (error: { code?: number; message: string }) => error,
  )
}

describe('what a table says of itself', () => {
  test('sizes, partitions, parameters of types', async () => {
    await cloud.client.dataset('d').createTable('sized', {
      schema: {
        fields: [
          { name: 'day', type: 'DATE' },
          { name: 's', type: 'STRING', maxLength: '5', defaultValueExpression: "'x'" },
          { name: 'n', type: 'NUMERIC', precision: '5', scale: '2' },
        ],
      },
      timePartitioning: { type: 'MONTH', field: 'day' },
    })
    await rows(
      `INSERT d.sized (day, n) VALUES ('2026-01-05', 1.239), ('2026-02-05', 2), ('2026-02-06', NULL)`,
    )
    // 3 dates of 8, 3 strings of 2 + 1, 2 numbers of 16.
    expect(await metadataOf('sized')).toMatchObject({
      numRows: '3',
      numBytes: '65',
      numLongTermBytes: '0',
      numPartitions: '2',
      schema: {
        fields: [
          { name: 'day' },
          { name: 's', maxLength: '5', defaultValueExpression: "'x'" },
          { name: 'n', precision: '5', scale: '2' },
        ],
      },
    })
    expect(await rows('SELECT s, CAST(n AS STRING) AS n FROM d.sized ORDER BY day')).toEqual([
      { s: 'x', n: '1.24' },
      { s: 'x', n: '2' },
      { s: 'x', n: null },
    ])
    const long = await load('sized', '2026-01-05,abcdef,1\n2026-01-05,abc,12345\n', { sourceFormat: 'CSV' })
    expect(long.status?.errors?.map((error) => error.message)).toEqual([
      expect.stringContaining('Rows: 2; errors: 2') as string,
      expect.stringContaining('Rows: 2; errors: 2; max bad: 0; error percent: 1') as string,
      expect.stringMatching(
        /Could not parse 'abcdef' as STRING for field s \(position 1\) starting at location 0/,
      ) as string,
      expect.stringMatching(
        /Could not parse '12345' as NUMERIC for field n \(position 2\) .* location 20/,
      ) as string,
    ])
    cloud.clock.advance(91 * day)
    expect(await metadataOf('sized')).toMatchObject({ numBytes: '65', numLongTermBytes: '65' })
  })

  test('integer ranges', async () => {
    const range = { start: '0', end: '100', interval: '10' }
    await cloud.client.dataset('d').createTable('ranged', {
      schema: 'k:INTEGER',
      rangePartitioning: { field: 'k', range },
    })
    await rows('INSERT d.ranged (k) VALUES (1), (2), (15)')
    expect(await metadataOf('ranged')).toMatchObject({
      rangePartitioning: { field: 'k', range },
      numPartitions: '2',
    })
    await table('ranged$0').delete()
    expect(await rows('SELECT k FROM d.ranged')).toEqual([{ k: 15 }])
  })

  test('schemas grow and relax, and do nothing else', async () => {
    const fields = [
      { name: 'a', type: 'INTEGER', mode: 'REQUIRED' },
      { name: 'r', type: 'RECORD', fields: [{ name: 'x', type: 'INTEGER' }] },
    ]
    await cloud.client.dataset('d').createTable('grown', { schema: { fields } })
    await rows('INSERT d.grown (a, r) VALUES (1, STRUCT(2)), (2, NULL)')
    const set = (schema: object[]) => table('grown').setMetadata({ schema: { fields: schema } })
    await set([
      { name: 'a', type: 'INTEGER', mode: 'NULLABLE' },
      {
        name: 'r',
        type: 'RECORD',
        fields: [
          { name: 'x', type: 'INTEGER' },
          { name: 'y', type: 'STRING', mode: 'REPEATED' },
        ],
      },
      { name: 'b', type: 'STRING' },
    ])
    expect(await rows('SELECT r.x, r.y, b FROM d.grown ORDER BY a')).toEqual([
      { x: 2, y: [], b: null },
      { x: null, y: [], b: null },
    ])
    const cases: readonly (readonly [object[], string])[] = [
      [[{ name: 'a', type: 'INTEGER' }], 'Field r is missing in new schema'],
      [[{ name: 'a', type: 'STRING' }], 'Field a has changed type from INTEGER to STRING'],
      [
        [{ name: 'a', type: 'INTEGER', mode: 'REQUIRED' }],
        'Field a has changed mode from NULLABLE to REQUIRED',
      ],
    ]
    for (const [schema, message] of cases)
      expect(await refusal(set(schema))).toMatchObject({
        code: 400,
        message: `Provided Schema does not match Table ${project}:d.grown. ${message}`,
      })
  })

  test('If-Match', async () => {
    const { etag } = await metadataOf('grown')
    const patch = (etagGiven: string) =>
      fetch(`${cloud.url}/bigquery/v2/projects/${project}/datasets/d/tables/grown`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', 'if-match': etagGiven },
        body: '{"description":"x"}',
      })
    expect((await patch(etag as string)).status).toBe(200)
    expect((await patch(etag as string)).status).toBe(412)
  })
})

describe('loads', () => {
  test('schema updates', async () => {
    const json = { sourceFormat: 'NEWLINE_DELIMITED_JSON' }
    await load('updated', '{"a":1}\n', {
      ...json,
      schema: { fields: [{ name: 'a', type: 'INTEGER', mode: 'REQUIRED' }] },
    })
    const schema = { fields: [{ name: 'b', type: 'STRING' }] }
    const refused = await load('updated', '{"b":"x"}\n', { ...json, schema })
    expect(refused.status?.errorResult?.message).toContain('Field a is missing in new schema')
    const added = await load('updated', '{"b":"x"}\n', {
      ...json,
      schema,
      schemaUpdateOptions: ['ALLOW_FIELD_ADDITION', 'ALLOW_FIELD_RELAXATION'],
    })
    expect(added.status?.errorResult).toBeUndefined()
    expect(await rows('SELECT * FROM d.updated ORDER BY a')).toEqual([
      { a: null, b: 'x' },
      { a: 1, b: null },
    ])
    const wrong = {
      schemaUpdateOptions: ['ALLOW_FIELD_ADDITION'],
      writeDisposition: 'WRITE_TRUNCATE',
      schema,
    }
    expect(await refusal(load('updated', '', { ...json, ...wrong }))).toMatchObject({ code: 400 })
  })

  test('detected: delimiter, header, types', async () => {
    const content = 'id|when|ok|a name\n1|2026-01-05 10:00:00|true|x\n2||false|"y|z"\n'
    const done = await load('detected', content, { autodetect: true })
    expect(done.statistics?.load).toMatchObject({ outputRows: '2', badRecords: '0', inputFiles: '1' })
    expect((await metadataOf('detected')).schema).toMatchObject({
      fields: [
        { name: 'id', type: 'INTEGER' },
        { name: 'when', type: 'TIMESTAMP' },
        { name: 'ok', type: 'BOOLEAN' },
        { name: 'a_name', type: 'STRING' },
      ],
    })
    await load('strings', 'a,b\nc,d\n', { autodetect: true })
    expect(await rows('SELECT * FROM d.strings ORDER BY 1')).toEqual([
      { string_field_0: 'a', string_field_1: 'b' },
      { string_field_0: 'c', string_field_1: 'd' },
    ])
    await load('json', '{"a":1,"r":{"b":[1.5]}}\n', {
      autodetect: true,
      sourceFormat: 'NEWLINE_DELIMITED_JSON',
    })
    expect(await rows('SELECT a, r.b FROM d.json')).toEqual([{ a: 1, b: [1.5] }])
  })

  test('bad records within the limit are told in a job that succeeds', async () => {
    const schema = {
      fields: [
        { name: 'a', type: 'INTEGER' },
        { name: 'b', type: 'STRING' },
      ],
    }
    const content = '1,x\n2\n3,"y\nz,4,5\n5,ok\n'
    const done = await load('tolerant', content, { schema, maxBadRecords: 3 })
    expect(done.status?.errorResult).toBeUndefined()
    expect(done.statistics?.load).toMatchObject({ outputRows: '2', badRecords: '3' })
    expect(done.status?.errors?.map((error) => error.message)).toEqual([
      expect.stringContaining(
        'references column position 1, but line starting at position:4 contains only 1',
      ),
      expect.stringContaining('starting at position: 6. Error: Missing close double quote (") character.'),
      expect.stringContaining('starting at position: 11. Found 3 column(s) while expected 2.'),
    ])
  })

  test.each([
    [{ sourceFormat: 'AVRO' }, 'format AVRO, which DuckDB does not read'],
    [{ sourceFormat: 'ORC' }, 'format ORC, which DuckDB does not read'],
    [{ hivePartitioningOptions: { mode: 'AUTO' } }, 'hivePartitioningOptions'],
    [{ encoding: 'EBCDIC' }, 'Invalid value for encoding'],
  ])('refused: %j', async (more, message) => {
    const schema = { fields: [{ name: 'a', type: 'INTEGER' }] }
    const given = await load('refused', '1\n', { schema, ...more }).then(
      (done) => done.status?.errorResult?.message,
      (error: Error) => error.message,
    )
    expect(given).toContain(message)
  })
})

describe('queries', () => {
  test('a destination that the query reads, and one partition of it', async () => {
    await rows('CREATE TABLE d.self (day DATE, n INT64) PARTITION BY day')
    await rows(`INSERT d.self (day, n) VALUES ('2026-01-05', 1), ('2026-01-06', 2)`)
    const write = (query: string, tableId: string) =>
      job({
        query: {
          query,
          useLegacySql: false,
          destinationTable: reference(tableId),
          writeDisposition: 'WRITE_TRUNCATE',
        },
      })
    await write('SELECT day, n + 1 AS n FROM d.self', 'self')
    expect(await rows('SELECT n FROM d.self ORDER BY n')).toEqual([{ n: 2 }, { n: 3 }])
    await write(`SELECT DATE '2026-01-06' AS day, 9 AS n`, 'self$20260106')
    expect(await rows('SELECT n FROM d.self ORDER BY n')).toEqual([{ n: 2 }, { n: 9 }])
    const stray = await write(`SELECT DATE '2026-01-07' AS day, 9 AS n`, 'self$20260106')
    expect(stray.status?.errorResult?.message).toContain('different partitions')
    const copied = await job({
      copy: { sourceTable: reference('self$20260106'), destinationTable: reference('part') },
    })
    expect(copied.statistics?.copy).toMatchObject({ copiedRows: '1' })
  })

  test('dry runs tell what would be read; a limit on it is kept', async () => {
    const [dry] = await cloud.client.createQueryJob({ query: 'SELECT n FROM d.self', dryRun: true })
    expect((dry.metadata as JobMetadata).statistics).toMatchObject({ totalBytesProcessed: '16' })
    const limited = cloud.client.query({ query: 'SELECT n FROM d.self', maximumBytesBilled: '1000000' })
    expect(await refusal(limited)).toMatchObject({
      message: 'Query exceeded limit for bytes billed: 1000000. 10485760 or higher required.',
    })
    const enough = await cloud.client.query({ query: 'SELECT n FROM d.self', maximumBytesBilled: '10485760' })
    expect(enough[0]).toHaveLength(2)
  })
})

describe('streaming inserts', () => {
  test('repetitions within a minute, templates, messages', async () => {
    await cloud.client.dataset('d').createTable('stream', {
      schema: { fields: [{ name: 'a', type: 'INTEGER', mode: 'REQUIRED' }] },
    })
    const insert = (insertId: string, json: object, more = {}) =>
      table('stream').insert([{ insertId, json }], { raw: true, ...more })
    await insert('1', { a: 1 })
    await insert('1', { a: 1 })
    expect(await rows('SELECT COUNT(*) AS n FROM d.stream')).toEqual([{ n: 1 }])
    cloud.clock.advance(61_000)
    await insert('1', { a: 1 })
    expect(await rows('SELECT COUNT(*) AS n FROM d.stream')).toEqual([{ n: 2 }])
    await insert('2', { a: 5 }, { templateSuffix: '_2026' })
    expect(await rows('SELECT a FROM d.stream_2026')).toEqual([{ a: 5 }])
    const failed = (json: object) =>
      insert('', json).catch(
        (error: { errors: { errors: { message: string }[] }[] }) => error.errors[0]?.errors[0]?.message,
      )
    expect(await failed({ a: 1, b: 2 })).toBe('no such field: b.')
    expect(await failed({})).toBe('Missing required field: a.')
  })
})

describe('lifetime, by the clock', () => {
  test('tables and partitions are gone from every way of reading', async () => {
    await cloud.client.dataset('d').createTable('short', {
      schema: 'a:INTEGER',
      expirationTime: String(cloud.clock.now() + day),
    })
    await cloud.client.dataset('d').createTable('aging', {
      schema: 'day:DATE,n:INTEGER',
      timePartitioning: { type: 'DAY', field: 'day', expirationMs: String(2 * day) },
    })
    const date = (offset: number) => new Date(cloud.clock.now() + offset * day).toISOString().slice(0, 10)
    await rows(`INSERT d.aging (day, n) VALUES ('${date(0)}', 1), ('${date(5)}', 2)`)
    await rows('CREATE VIEW d.aged AS SELECT n FROM d.aging')
    cloud.clock.advance(3 * day)
    expect(await refusal(table('short').getMetadata())).toMatchObject({ code: 404 })
    expect(await refusal(table('short').insert([{ a: 1 }]))).toMatchObject({ code: 404 })
    expect(await rows('SELECT n FROM d.aged')).toEqual([{ n: 2 }])
    expect((await table('aging').getRows())[0]).toHaveLength(1)
    const copied = await job({
      copy: { sourceTable: reference('aging'), destinationTable: reference('aging_copy') },
    })
    expect(copied.statistics?.copy).toMatchObject({ copiedRows: '1' })
    expect(await metadataOf('aging')).toMatchObject({ numRows: '1', numPartitions: '1' })
  })
})

describe('quotas are told and not enforced', () => {
  const insert = (name: string) => ({
    query: { query: `INSERT d.${name} (n) VALUES (1)`, useLegacySql: false },
  })
  const load = (name: string) => ({
    load: {
      sourceUris: ['gs://lake/quota.csv'],
      destinationTable: reference(name),
      schema: { fields: [{ name: 'n', type: 'INTEGER' }] },
    },
  })

  /** Runs a job so often, and sees it warned of the last time only; then again once the window has passed. */
  async function exceed(
    times: number,
    windowMs: number,
    name: string,
    message: string,
    configuration: object,
  ) {
    warnings.length = 0
    for (let n = 1; n < times; n++) expect((await job(configuration)).status?.errors).toBeUndefined()
    expect((await job(configuration)).status).toMatchObject({
      state: 'DONE',
      errors: [
        {
          reason: 'quotaExceeded',
          location: `d.${name}`,
          message: expect.stringContaining(message) as string,
        },
      ],
    })
    expect(warnings).toEqual([expect.stringContaining(`${message} for table d.${name}`)])
    cloud.clock.advance(windowMs + 1)
    expect((await job(configuration)).status?.errors).toBeUndefined()
  }

  test('DML statements', async () => {
    await rows('CREATE TABLE d.busy (n INT64)')
    await exceed(26, 10_000, 'busy', '26 of 25 DML statements per 10 seconds', insert('busy'))
  })

  test('loads, as updates of metadata', async () => {
    await cloud.storage.bucket('lake').file('quota.csv').save('1\n')
    await exceed(6, 10_000, 'loaded', '6 of 5 metadata updates per 10 seconds', load('loaded'))
  })

  test('loads of a day', async () => {
    warnings.length = 0
    const quotas = new Quotas(cloud.clock, [], (message) => warnings.push(message))
    const name = { dataset: 'd', table: 'daily' }
    for (let n = 1; n <= 1500; n++) {
      cloud.clock.advance(10_000)
      expect(quotas.noteJob(name)).toEqual([])
    }
    expect(quotas.noteJob(name)).toMatchObject([
      { message: expect.stringContaining('1501 of 1500 table modifications per day') as string },
    ])
    cloud.clock.advance(day)
    expect(quotas.noteJob(name)).toEqual([])
  })

  test('DDL, as updates of metadata', async () => {
    const query = 'CREATE OR REPLACE TABLE d.defined (n INT64)'
    await exceed(6, 10_000, 'defined', '6 of 5 metadata updates per 10 seconds', {
      query: { query, useLegacySql: false },
    })
  })

  test('changes of the resource', async () => {
    await rows('CREATE TABLE d.patched (n INT64)')
    cloud.clock.advance(10_001)
    warnings.length = 0
    for (let n = 1; n <= 6; n++) await table('patched').setMetadata({ description: `${n}` })
    expect(warnings).toEqual([
      expect.stringContaining('6 of 5 metadata updates per 10 seconds for table d.patched'),
    ])
  })

  test('statements of a script', async () => {
    await rows('CREATE TABLE d.scripted (n INT64)')
    warnings.length = 0
    await rows(`BEGIN ${'INSERT d.scripted VALUES (1); '.repeat(26)} END`)
    expect(warnings).toEqual([expect.stringContaining('26 of 25 DML statements')])
  })
})
