import { gzipSync } from 'node:zlib'
import type { Job, JobMetadata } from '@google-cloud/bigquery'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWarehouse } from '../../warehouse/index.ts'
import { project, startBigQuery, type BigQueryFixture } from './testing/fixture.ts'

/** The real warehouse through Google's client: what the pipelines do with it. */
let cloud: BigQueryFixture

describe('over DuckDB', () => {
  beforeAll(async () => {
    cloud = await startBigQuery((dir) => openWarehouse({ dir, project }))
    await cloud.client.createDataset('raw')
    await cloud.client.createDataset('tru')
    await cloud.storage.createBucket('lake')
  })
  afterAll(() => cloud.stop())

  async function finished(job: Job): Promise<JobMetadata> {
    for (;;) {
      const [metadata] = (await job.getMetadata()) as unknown as [JobMetadata]
      if (metadata.status?.state === 'DONE') return metadata
    }
  }

  async function rows(query: string, params?: object): Promise<unknown[]> {
    const [found] = await cloud.client.query({ query, ...(params === undefined ? {} : { params }) })
    return found as unknown[]
  }

  test('a day is loaded into its partition, again and again', async () => {
    await cloud.client.dataset('raw').createTable('list', {
      schema: 'id:INTEGER,title:STRING,score:FLOAT,genres:STRING,day:DATE,at:TIMESTAMP',
      timePartitioning: { type: 'DAY', field: 'day' },
      clustering: { fields: ['id'] },
    })
    const line = (id: string, day: string) =>
      `{"id":${id},"title":"T${id}","score":8.5,"genres":"Drama","day":"${day}","at":"${day}T10:00:00Z"}\n`
    const file = cloud.storage.bucket('lake').file('day/1.ndjson.gz')
    await file.save(gzipSync(line('1', '2024-01-02') + line('9007199254740993', '2024-01-02')), {
      resumable: false,
    })
    const load = async (partition: string) => {
      const configuration = {
        load: {
          sourceUris: ['gs://lake/day/*.ndjson.gz'],
          sourceFormat: 'NEWLINE_DELIMITED_JSON',
          destinationTable: { projectId: project, datasetId: 'raw', tableId: `list$${partition}` },
          writeDisposition: 'WRITE_TRUNCATE',
        },
      }
      const [job] = await cloud.client.createJob({ configuration })
      return finished(job)
    }
    for (let times = 0; times < 2; times += 1) {
      const metadata = await load('20240102')
      expect(metadata.status).toMatchObject({ state: 'DONE' })
      expect(metadata.status?.errorResult).toBeUndefined()
      expect(metadata.statistics?.load).toMatchObject({ inputFiles: '1', outputRows: '2' })
    }
    expect(await rows('SELECT COUNT(*) AS n, MAX(id) AS top FROM raw.list')).toEqual([
      { n: 2, top: expect.anything() as unknown },
    ])
    const [exact] = await cloud.client.query({
      query: 'SELECT MAX(id) AS top FROM raw.list',
      wrapIntegers: true,
    })
    expect(exact).toMatchObject([{ top: { value: '9007199254740993' } }])
    expect((await load('20240103')).status?.errorResult).toMatchObject({ reason: 'invalid' })
    const [metadata] = await cloud.client.dataset('raw').table('list').getMetadata()
    expect(metadata).toMatchObject({ numRows: '2', timePartitioning: { type: 'DAY', field: 'day' } })
  })

  test('parameters, types and paging', async () => {
    expect(
      await rows(
        'SELECT @n + 1 AS n, @s AS s, @list AS list, @day AS day, TIMESTAMP "2024-01-02 03:04:05.123456" AS t',
        {
          n: 4,
          s: "it's",
          list: ['a', 'b'],
          day: cloud.client.date('2024-01-31'),
        },
      ),
    ).toMatchObject([
      {
        n: 5,
        s: "it's",
        list: ['a', 'b'],
        day: { value: '2024-01-31' },
        t: { value: '2024-01-02T03:04:05.123456000Z' },
      },
    ])
    const [job] = await cloud.client.createQueryJob(
      'SELECT n FROM UNNEST(GENERATE_ARRAY(1, 2500)) AS n ORDER BY n',
    )
    const [, next] = await job.getQueryResults({ maxResults: 1000, autoPaginate: false })
    const [second] = await job.getQueryResults({ ...next, maxResults: 1000, autoPaginate: false })
    expect([second[0], second.length]).toEqual([{ n: 1001 }, 1000])
    const [all] = await job.getQueryResults()
    expect([all.length, all.at(-1)]).toEqual([2500, { n: 2500 }])
  })

  test('MERGE counts, destination tables, dry runs', async () => {
    await cloud.client.query('CREATE TABLE tru.entry (id INT64, title STRING)')
    const merge = `MERGE tru.entry AS t USING (SELECT id, title FROM raw.list) AS s ON t.id = s.id
      WHEN MATCHED THEN UPDATE SET title = s.title WHEN NOT MATCHED THEN INSERT (id, title) VALUES (s.id, s.title)`
    const counts = async () => {
      const [job] = await cloud.client.createQueryJob(merge)
      return (await finished(job)).statistics?.query
    }
    expect(await counts()).toMatchObject({
      statementType: 'MERGE',
      numDmlAffectedRows: '2',
      dmlStats: { insertedRowCount: '2' },
    })
    expect(await counts()).toMatchObject({ dmlStats: { insertedRowCount: '0', updatedRowCount: '2' } })
    const [job] = await cloud.client.createQueryJob({
      query: 'SELECT title FROM tru.entry',
      destination: cloud.client.dataset('tru').table('titles'),
      writeDisposition: 'WRITE_TRUNCATE',
    })
    expect((await finished(job)).status?.errorResult).toBeUndefined()
    expect((await cloud.client.dataset('tru').table('titles').getRows())[0]).toHaveLength(2)
    const [, dry] = await cloud.client.createQueryJob({ query: 'SELECT title FROM tru.entry', dryRun: true })
    expect(dry).toMatchObject({
      statistics: {
        query: {
          statementType: 'SELECT',
          referencedTables: [{ projectId: project, datasetId: 'tru', tableId: 'entry' }],
          schema: { fields: [{ name: 'title', type: 'STRING' }] },
        },
      },
    })
  })

  test('a procedure is made and called with named parameters', async () => {
    await cloud.client
      .query(`CREATE OR REPLACE PROCEDURE tru.build_entry__abc(run_id STRING, reference_date DATE)
      BEGIN
        DELETE FROM tru.entry WHERE TRUE;
        INSERT INTO tru.entry (id, title) SELECT id, CONCAT(title, run_id) FROM raw.list WHERE day = reference_date;
      END`)
    const [routines] = await cloud.client.dataset('tru').getRoutines()
    expect(routines.map(({ id }) => id)).toEqual(['build_entry__abc'])
    const [job] = await cloud.client.createQueryJob({
      query: 'CALL tru.build_entry__abc(@run_id, @reference_date)',
      params: { run_id: '-r1', reference_date: cloud.client.date('2024-01-02') },
      jobId: 'anilist__tru_entry__r1__e-1',
      location: 'US',
    })
    expect((await finished(job)).status?.errorResult).toBeUndefined()
    expect(await rows('SELECT title FROM tru.entry ORDER BY title LIMIT 1')).toEqual([{ title: 'T1-r1' }])
  })

  test("mistakes are told with BigQuery's reasons and places", async () => {
    await expect(cloud.client.query('SELECT FROM')).rejects.toMatchObject({
      code: 400,
      errors: [{ reason: 'invalidQuery' }],
    })
    await expect(cloud.client.query('SELECT * FROM raw.absent')).rejects.toMatchObject({
      code: 404,
      errors: [{ reason: 'notFound' }],
    })
    await expect(cloud.client.query('SELECT nothing FROM raw.list')).rejects.toMatchObject({ code: 400 })
  })

  test('rows by insertAll, extract, copy', async () => {
    const [table] = await cloud.client
      .dataset('raw')
      .createTable('events', { schema: 'id:INTEGER,name:STRING' })
    await table.insert([
      { id: 1, name: 'a' },
      { id: 2, name: null },
    ])
    const [copy] = await table.createCopyJob(cloud.client.dataset('raw').table('events_copy'))
    expect((await finished(copy)).status?.errorResult).toBeUndefined()
    const [extract] = await cloud.client
      .dataset('raw')
      .table('events_copy')
      .createExtractJob(cloud.storage.bucket('lake').file('out/events.csv'))
    expect((await finished(extract)).status?.errorResult).toBeUndefined()
    const [text] = await cloud.storage.bucket('lake').file('out/events.csv').download()
    expect(text.toString().trim().split('\n').toSorted()).toEqual(['1,a', '2,', 'id,name'])
  })
})
