import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BigQuery, type Dataset, type Job, type JobMetadata } from '@google-cloud/bigquery'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWarehouse } from '../../warehouse/index.ts'
import { project, startBigQuery, type BigQueryFixture } from './testing/fixture.ts'

/** Every call of Google's client that a pipeline may make, over the real warehouse. */
let cloud: BigQueryFixture
let client: BigQuery
let dataset: Dataset

beforeAll(async () => {
  cloud = await startBigQuery((dir) => openWarehouse({ dir, project }))
  client = cloud.client
  ;[dataset] = await client.createDataset('calls', { location: 'US', labels: { team: 'data' } })
  await cloud.storage.createBucket('lake')
})
afterAll(() => cloud.stop())

interface Failure {
  readonly code?: number
  readonly message: string
  readonly errors?: readonly { readonly reason?: string }[]
}

async function failure(work: Promise<unknown>): Promise<Failure> {
  try {
    await work
  } catch (error) {
    return error as Failure
  }
  throw new Error('expected a refusal')
}

async function rows(query: string): Promise<unknown[]> {
  return (await client.query({ query }))[0] as unknown[]
}

async function finished(job: Job): Promise<JobMetadata> {
  for (;;) {
    const [metadata] = (await job.getMetadata()) as unknown as [JobMetadata]
    if (metadata.status?.state === 'DONE') return metadata
  }
}

describe('datasets', () => {
  test('exists, get with autoCreate, list by label, access entries, delete with its tables', async () => {
    expect(await client.dataset('absent').exists()).toEqual([false])
    const [made] = await client.dataset('made').get({ autoCreate: true })
    await made.createTable('t', { schema: 'a:INTEGER' })
    const [listed] = await client.getDatasets({ filter: 'labels.team:data' })
    expect(listed.map(({ id }) => id)).toEqual(['calls'])
    const [metadata] = await made.getMetadata()
    const access = [...metadata.access!, { role: 'READER', userByEmail: 'reader@example.com' }]
    await made.setMetadata({ access, description: 'described', labels: { a: 'b' } })
    expect((await made.getMetadata())[0]).toMatchObject({
      description: 'described',
      labels: { a: 'b' },
      access: expect.arrayContaining([{ role: 'READER', userByEmail: 'reader@example.com' }]) as unknown,
    })
    expect(await failure(client.createDataset('made'))).toMatchObject({
      code: 409,
      errors: [{ reason: 'duplicate' }],
    })
    expect(await failure(made.delete())).toMatchObject({ code: 400, errors: [{ reason: 'resourceInUse' }] })
    await made.delete({ force: true })
    expect(await made.exists()).toEqual([false])
  })

  test('a resource that changed since it was read is not written over', async () => {
    const url = `${cloud.url}/bigquery/v2/projects/${project}/datasets/calls`
    const { etag } = (await (await fetch(url)).json()) as { etag: string }
    cloud.clock.advance(1)
    const patch = async (match: string) =>
      (
        await fetch(url, {
          method: 'PATCH',
          headers: { 'if-match': match },
          body: JSON.stringify({ description: `of ${match}` }),
        })
      ).status
    expect([await patch(etag), await patch(etag), await patch('*')]).toEqual([200, 412, 200])
  })
})

describe('tables', () => {
  test('create, exists, get, list, set metadata, copy to a table, delete', async () => {
    const [table] = await dataset.createTable('life', {
      schema: [
        { name: 'id', type: 'INT64', mode: 'REQUIRED' },
        { name: 'tags', type: 'STRING', mode: 'REPEATED' },
        { name: 'r', type: 'RECORD', fields: [{ name: 'k', type: 'FLOAT64' }] },
      ],
      labels: { a: 'b' },
      description: 'before',
    })
    expect(await table.exists()).toEqual([true])
    await table
      .setMetadata({ description: 'after', schema: 'id:INTEGER,tags:STRING,extra:STRING' })
      .catch(() => undefined)
    await table.setMetadata({ description: 'after' })
    expect((await table.getMetadata())[0]).toMatchObject({ description: 'after', labels: { a: 'b' } })
    const [tables] = await dataset.getTables({ maxResults: 1, autoPaginate: true })
    expect(tables.map(({ id }) => id)).toContain('life')
    await table.insert([{ id: 1, tags: ['x', 'y'], r: { k: 1.5 } }])
    const [copied] = await table.copy(dataset.table('life_copy'))
    expect(copied.status).toMatchObject({ state: 'DONE' })
    expect(await rows('SELECT id, tags, r FROM calls.life_copy')).toEqual([
      { id: 1, tags: ['x', 'y'], r: { k: 1.5 } },
    ])
    await dataset.table('life_copy').delete()
    expect(await failure(dataset.table('life_copy').delete())).toMatchObject({ code: 404 })
  })

  test('insert: raw rows, and each refused row with its reason', async () => {
    const table = dataset.table('life')
    await table.insert([{ insertId: 'one', json: { id: 2 } }], { raw: true })
    const refused = (await failure(table.insert([{ id: 3 }, { absent: 1 }]))) as Failure & {
      readonly name: string
    }
    expect(refused.name).toBe('PartialFailureError')
    expect(JSON.stringify(refused.errors)).toMatch(/absent/)
  })

  test('getRows: pages, chosen fields, a stream', async () => {
    await client.query(
      'CREATE TABLE calls.many AS SELECT n, CAST(n AS STRING) s FROM UNNEST(GENERATE_ARRAY(1, 250)) n',
    )
    const [first, next] = await dataset.table('many').getRows({ maxResults: 100, autoPaginate: false })
    expect(first).toHaveLength(100)
    expect(next).toMatchObject({ pageToken: expect.any(String) as unknown })
    expect((await dataset.table('many').getRows())[0]).toHaveLength(250)
    const [chosen] = await dataset.table('many').getRows({ selectedFields: 's', maxResults: 1 })
    expect(Object.keys(chosen[0] as object)).toEqual(['s'])
    let count = 0
    for await (const row of dataset.table('many').createReadStream()) count += row === null ? 0 : 1
    expect(count).toBe(250)
  })
})

describe('queries', () => {
  test('every type there and back', async () => {
    const values = {
      i: client.int('9007199254740993'),
      n: BigQuery.date('2024-02-29'),
      dt: BigQuery.datetime('2024-02-29T01:02:03.5'),
      t: BigQuery.time('01:02:03.000004'),
      ts: BigQuery.timestamp('2024-02-29T01:02:03.123456Z'),
      b: Buffer.from([0, 255]).toString('base64'),
      f: 1.5,
      bool: true,
      s: { a: 1, b: ['x'] },
      l: [1, 2],
    }
    const selected = Object.keys(values)
      .map((name) => `@${name} AS ${name}`)
      .join(', ')
    const [[row]] = (await client.query({
      query: `SELECT ${selected}, NUMERIC '1.23' AS num, BIGNUMERIC '1e30' AS big, JSON '{"a":[1]}' AS j, CAST(NULL AS STRING) AS nothing`,
      params: values,
      types: { s: { a: 'INT64', b: ['STRING'] }, b: 'BYTES' },
      wrapIntegers: true,
    })) as unknown as [[Record<string, unknown>]]
    expect(row).toMatchObject({
      i: { value: '9007199254740993' },
      n: { value: '2024-02-29' },
      dt: { value: '2024-02-29T01:02:03.500' },
      t: { value: '01:02:03.000004' },
      ts: { value: '2024-02-29T01:02:03.123456000Z' },
      b: Buffer.from([0, 255]),
      f: 1.5,
      bool: true,
      s: { a: { value: '1' }, b: ['x'] },
      l: [{ value: '1' }, { value: '2' }],
      j: '{"a":[1]}',
      nothing: null,
    })
    expect(String(row['num'])).toBe('1.23')
    expect(Number(String(row['big']))).toBe(1e30)
  })

  test('parameters: positional, typed, empty arrays, nulls, arrays of structs', async () => {
    const [positional] = await client.query({ query: 'SELECT ? + ? AS n', params: [1, 2] })
    expect(positional).toEqual([{ n: 3 }])
    const [typed] = await client.query({
      query:
        'SELECT ARRAY_LENGTH(@none) AS n, @null IS NULL AS isNull, ARRAY(SELECT x.k FROM UNNEST(@list) x) AS ks',
      params: { none: [], null: null, list: [{ k: 'a' }, { k: 'b' }] },
      types: { none: ['STRING'], null: 'STRING', list: [{ k: 'STRING' }] },
    })
    expect(typed).toEqual([{ n: 0, isNull: true, ks: ['a', 'b'] }])
    expect((await failure(client.query({ query: 'SELECT @absent', params: { other: 1 } }))).message).toMatch(
      /absent/,
    )
  })

  test('results by the page, by themselves, and as a stream', async () => {
    const query = 'SELECT n FROM UNNEST(GENERATE_ARRAY(1, 2500)) n ORDER BY n'
    const [job] = await client.createQueryJob({ query, labels: { run: 'one' }, jobTimeoutMs: 60_000 })
    const [page, next] = await job.getQueryResults({ maxResults: 1000, autoPaginate: false })
    expect([page.length, next?.pageToken !== undefined]).toEqual([1000, true])
    expect((await job.getQueryResults())[0]).toHaveLength(2500)
    const streamed: unknown[] = []
    for await (const row of client.createQueryStream(query)) streamed.push(row)
    expect(streamed).toHaveLength(2500)
    const limited = new BigQuery({
      apiEndpoint: cloud.url,
      projectId: project,
      authClient: client.authClient as never,
    })
    const calls = limited.createQueryStream({ query, maxResults: 100, maxApiCalls: 2 } as never)
    const some: unknown[] = []
    for await (const row of calls) some.push(row)
    expect(some).toHaveLength(100)
    expect((await finished(job)).configuration?.labels).toEqual({ run: 'one' })
  })

  test('a dry run, and what CREATE TABLE AS SELECT made', async () => {
    const [dry] = await client.createQueryJob({ query: 'SELECT id FROM calls.life', dryRun: true })
    expect(dry.metadata).toMatchObject({
      status: { state: 'DONE' },
      statistics: { query: { statementType: 'SELECT', referencedTables: [{ tableId: 'life' }] } },
    })
    const [job] = await client.createQueryJob('CREATE OR REPLACE TABLE calls.made AS SELECT 1 AS a')
    const { configuration, statistics } = await finished(job)
    const table = { projectId: project, datasetId: 'calls', tableId: 'made' }
    expect(statistics?.query).toMatchObject({
      statementType: 'CREATE_TABLE_AS_SELECT',
      ddlTargetTable: table,
    })
    expect(configuration?.query?.destinationTable).toEqual(table)
  })

  test.each([
    ['legacy SQL', { query: 'SELECT 1', useLegacySql: true }, /Legacy SQL is unsupported/],
    [
      'a wrong location',
      { query: 'SELECT * FROM calls.life', location: 'EU', defaultDataset: { datasetId: 'calls' } },
      /not found in location EU/,
    ],
    [
      'no such table',
      { query: 'SELECT * FROM calls.absent' },
      /Not found: Table local-project:calls\.absent/,
    ],
    ['no such column', { query: 'SELECT absent FROM calls.life' }, /Unrecognized name: absent at \[1:8\]/],
    ['a syntax error', { query: 'SELECT FROM' }, /Syntax error: .* at \[1:/],
  ])('refused: %s', async (_, options, message) => {
    expect((await failure(client.query(options as never))).message).toMatch(message)
  })

  test('a script lists the statements that are its jobs; its result is that of the last', async () => {
    const [job] = await client.createQueryJob('DECLARE x INT64 DEFAULT 1; SET x = x + 1; SELECT x;')
    expect((await finished(job)).statistics?.query).toMatchObject({ statementType: 'SCRIPT' })
    const list = await fetch(
      `${cloud.url}/bigquery/v2/projects/${project}/jobs?parentJobId=${job.id}&projection=full`,
    )
    expect(await list.json()).toMatchObject({
      jobs: [{ statistics: { parentJobId: job.id, query: { statementType: 'SELECT' } } }],
    })
    expect((await job.getQueryResults())[0]).toEqual([{ x: 2 }])
  })
})

describe('jobs', () => {
  test('get, list, cancel, promise, an id only once', async () => {
    const [job] = await client.createQueryJob({ query: 'SELECT 1', jobId: 'mine' })
    expect(job.id).toBe('mine')
    await job.promise()
    expect((await client.job('mine', { location: 'US' }).get())[0].metadata).toMatchObject({
      status: { state: 'DONE' },
    })
    const again = await failure(client.createQueryJob({ query: 'SELECT 1', jobId: 'mine' }))
    expect(again).toMatchObject({ code: 409, errors: [{ reason: 'duplicate' }] })
    const [jobs] = await client.getJobs({ maxResults: 2, autoPaginate: false })
    expect(jobs).toHaveLength(2)
    expect((await job.cancel())[0]).toMatchObject({ job: { jobReference: { jobId: 'mine' } } })
    expect(await failure(client.job('absent').get())).toMatchObject({ code: 404 })
    expect(await client.job('absent').exists()).toEqual([false])
  })
})

describe('load and extract', () => {
  test('a local file, a file of a bucket, job options', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'load-test-'))
    try {
      await writeFile(join(folder, 'in.csv'), 'a,b\n1,x\n2,y\n')
      const local = dataset.table('local')
      const [job] = await local.load(join(folder, 'in.csv'), {
        skipLeadingRows: 1,
        schema: {
          fields: [
            { name: 'a', type: 'INTEGER' },
            { name: 'b', type: 'STRING' },
          ],
        },
      })
      expect(job.status).toMatchObject({ state: 'DONE' })
      expect(await rows('SELECT * FROM calls.local ORDER BY a')).toEqual([
        { a: 1, b: 'x' },
        { a: 2, b: 'y' },
      ])
      const file = cloud.storage.bucket('lake').file('rows.ndjson')
      await file.save('{"a":3,"b":"z"}\n', { resumable: false })
      const [started] = await local.createLoadJob(file, {
        sourceFormat: 'NEWLINE_DELIMITED_JSON',
        writeDisposition: 'WRITE_TRUNCATE',
        jobId: 'load-once',
      })
      const metadata = await finished(started)
      expect(metadata.statistics?.load).toMatchObject({ outputRows: '1' })
      expect(metadata.jobReference?.jobId).toBe('load-once')
      expect(await rows('SELECT * FROM calls.local')).toEqual([{ a: 3, b: 'z' }])
      const out = cloud.storage.bucket('lake').file('out.json')
      const [extracted] = await local.extract(out, { format: 'JSON', gzip: false })
      expect(extracted.status).toMatchObject({ state: 'DONE' })
      expect((await out.download())[0].toString()).toBe('{"a":"3","b":"z"}\n')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('a partition by its decorator, written twice', async () => {
    await dataset.createTable('days', {
      schema: 'd:DATE,n:INTEGER',
      timePartitioning: { type: 'DAY', field: 'd' },
      requirePartitionFilter: true,
    })
    const file = cloud.storage.bucket('lake').file('day.csv')
    await file.save('2024-01-02,1\n', { resumable: false })
    for (let times = 0; times < 2; times += 1)
      await dataset
        .table('days$20240102')
        .load(file, { sourceFormat: 'CSV', writeDisposition: 'WRITE_TRUNCATE' })
    expect(await rows("SELECT n FROM calls.days WHERE d = '2024-01-02'")).toEqual([{ n: 1 }])
    expect((await failure(rows('SELECT n FROM calls.days'))).message).toMatch(/without a filter over column/)
  })
})

describe('routines', () => {
  test('create, get, list, call, delete', async () => {
    const [routine] = await dataset.createRoutine('add_row', {
      routineType: 'PROCEDURE',
      language: 'SQL',
      arguments: [{ name: 'n', dataType: { typeKind: 'INT64' } }],
      definitionBody: 'BEGIN\nINSERT calls.local (a) VALUES (n);\nEND',
    })
    expect(await routine.exists()).toEqual([true])
    await client.query({ query: 'CALL calls.add_row(@n)', params: { n: 41 } })
    expect(await rows('SELECT a FROM calls.local WHERE a = 41')).toEqual([{ a: 41 }])
    const [routines] = await dataset.getRoutines()
    expect(routines.map(({ id }) => id)).toContain('add_row')
    await routine.delete()
    expect(await routine.exists()).toEqual([false])
    expect((await failure(rows('CALL calls.add_row(1)'))).message).toMatch(/not found: .*add_row/i)
  })
})
