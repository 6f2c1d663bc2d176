import type { Job, JobMetadata } from '@google-cloud/bigquery'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWarehouse } from '../../warehouse/index.ts'
import { project, startBigQuery, type BigQueryFixture } from './testing/fixture.ts'

let cloud: BigQueryFixture

beforeAll(async () => {
  cloud = await startBigQuery((dir) => openWarehouse({ dir, project }))
  await cloud.client.createDataset('d')
})
afterAll(() => cloud.stop())

async function metadataOf(job: Job): Promise<JobMetadata> {
  return ((await job.getMetadata()) as unknown as [JobMetadata])[0]
}

test('the statements of a script are jobs of their own, listed under it', async () => {
  const sql = `DECLARE n INT64 DEFAULT 2;
CREATE TABLE d.t AS SELECT n AS x;
INSERT d.t VALUES (3), (4);
SELECT SUM(x) AS total FROM d.t;`
  const [job] = await cloud.client.createQueryJob({ query: sql, labels: { layer: 'dmt' } })
  const [rows] = await job.getQueryResults()
  expect(rows).toEqual([{ total: 9 }])
  const metadata = await metadataOf(job)
  expect(metadata.statistics).toMatchObject({ numChildJobs: '3', query: { statementType: 'SCRIPT' } })

  const [children] = await cloud.client.getJobs({ parentJobId: job.id! })
  const told = await Promise.all(children.toReversed().map(metadataOf))
  expect(told.map(({ statistics }) => statistics?.query?.statementType)).toEqual([
    'CREATE_TABLE_AS_SELECT',
    'INSERT',
    'SELECT',
  ])
  expect(told[1]).toMatchObject({
    status: { state: 'DONE' },
    configuration: { query: { query: 'INSERT d.t VALUES (3), (4)' } },
    statistics: {
      parentJobId: job.id,
      query: { numDmlAffectedRows: '2' },
      scriptStatistics: {
        evaluationKind: 'STATEMENT',
        stackFrames: [{ startLine: 3, startColumn: 1, endLine: 3, endColumn: 27 }],
      },
    },
  })
  const [last] = await children[0]!.getQueryResults()
  expect(last).toEqual([{ total: 9 }])
  const [top] = await cloud.client.getJobs()
  expect(top.some(({ id }) => id === children[0]!.id)).toBe(false)
})

test('a statement of a script that fails is told of in its job', async () => {
  const [job] = await cloud.client.createQueryJob('SELECT 1;\nSELECT ERROR("boo");')
  await expect(job.getQueryResults()).rejects.toThrow('boo')
  const [children] = await cloud.client.getJobs({ parentJobId: job.id! })
  expect((await metadataOf(children[0]!)).status?.errorResult).toMatchObject({ reason: 'invalidQuery' })
  expect((await metadataOf(children[1]!)).status?.errorResult).toBeUndefined()
})

test('INFORMATION_SCHEMA.JOBS lists them all with their types', async () => {
  await cloud.client.query({ query: 'SELECT x FROM d.t', jobId: 'reading', labels: { k: 'v' } })
  await cloud.client.query('SELECT * FROM d.nope').catch(() => undefined)
  const [rows] = await cloud.client.query(
    "SELECT job_type, statement_type, state, query, labels, referenced_tables, error_result, end_time >= creation_time AS ended FROM `region-us`.INFORMATION_SCHEMA.JOBS_BY_PROJECT WHERE job_id = 'reading'",
  )
  expect(rows).toEqual([
    {
      job_type: 'QUERY',
      statement_type: 'SELECT',
      state: 'DONE',
      query: 'SELECT x FROM d.t',
      labels: [{ key: 'k', value: 'v' }],
      referenced_tables: [{ project_id: project, dataset_id: 'd', table_id: 't' }],
      error_result: null,
      ended: true,
    },
  ])
  const [counts] = await cloud.client.query(
    "SELECT COUNTIF(parent_job_id IS NOT NULL) AS children, COUNTIF(error_result.reason = 'notFound') AS missing FROM `region-us`.INFORMATION_SCHEMA.JOBS",
  )
  expect(counts).toEqual([{ children: 5, missing: 1 }])
  const [elsewhere] = await cloud.client.query(
    'SELECT COUNT(*) AS n FROM `region-eu`.INFORMATION_SCHEMA.JOBS',
  )
  expect(elsewhere).toEqual([{ n: 0 }])
})
