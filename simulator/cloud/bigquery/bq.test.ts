import { afterAll, beforeAll, expect, test } from 'vitest'
import { field, memoryWarehouse } from './testing/memory-warehouse.ts'
import { startBigQuery, type BigQueryFixture } from './testing/fixture.ts'

/** What `bq` 2.1.18 sends, request by request: every option it has, most of them null. */
let cloud: BigQueryFixture

const api = '/bigquery/v2/projects/local-project'

beforeAll(async () => {
  cloud = await startBigQuery(() =>
    memoryWarehouse(async () => ({
      schema: [field('x', 'INT64'), field('t', 'TIMESTAMP')],
      data: [['1', 1704164645000000n]],
    })),
  )
})
afterAll(() => cloud.stop())

async function send(method: string, path: string, body?: unknown) {
  const response = await fetch(new URL(path, cloud.url), {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const json = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  return { status: response.status, headers: response.headers, json }
}

const table = (tableId: string) => ({ projectId: 'local-project', datasetId: 'raw', tableId })

test('mk, load, head, query, extract, cp, update, rm', async () => {
  expect(await send('GET', '/$discovery/rest?version=v2')).toMatchObject({ status: 200 })

  // mk
  expect(await send('GET', `${api}/datasets/raw?alt=json`)).toMatchObject({ status: 404 })
  const dataset = { datasetReference: { projectId: 'local-project', datasetId: 'raw' } }
  expect(await send('POST', `${api}/datasets?alt=json`, dataset)).toMatchObject({ status: 200 })
  const fields = [
    { name: 'a', type: 'STRING' },
    { name: 'b', type: 'INTEGER' },
  ]
  expect(
    await send('POST', `${api}/datasets/raw/tables?alt=json`, {
      tableReference: table('t'),
      schema: { fields },
    }),
  ).toMatchObject({ status: 200, json: { type: 'TABLE' } })

  // load from a local file: options that say nothing are no options.
  const load = {
    destinationTable: table('t'),
    decimalTargetTypes: null,
    projectionFields: [],
    nullMarkers: [],
    writeDisposition: 'WRITE_APPEND',
    sourceFormat: 'CSV',
  }
  const reference = (jobId: string) => ({ jobId, projectId: 'local-project' })
  const start = await send('POST', `/upload${api}/jobs?alt=json&uploadType=resumable`, {
    configuration: { load },
    jobReference: reference('bqjob_load'),
  })
  expect(start.status).toBe(200)
  expect(await send('PUT', start.headers.get('location') ?? '', '1,2\n3,4\n')).toMatchObject({
    json: { jobReference: { jobId: 'bqjob_load' } },
  })
  await done('bqjob_load')

  // head
  expect((await send('GET', `${api}/datasets/raw/tables/t/data?maxResults=100&alt=json`)).json).toMatchObject(
    {
      totalRows: '2',
      rows: [{ f: [{ v: '1' }, { v: '2' }] }, { f: [{ v: '3' }, { v: '4' }] }],
    },
  )

  // query: a job of its own id, then its results without waiting.
  const query = {
    query: 'select 1',
    useLegacySql: false,
    parameterMode: null,
    destinationEncryptionConfiguration: null,
  }
  expect(
    await send('POST', `${api}/jobs?alt=json`, {
      configuration: { query },
      jobReference: reference('bqjob_query'),
    }),
  ).toMatchObject({ status: 200 })
  await done('bqjob_query')
  const results = await send(
    'GET',
    `${api}/queries/bqjob_query?startIndex=0&timeoutMs=0&maxResults=100&alt=json`,
  )
  expect(results.json).toMatchObject({
    jobComplete: true,
    rows: [{ f: [{ v: '1' }, { v: '1.704164645E9' }] }],
  })
  expect(
    await send('POST', `${api}/jobs?alt=json`, {
      configuration: { query, dryRun: true },
      jobReference: reference('bqjob_query'),
    }),
  ).toMatchObject({
    json: { status: { state: 'DONE' }, statistics: { query: { totalBytesProcessed: '0' } } },
  })

  // extract and cp
  await cloud.storage.createBucket('lake')
  const extract = {
    sourceTable: table('t'),
    destinationUris: ['gs://lake/out.csv'],
    useAvroLogicalTypes: null,
  }
  await send('POST', `${api}/jobs?alt=json`, {
    configuration: { extract },
    jobReference: reference('bqjob_extract'),
  })
  await done('bqjob_extract')
  const copy = { sourceTables: [table('t')], destinationTable: table('t2'), operationType: 'COPY' }
  await send('POST', `${api}/jobs?alt=json`, {
    configuration: { copy },
    jobReference: reference('bqjob_copy'),
  })
  await done('bqjob_copy')
  expect((await cloud.storage.bucket('lake').file('out.csv').download())[0].toString()).toBe(
    'a,b\n1,2\n3,4\n',
  )

  // update, ls, ls -j, rm -r
  expect(
    await send('PATCH', `${api}/datasets/raw/tables/t?autodetect_schema=False&alt=json`, {
      tableReference: table('t'),
      schema: null,
      description: 'hi',
      labels: { a: 'b' },
      resourceTags: {},
    }),
  ).toMatchObject({
    json: { description: 'hi', labels: { a: 'b' }, schema: { fields: [{ name: 'a' }, { name: 'b' }] } },
  })
  expect((await send('GET', `${api}/datasets/raw/tables?maxResults=50&alt=json`)).json).toMatchObject({
    tables: [{ tableReference: { tableId: 't' } }, { tableReference: { tableId: 't2' } }],
  })
  expect(
    (await send('GET', `${api}/jobs?projection=full&maxResults=50&allUsers=false&alt=json`)).json,
  ).toMatchObject({
    jobs: [
      { jobReference: { jobId: 'bqjob_copy' }, state: 'DONE' },
      { jobReference: { jobId: 'bqjob_extract' } },
      { jobReference: { jobId: 'bqjob_query' } },
      { jobReference: { jobId: 'bqjob_load' } },
    ],
  })
  expect(await send('DELETE', `${api}/datasets/raw?deleteContents=True&alt=json`)).toMatchObject({
    status: 204,
  })
})

async function done(jobId: string): Promise<void> {
  for (;;) {
    const { json } = await send('GET', `${api}/jobs/${jobId}?alt=json`)
    const { state, errorResult } = json['status'] as { state: string; errorResult?: unknown }
    expect(errorResult).toBeUndefined()
    if (state === 'DONE') return
  }
}
