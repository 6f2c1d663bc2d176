import { gzipSync } from 'node:zlib'
import { writeFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Job, JobMetadata, Query } from '@google-cloud/bigquery'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WarehouseError, type QueryRequest } from '../../warehouse/warehouse.ts'
import { field, memoryWarehouse, type Answer } from './testing/memory-warehouse.ts'
import { project, startBigQuery, type BigQueryFixture } from './testing/fixture.ts'

let cloud: BigQueryFixture
let last: QueryRequest | undefined

const micros = 1704164645123456n

const answers: Record<string, Answer> = {
  'SELECT types': async () => ({
    schema: [
      field('n', 'INT64'),
      field('f', 'FLOAT64'),
      field('b', 'BOOL'),
      field('t', 'TIMESTAMP'),
      field('d', 'DATE'),
      field('none', 'STRING'),
      field('list', 'INT64', { mode: 'REPEATED' }),
      field('r', 'STRUCT', {
        fields: [
          field('x', 'STRING'),
          field('y', 'STRUCT', { mode: 'REPEATED', fields: [field('z', 'INT64')] }),
        ],
      }),
    ],
    data: [
      ['9007199254740993', '1.5', 'true', micros, '2024-01-31', null, ['1', '2'], ['a', [['7'], ['8']]]],
    ],
    referencedTables: [{ dataset: 'raw', table: 'list' }],
  }),
  'SELECT many': async () => ({
    schema: [field('i', 'INT64')],
    data: Array.from({ length: 25_000 }, (_, index) => [String(index)]),
  }),
  'MERGE x': async () => ({ statementType: 'MERGE', dml: { inserted: 2, updated: 3, deleted: 1 } }),
  'CREATE TABLE': async () => ({
    statementType: 'CREATE_TABLE',
    ddl: { operation: 'CREATE', table: { dataset: 'raw', table: 'new' } },
  }),
  wrong: async () => {
    throw new WarehouseError({
      reason: 'invalidQuery',
      message: 'Syntax error: Unexpected identifier "wrong" at [1:1]',
      location: 'query',
    })
  },
  slow: ({ signal }) =>
    new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('interrupted')))
    }),
}

beforeAll(async () => {
  cloud = await startBigQuery(() =>
    memoryWarehouse(async (request) => {
      last = request
      const answer = answers[request.sql]
      return answer === undefined ? {} : answer(request)
    }),
  )
})
afterAll(() => cloud.stop())

interface Refusal {
  readonly code: number
  readonly message: string
  readonly errors: readonly { readonly reason: string; readonly location?: string }[]
}

async function failure(work: Promise<unknown>): Promise<Refusal> {
  try {
    await work
  } catch (error) {
    return error as Refusal
  }
  throw new Error('expected a refusal')
}

/** A request without a client, for what clients do not show. */
async function send(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') {
  const response = await fetch(`${cloud.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.json() }
}

const api = `/bigquery/v2/projects/${project}`

describe('datasets and tables', () => {
  test('datasets: create, get, list, patch, delete', async () => {
    const [dataset] = await cloud.client.createDataset('raw', { location: 'US', labels: { layer: 'raw' } })
    expect(dataset.metadata).toMatchObject({
      kind: 'bigquery#dataset',
      id: 'local-project:raw',
      datasetReference: { projectId: project, datasetId: 'raw' },
      location: 'US',
      labels: { layer: 'raw' },
      creationTime: '1773046800000',
    })
    await dataset.setMetadata({ description: 'As it came', labels: { layer: null as never, team: 'data' } })
    expect((await dataset.getMetadata())[0]).toMatchObject({
      description: 'As it came',
      labels: { team: 'data' },
    })
    expect(await failure(cloud.client.createDataset('raw'))).toMatchObject({
      code: 409,
      errors: [{ reason: 'duplicate' }],
    })
    expect(await failure(cloud.client.dataset('none').getMetadata())).toMatchObject({
      code: 404,
      message: 'Not found: Dataset local-project:none',
      errors: [{ reason: 'notFound' }],
    })
    expect(await failure(cloud.client.createDataset('not-a-name'))).toMatchObject({ code: 400 })
    expect((await dataset.getMetadata())[0]).toMatchObject({ access: [{ role: 'WRITER' }, {}, {}, {}] })
    const access = [{ role: 'READER', userByEmail: 'reader@example.com' }]
    await dataset.setMetadata({ access, friendlyName: 'Raw' })
    await cloud.reopen()
    expect((await dataset.getMetadata())[0]).toMatchObject({
      access,
      friendlyName: 'Raw',
      labels: { team: 'data' },
    })
    await cloud.client.createDataset('zz')
    const [datasets] = await cloud.client.getDatasets()
    expect(datasets.map(({ id }) => id)).toEqual(['raw', 'zz'])
    await cloud.client.dataset('zz').delete()
    expect(await cloud.client.dataset('zz').exists()).toEqual([false])
  })

  test('tables: schema in both spellings, partitions, clusters, expiry', async () => {
    const [table] = await cloud.client.dataset('raw').createTable('list', {
      schema: [
        { name: 'id', type: 'INT64', mode: 'REQUIRED' },
        { name: 'score', type: 'FLOAT' },
        { name: 'dates', type: 'STRUCT', mode: 'REPEATED', fields: [{ name: 'd', type: 'DATE' }] },
        { name: 'day', type: 'DATE', description: 'the partition' },
      ],
      timePartitioning: { type: 'DAY', field: 'day', expirationMs: '86400000' },
      requirePartitionFilter: true,
      clustering: { fields: ['id'] },
      labels: { dag: 'anilist' },
      description: 'Lists',
    })
    expect(table.metadata).toMatchObject({
      type: 'TABLE',
      schema: {
        fields: [
          { name: 'id', type: 'INTEGER', mode: 'REQUIRED' },
          { name: 'score', type: 'FLOAT', mode: 'NULLABLE' },
          { name: 'dates', type: 'RECORD', mode: 'REPEATED', fields: [{ name: 'd', type: 'DATE' }] },
          { name: 'day', type: 'DATE', description: 'the partition' },
        ],
      },
      timePartitioning: { type: 'DAY', field: 'day', expirationMs: '86400000' },
      requirePartitionFilter: true,
      clustering: { fields: ['id'] },
      numRows: '0',
      location: 'US',
    })
    await table.setMetadata({ description: null as never, expirationTime: '1893456000000' })
    const [metadata] = await table.getMetadata()
    expect(metadata).toMatchObject({ expirationTime: '1893456000000', labels: { dag: 'anilist' } })
    expect(metadata).not.toHaveProperty('description')
    const [tables] = await cloud.client.dataset('raw').getTables()
    expect(tables.map(({ id }) => id)).toEqual(['list'])
    expect(await failure(cloud.client.dataset('raw').createTable('list', {}))).toMatchObject({ code: 409 })
    expect(await failure(cloud.client.dataset('none').createTable('list', {}))).toMatchObject({ code: 404 })
    expect(await failure(cloud.client.dataset('raw').delete())).toMatchObject({ code: 400 })
    await table.delete()
    expect(await table.exists()).toEqual([false])
  })

  test('views take standard SQL only', async () => {
    const view = { query: 'SELECT 1', useLegacySql: false }
    const [created] = await cloud.client.dataset('raw').createTable('v', { view })
    expect(created.metadata).toMatchObject({ type: 'VIEW', view })
    const legacy = { tableReference: { datasetId: 'raw', tableId: 'w' }, view: { query: 'SELECT 1' } }
    expect(await send(`${api}/datasets/raw/tables`, legacy)).toMatchObject({ status: 400 })
    await created.delete()
  })

  test('a field that the API does not have is refused by name', async () => {
    const reference = { tableReference: { datasetId: 'raw', tableId: 'x' } }
    expect(await send(`${api}/datasets/raw/tables`, { ...reference, partitioning: 'day' })).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('partitioning') as string } },
    })
  })

  test('rows: insert, list, page, select', async () => {
    const [table] = await cloud.client.dataset('raw').createTable('rows', { schema: 'a:STRING,b:STRING' })
    await table.insert([
      { a: '1', b: 'x' },
      { a: '2', b: 'y' },
      { a: '3', b: 'z' },
    ])
    expect((await table.getRows())[0]).toHaveLength(3)
    expect((await table.getRows({ maxResults: 2, autoPaginate: false }))[0]).toEqual([
      { a: '1', b: 'x' },
      { a: '2', b: 'y' },
    ])
    const page = await send(`${api}/datasets/raw/tables/rows/data?startIndex=1&maxResults=1&selectedFields=b`)
    expect(page.body).toMatchObject({
      totalRows: '3',
      rows: [{ f: [{ v: 'y' }] }],
      pageToken: expect.any(String) as string,
    })
    const refused = (await table
      .insert([{ a: '4', b: '' }, { c: '5' }])
      .catch((error: unknown) => error)) as object
    expect(refused).toMatchObject({
      name: 'PartialFailureError',
      errors: [{ errors: [{ reason: 'stopped' }] }, { errors: [{ reason: 'invalid' }] }],
    })
    expect((await table.getRows())[0]).toHaveLength(3)
  })

  test('routines: insert, get, list, delete', async () => {
    const [routine] = await cloud.client.dataset('raw').createRoutine('build', {
      routineType: 'PROCEDURE',
      language: 'SQL',
      arguments: [{ name: 'run_id', dataType: { typeKind: 'STRING' } }],
      definitionBody: 'SELECT run_id;',
    })
    expect((await routine.getMetadata())[0]).toMatchObject({
      routineType: 'PROCEDURE',
      arguments: [{ name: 'run_id', dataType: { typeKind: 'STRING' } }],
      definitionBody: 'BEGIN\nSELECT run_id;\nEND',
    })
    const [routines] = await cloud.client.dataset('raw').getRoutines()
    expect(routines.map(({ id }) => id)).toEqual(['build'])
    await routine.delete()
    expect(await routine.exists()).toEqual([false])
  })
})

describe('queries', () => {
  test('every type of the wire, as the client reads it', async () => {
    const [rows] = await cloud.client.query({ query: 'SELECT types', wrapIntegers: true })
    expect(rows).toHaveLength(1)
    const [row] = rows as [Record<string, unknown>]
    expect(row).toMatchObject({
      n: { value: '9007199254740993' },
      f: 1.5,
      b: true,
      t: { value: '2024-01-02T03:04:05.123456000Z' },
      d: { value: '2024-01-31' },
      none: null,
      list: [{ value: '1' }, { value: '2' }],
      r: { x: 'a', y: [{ z: { value: '7' } }, { z: { value: '8' } }] },
    })
  })

  test.each([
    [{ useInt64Timestamp: true }, '1704164645123456'],
    [{}, '1.704164645123456E9'],
    [{ timestampOutputFormat: 'ISO8601_STRING' }, '2024-01-02T03:04:05.123456Z'],
  ])('timestamps with formatOptions %j', async (formatOptions, expected) => {
    const { body } = await send(`${api}/queries`, {
      query: 'SELECT types',
      useLegacySql: false,
      formatOptions,
    })
    expect((body as { rows: { f: { v: unknown }[] }[] }).rows[0]?.f[3]?.v).toBe(expected)
  })

  test('the schema has the names of the API', async () => {
    const { body } = await send(`${api}/queries`, { query: 'SELECT types', useLegacySql: false })
    expect(body).toMatchObject({
      kind: 'bigquery#queryResponse',
      jobComplete: true,
      totalRows: '1',
      schema: {
        fields: [
          { name: 'n', type: 'INTEGER', mode: 'NULLABLE' },
          { type: 'FLOAT' },
          { type: 'BOOLEAN' },
          { type: 'TIMESTAMP' },
          { type: 'DATE' },
          { type: 'STRING' },
          { type: 'INTEGER', mode: 'REPEATED' },
          {
            type: 'RECORD',
            fields: [{ name: 'x' }, { type: 'RECORD', mode: 'REPEATED', fields: [{ name: 'z' }] }],
          },
        ],
      },
    })
  })

  test('parameters of every kind reach the warehouse as text', async () => {
    await cloud.client.query({
      query: 'SELECT params',
      params: {
        n: 5,
        big: cloud.client.int('9007199254740993'),
        f: 1.5,
        s: 'text',
        b: true,
        list: ['a', 'b'],
        empty: [],
        none: null,
        day: cloud.client.date('2024-01-31'),
        at: cloud.client.timestamp(new Date('2024-01-31T10:00:00Z')),
        r: { x: 1, y: 'z' },
      },
      types: { empty: ['STRING'], none: 'DATE' },
    })
    const byName = Object.fromEntries(
      (last?.parameters ?? []).map(({ name, type, value }) => [name, { type, value }]),
    )
    expect(byName).toMatchObject({
      n: { type: { type: 'INT64' }, value: { value: '5' } },
      big: { type: { type: 'INT64' }, value: { value: '9007199254740993' } },
      f: { type: { type: 'FLOAT64' }, value: { value: '1.5' } },
      s: { type: { type: 'STRING' }, value: { value: 'text' } },
      b: { type: { type: 'BOOL' }, value: { value: 'true' } },
      list: {
        type: { type: 'ARRAY', arrayType: { type: 'STRING' } },
        value: { arrayValues: [{ value: 'a' }, { value: 'b' }] },
      },
      empty: { type: { type: 'ARRAY', arrayType: { type: 'STRING' } } },
      none: { type: { type: 'DATE' }, value: { value: null } },
      day: { type: { type: 'DATE' }, value: { value: '2024-01-31' } },
      at: { type: { type: 'TIMESTAMP' } },
      r: {
        type: { type: 'STRUCT', structTypes: [{ name: 'x', type: { type: 'INT64' } }, { name: 'y' }] },
        value: { structValues: { x: { value: '1' }, y: { value: 'z' } } },
      },
    })
    await cloud.client.query({ query: 'SELECT params', params: [1, 'two'] })
    expect(last?.parameters.map(({ name, value }) => [name, value.value])).toEqual([
      [undefined, '1'],
      [undefined, 'two'],
    ])
  })

  test('paging a large result', async () => {
    const [job] = await cloud.client.createQueryJob({ query: 'SELECT many', location: 'US' })
    const [first, next] = await job.getQueryResults({ maxResults: 10_000, autoPaginate: false })
    expect(first).toHaveLength(10_000)
    expect(next).toMatchObject({ pageToken: expect.any(String) as string })
    const [all] = await job.getQueryResults()
    expect(all).toHaveLength(25_000)
    expect(all.at(-1)).toEqual({ i: 24_999 })
    const read: unknown[] = []
    for await (const row of cloud.client.createQueryStream('SELECT many')) read.push(row)
    expect(read).toHaveLength(25_000)
  })

  test('a result can be read as a table, and is gone after a restart; what has no rows still says so', async () => {
    const [job] = await cloud.client.createQueryJob({ query: 'SELECT types', jobId: 'kept', location: 'US' })
    await job.getQueryResults()
    const [metadata] = await job.getMetadata()
    const { datasetId, tableId } = (metadata as JobMetadata).configuration!.query!.destinationTable!
    const [rows] = await cloud.client.dataset(datasetId!).table(tableId!).getRows()
    expect(rows).toMatchObject([{ f: 1.5, r: { x: 'a' } }])
    const [merge] = await cloud.client.createQueryJob({
      query: 'MERGE x',
      jobId: 'kept-merge',
      location: 'US',
    })
    await merge.getQueryResults()
    await cloud.client.createQueryJob({
      query: 'SELECT types',
      jobId: 'kept-in-table',
      location: 'US',
      destination: cloud.client.dataset('raw').table('rows'),
    })
    await cloud.reopen()
    expect(await failure(job.getQueryResults())).toMatchObject({ code: 404 })
    expect((await merge.getQueryResults())[0]).toEqual([])
    expect((await cloud.client.job('kept-in-table').getQueryResults())[0]).toHaveLength(3)
  })

  test('DML counts and DDL targets', async () => {
    const [job] = await cloud.client.createQueryJob('MERGE x')
    await job.getQueryResults()
    expect((await job.getMetadata())[0]).toMatchObject({
      status: { state: 'DONE' },
      statistics: {
        query: {
          statementType: 'MERGE',
          numDmlAffectedRows: '6',
          dmlStats: { insertedRowCount: '2', updatedRowCount: '3', deletedRowCount: '1' },
        },
      },
    })
    expect((await send(`${api}/queries`, { query: 'MERGE x', useLegacySql: false })).body).toMatchObject({
      jobComplete: true,
      numDmlAffectedRows: '6',
    })
    const [ddl] = await cloud.client.createQueryJob('CREATE TABLE')
    await ddl.getQueryResults()
    expect((await ddl.getMetadata())[0]).toMatchObject({
      statistics: { query: { ddlOperationPerformed: 'CREATE', ddlTargetTable: { tableId: 'new' } } },
    })
  })

  test('a dry run tells type, schema and tables, and leaves no job', async () => {
    const [, metadata] = await cloud.client.createQueryJob({ query: 'SELECT types', dryRun: true })
    expect(metadata).toMatchObject({
      status: { state: 'DONE' },
      statistics: {
        totalBytesProcessed: '0',
        query: { statementType: 'SELECT', referencedTables: [{ datasetId: 'raw', tableId: 'list' }] },
      },
    })
    expect(last?.dryRun).toBe(true)
    const { jobReference } = metadata
    expect(await failure(cloud.client.job(jobReference!.jobId!).getMetadata())).toMatchObject({ code: 404 })
    expect(await failure(cloud.client.createQueryJob({ query: 'wrong', dryRun: true }))).toMatchObject({
      code: 400,
    })
  })

  test('a wrong query: 400 invalidQuery from query(), a failed job from createQueryJob()', async () => {
    expect(await failure(cloud.client.query('wrong'))).toMatchObject({
      code: 400,
      message: 'Syntax error: Unexpected identifier "wrong" at [1:1]',
      errors: [{ reason: 'invalidQuery', location: 'query' }],
    })
    const [job] = await cloud.client.createQueryJob('wrong')
    expect(await failure(job.getQueryResults())).toMatchObject({ code: 400 })
    expect((await job.getMetadata())[0]).toMatchObject({
      status: {
        state: 'DONE',
        errorResult: { reason: 'invalidQuery' },
        errors: [{ reason: 'invalidQuery' }],
      },
    })
  })

  test('legacy SQL, which the API assumes, is refused', async () => {
    expect(await send(`${api}/queries`, { query: 'SELECT types' })).toMatchObject({ status: 400 })
    expect(await send(`${api}/queries`, { query: '#standardSQL\nSELECT 1' })).toMatchObject({ status: 200 })
  })

  test('defaults and destinations', async () => {
    await cloud.client.query({
      query: 'SELECT dest',
      defaultDataset: { datasetId: 'raw' },
      destinationTable: { projectId: project, datasetId: 'raw', tableId: 'out' },
      writeDisposition: 'WRITE_TRUNCATE',
    } as Query)
    expect(last).toMatchObject({
      defaultDataset: 'raw',
      destination: {
        table: { dataset: 'raw', table: 'out' },
        writeDisposition: 'WRITE_TRUNCATE',
        createDisposition: 'CREATE_IF_NEEDED',
      },
    })
  })

  test('requestId makes a query idempotent for 15 minutes', async () => {
    const request = { query: 'SELECT once', useLegacySql: false, requestId: 'r-1' }
    const first = await send(`${api}/queries`, request)
    const second = await send(`${api}/queries`, request)
    const reference = (answer: { body: unknown }) => (answer.body as { jobReference: unknown }).jobReference
    expect(reference(second)).toEqual(reference(first))
    cloud.clock.advance(16 * 60_000)
    expect(reference(await send(`${api}/queries`, request))).not.toEqual(reference(first))
  })
})

describe('jobs', () => {
  test('an id is taken once, and stays taken', async () => {
    const job = {
      query: 'SELECT types',
      jobId: 'anilist__tru_entry__r1__e-1',
      location: 'US',
      labels: { dag: 'anilist' },
    }
    await cloud.client.createQueryJob(job)
    expect(await failure(cloud.client.createQueryJob(job))).toMatchObject({
      code: 409,
      errors: [{ reason: 'duplicate' }],
    })
    await cloud.reopen()
    expect(await failure(cloud.client.createQueryJob(job))).toMatchObject({ code: 409 })
    const [metadata] = await cloud.client.job(job.jobId).getMetadata()
    expect(metadata).toMatchObject({
      id: 'local-project:US.anilist__tru_entry__r1__e-1',
      configuration: { jobType: 'QUERY', labels: { dag: 'anilist' }, query: { query: 'SELECT types' } },
      status: { state: 'DONE' },
    })
    expect(await failure(cloud.client.createQueryJob({ ...job, jobId: 'no spaces' }))).toMatchObject({
      code: 400,
    })
  })

  test('outside the US and the EU a job is found with its location only', async () => {
    await cloud.client.createQueryJob({ query: 'SELECT types', jobId: 'far', location: 'europe-west4' })
    expect(await failure(cloud.client.job('far').getMetadata())).toMatchObject({ code: 404 })
    const [metadata] = await cloud.client.job('far', { location: 'europe-west4' }).getMetadata()
    expect(metadata).toMatchObject({ jobReference: { location: 'europe-west4' } })
  })

  test('a job does not find a dataset of another location', async () => {
    const query = { query: 'SELECT types', defaultDataset: { datasetId: 'raw' } }
    expect(await failure(cloud.client.createQueryJob({ ...query, location: 'europe-west4' }))).toMatchObject({
      code: 404,
      message: 'Not found: Dataset local-project:raw was not found in location europe-west4',
    })
    const [job] = await cloud.client.createQueryJob({ ...query, location: 'us' })
    expect(job.metadata).toMatchObject({ jobReference: { location: 'US' } })
  })

  test('cancel, time limit, list, delete', async () => {
    const [job] = await cloud.client.createQueryJob({ query: 'slow', jobId: 'to-cancel', location: 'US' })
    const poll = await send(`${api}/queries/to-cancel?location=US&timeoutMs=0`)
    expect(poll.body).toMatchObject({ jobComplete: false })
    expect((await send(`${api}/jobs?stateFilter=running`)).body).toMatchObject({
      jobs: [{ jobReference: { jobId: 'to-cancel' }, state: 'RUNNING' }],
    })
    expect((await job.cancel())[0]).toMatchObject({ kind: 'bigquery#jobCancelResponse' })
    expect(await failure(job.getQueryResults())).toMatchObject({ code: 400, errors: [{ reason: 'stopped' }] })
    const [limited] = await cloud.client.createQueryJob({ query: 'slow', jobTimeoutMs: 20 })
    expect(await failure(limited.getQueryResults())).toMatchObject({
      message: 'Job execution was cancelled: Job timed out after 20ms',
    })
    const [jobs] = await cloud.client.getJobs({ maxResults: 2, autoPaginate: false })
    expect(jobs.map(({ id }) => id)).toEqual([limited.id, 'to-cancel'])
    await job.delete()
    expect(await job.exists()).toEqual([false])
    expect(
      await failure(cloud.client.createQueryJob({ query: 'SELECT types', jobId: 'to-cancel' })),
    ).toMatchObject({
      code: 409,
    })
  })

  test('jobs without an id, at the same time, have different ones', async () => {
    const configuration = { query: { query: 'SELECT types', useLegacySql: false } }
    const jobs = await Promise.all([1, 2, 3, 4].map(() => send(`${api}/jobs`, { configuration })))
    expect(jobs.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(new Set(jobs.map(({ body }) => (body as { id: string }).id)).size).toBe(4)
  })

  test('a job that ran when the process died has failed', async () => {
    await cloud.client.createQueryJob({ query: 'slow', jobId: 'interrupted', location: 'US' })
    await cloud.reopen()
    expect((await cloud.client.job('interrupted').getMetadata())[0]).toMatchObject({
      status: { state: 'DONE', errorResult: { reason: 'backendError' } },
    })
  })

  test('another project is not found', async () => {
    expect(await send('/bigquery/v2/projects/other/jobs')).toMatchObject({ status: 404 })
  })
})

describe('load, copy, extract', () => {
  const schema = {
    fields: [
      { name: 'a', type: 'STRING' },
      { name: 'n', type: 'INTEGER' },
    ],
  }

  async function loaded(uris: readonly string[], table: string, more: object = {}): Promise<JobMetadata> {
    const configuration = {
      load: {
        sourceUris: [...uris],
        destinationTable: { projectId: project, datasetId: 'raw', tableId: table },
        schema,
        ...more,
      },
    }
    const [job] = await cloud.client.createJob({ configuration })
    return finished(job)
  }

  async function finished(job: Job): Promise<JobMetadata> {
    for (;;) {
      const [metadata] = (await job.getMetadata()) as unknown as [JobMetadata]
      if (metadata.status?.state === 'DONE') return metadata
    }
  }

  beforeAll(async () => {
    const [lake] = await cloud.storage.createBucket('lake')
    await lake.file('day/part-1.csv').save('a,n\nx,9007199254740993\n', { resumable: false })
    await lake.file('day/part-2.csv').save(gzipSync('a,n\ny,2\n'), { resumable: false })
    await lake.file('day/bad.txt').save('one\n', { resumable: false })
  })

  test('from a glob, gzip told by content, 64-bit integers kept', async () => {
    const job = await loaded(['gs://lake/day/*.csv'], 'loaded', { skipLeadingRows: '1' })
    expect(job).toMatchObject({
      status: { state: 'DONE' },
      statistics: { load: { inputFiles: '2', outputRows: '2', badRecords: '0' } },
    })
    const { body } = await send(`${api}/datasets/raw/tables/loaded/data`)
    expect(body).toMatchObject({
      totalRows: '2',
      rows: [{ f: [{ v: 'x' }, { v: '9007199254740993' }] }, { f: [{ v: 'y' }, { v: '2' }] }],
    })
  })

  test('several URIs, the client table method, and failures', async () => {
    const file = cloud.storage.bucket('lake').file('day/part-1.csv')
    const [job] = await cloud.client.dataset('raw').table('again').createLoadJob(file, {
      schema,
      skipLeadingRows: 1,
      writeDisposition: 'WRITE_TRUNCATE',
      location: 'US',
    })
    expect(await finished(job)).toMatchObject({ status: { state: 'DONE' } })
    expect(await loaded(['gs://lake/day/part-1.csv', 'gs://lake/none'], 'x')).toMatchObject({
      status: { errorResult: { reason: 'notFound', message: 'Not found: URI gs://lake/none' } },
    })
    expect(await loaded(['gs://lake/none-*'], 'x')).toMatchObject({
      status: { errorResult: { reason: 'notFound' } },
    })
    expect(await loaded(['gs://lake/day/bad.txt'], 'x')).toMatchObject({
      status: { errorResult: { reason: 'invalid', location: 'gs://lake/day/bad.txt' } },
    })
    expect(await failure(loaded(['gs://lake/*/*.csv'], 'x'))).toMatchObject({ code: 400 })
    expect(await failure(loaded(['s3://lake/x'], 'x'))).toMatchObject({ code: 400 })
    expect(await failure(loaded(['gs://lake/x'], 'x', { sourceFormat: 'AVRO' }))).toMatchObject({ code: 400 })
    expect(
      await failure(loaded(['gs://lake/x'], 'x', { hivePartitioningOptions: { mode: 'AUTO' } })),
    ).toMatchObject({
      code: 400,
    })
  })

  test('a local file, by multipart upload', async () => {
    const path = join(tmpdir(), `load-${process.pid}.csv`)
    await writeFile(path, 'z,1\n')
    try {
      const [job] = await cloud.client.dataset('raw').table('local').load(path, { schema })
      expect(job).toMatchObject({ status: { state: 'DONE' }, statistics: { load: { outputRows: '1' } } })
    } finally {
      await rm(path)
    }
  })

  test('a local file, by resumable upload in two parts', async () => {
    const configuration = {
      load: { destinationTable: { projectId: project, datasetId: 'raw', tableId: 'resumed' }, schema },
    }
    const start = await fetch(`${cloud.url}/resumable/upload${api}/jobs?uploadType=resumable`, {
      method: 'POST',
      body: JSON.stringify({ configuration }),
    })
    const uri = start.headers.get('location') ?? ''
    const first = await fetch(uri, {
      method: 'PUT',
      headers: { 'content-range': 'bytes 0-3/8' },
      body: 'a,1\n',
    })
    expect([first.status, first.headers.get('range')]).toEqual([308, 'bytes=0-3'])
    const second = await fetch(uri, {
      method: 'PUT',
      headers: { 'content-range': 'bytes 4-7/8' },
      body: 'b,2\n',
    })
    expect(second.status).toBe(200)
    const { jobReference } = (await second.json()) as JobMetadata
    expect(await finished(cloud.client.job(jobReference!.jobId!))).toMatchObject({
      statistics: { load: { outputRows: '2', inputFileBytes: '8' } },
    })
  })

  test('copy, then extract to storage', async () => {
    const table = cloud.client.dataset('raw').table('loaded')
    const [copy] = await table.createCopyJob(cloud.client.dataset('raw').table('copied'))
    expect(await finished(copy)).toMatchObject({ status: { state: 'DONE' } })
    const [extract] = await cloud.client
      .dataset('raw')
      .table('copied')
      .createExtractJob(cloud.storage.bucket('lake').file('out/rows-*.csv'))
    expect(await finished(extract)).toMatchObject({
      statistics: { extract: { destinationUriFileCounts: ['1'] } },
    })
    const [text] = await cloud.storage.bucket('lake').file('out/rows-000000000000.csv').download()
    expect(text.toString()).toBe('a,n\nx,9007199254740993\ny,2\n')
  })
})

describe('around the edges', () => {
  test('discovery, projects, bare paths', async () => {
    const discovery = await send('/$discovery/rest?version=v2')
    expect(discovery.body).toMatchObject({
      rootUrl: `${cloud.url}/`,
      servicePath: 'bigquery/v2/',
      resources: { jobs: { methods: { insert: { httpMethod: 'POST' }, query: {} } } },
    })
    expect(await send('/discovery/v1/apis/bigquery/v2/rest')).toEqual(discovery)
    expect((await send('/bigquery/v2/projects')).body).toMatchObject({ projects: [{ id: project }] })
    expect(await send(`/projects/${project}/datasets`)).toMatchObject({ status: 200 })
    expect(await send(`/projects/${project}/locations`)).toMatchObject({
      body: { error: { message: /^Method not found/ } },
    })
  })
})
