import type { Job, JobMetadata } from '@google-cloud/bigquery'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWarehouse } from '../../warehouse/index.ts'
import { project, startBigQuery, type BigQueryFixture } from './testing/fixture.ts'

/** What jobs and tables say of bytes and times. */
let cloud: BigQueryFixture

const MB = 1024 * 1024

beforeAll(async () => {
  cloud = await startBigQuery((dir) => openWarehouse({ dir, project }))
  await cloud.client.createDataset('raw')
  await cloud.client.query(`CREATE TABLE raw.t (id INT64, name STRING, day DATE) PARTITION BY day;
    INSERT raw.t VALUES (1, 'abc', '2024-01-01'), (2, NULL, '2024-01-02');
    CREATE TABLE raw.s (id INT64, v FLOAT64);
    INSERT raw.s VALUES (1, 1.5), (3, 2.5), (4, NULL)`)
})
afterAll(() => cloud.stop())

async function run(query: string, dryRun = false) {
  const [job] = (await cloud.client.createQueryJob({ query, dryRun })) as [Job, unknown]
  if (dryRun) return (job.metadata as JobMetadata).statistics!
  for (;;) {
    const [metadata] = (await job.getMetadata()) as unknown as [JobMetadata]
    expect(metadata.status?.errorResult).toBeUndefined()
    if (metadata.status?.state === 'DONE') return metadata.statistics!
  }
}

// raw.t: id 8 + 8, name 2 + 3, day 8 + 8; raw.s: id 8 + 8 + 8, v 8 + 8.
test.each([
  ['SELECT 1', 0, 0],
  ['SELECT id FROM raw.t', 16, 1],
  ['SELECT COUNT(*) FROM raw.t', 0, 1],
  ['SELECT * FROM raw.t', 37, 1],
  ['SELECT t.name, s.v FROM raw.t JOIN raw.s ON s.v = t.id', 16 + 5 + 24 + 16, 2],
  ['INSERT raw.s VALUES (5, 9.5)', 0, 0],
  ['INSERT raw.s (v) SELECT CAST(id AS FLOAT64) FROM raw.t WHERE FALSE', 16, 1],
  ['UPDATE raw.t SET name = name WHERE id = 99', 37, 1],
  ['DELETE FROM raw.t WHERE id = 99', 37, 1],
  [
    'MERGE raw.t USING (SELECT id AS k FROM raw.s WHERE FALSE) ON k = t.id WHEN MATCHED THEN DELETE',
    37 + 32,
    2,
  ],
  [
    'MERGE raw.t USING (SELECT id AS k FROM raw.s WHERE FALSE) ON k = t.id WHEN NOT MATCHED THEN INSERT (id) VALUES (k)',
    32,
    1,
  ],
  ['CREATE OR REPLACE TABLE raw.copy AS SELECT name FROM raw.t', 5, 1],
])('%s: the dry run and the job', async (query, processed, tables) => {
  expect(await run(query, true)).toMatchObject({
    totalBytesProcessed: String(processed),
    query: { totalBytesProcessed: String(processed), totalBytesBilled: '0' },
  })
  expect(await run(query)).toMatchObject({
    totalBytesProcessed: String(processed),
    query: { totalBytesProcessed: String(processed), totalBytesBilled: String(tables * 10 * MB) },
  })
})

test('a script reads what its statements read, each a job of its own', async () => {
  const statistics = await run(
    'DECLARE n INT64; BEGIN SELECT id FROM raw.t; BEGIN TRANSACTION; DELETE FROM raw.t WHERE id = 99; COMMIT TRANSACTION; END',
  )
  expect(statistics).toMatchObject({
    totalBytesProcessed: String(16 + 37),
    query: { totalBytesBilled: String(20 * MB) },
  })
  const [rows] = await cloud.client.query(
    "SELECT total_bytes_processed AS p, total_bytes_billed AS b FROM `region-us`.INFORMATION_SCHEMA.JOBS WHERE query = 'DELETE FROM raw.t WHERE id = 99' AND parent_job_id IS NOT NULL",
  )
  expect(rows).toEqual([{ p: 37, b: 10 * MB }])
})

test('values of every type have a size', async () => {
  await cloud.client
    .query(`CREATE TABLE raw.types AS SELECT INTERVAL 1 DAY AS i, JSON '{"a":1}' AS j, b'ab' AS b,
    TIME '10:00:00' AS t, [STRUCT('x' AS s, NUMERIC '1' AS n)] AS r, BIGNUMERIC '1' AS g, TRUE AS y`)
  // 16 + 2 + 7 + 2 + 2 + 8 + (2 + 1 + 16) + 32 + 1
  expect(await run('SELECT * FROM raw.types')).toMatchObject({ totalBytesProcessed: '89' })
})

test('jobs.query tells the bytes of its job', async () => {
  const [, , response] = (await cloud.client.query({ query: 'SELECT name FROM raw.t' }, {})) as unknown as [
    unknown,
    unknown,
    { totalBytesProcessed: string },
  ]
  expect(response.totalBytesProcessed).toBe('5')
})

test('lastModifiedTime moves with whatever changes rows, and with nothing else', async () => {
  const modified = async () => {
    const [{ lastModifiedTime }] = (await cloud.client
      .dataset('raw')
      .table('m')
      .getMetadata()) as unknown as [{ lastModifiedTime: string }]
    return Number(lastModifiedTime)
  }
  await cloud.client.query('CREATE TABLE raw.m (a INT64)')
  const steps: readonly (readonly [moves: boolean, step: () => Promise<unknown>])[] = [
    [true, () => cloud.client.query('INSERT raw.m VALUES (1), (2)')],
    [false, () => cloud.client.query('SELECT * FROM raw.m')],
    [true, () => cloud.client.query('UPDATE raw.m SET a = 3 WHERE a = 1')],
    [false, () => cloud.client.query('UPDATE raw.m SET a = 3 WHERE a = 77')],
    [
      true,
      () =>
        cloud.client
          .dataset('raw')
          .table('m')
          .insert([{ a: 5 }]),
    ],
    [true, () => cloud.client.query('BEGIN TRANSACTION; DELETE FROM raw.m WHERE a = 5; COMMIT TRANSACTION')],
    [false, () => cloud.client.query('BEGIN TRANSACTION; INSERT raw.m VALUES (6); ROLLBACK TRANSACTION')],
    [
      true,
      () =>
        cloud.client.query(
          'MERGE raw.m USING (SELECT 9 AS k) ON FALSE WHEN NOT MATCHED THEN INSERT VALUES (k)',
        ),
    ],
    [true, () => cloud.client.query('TRUNCATE TABLE raw.m')],
  ]
  for (const [moves, step] of steps) {
    const before = await modified()
    cloud.clock.advance(1000)
    await step()
    expect([String(step), await modified()]).toEqual([String(step), moves ? cloud.clock.now() : before])
    // What a table holds is counted afresh.
    const [rows] = await cloud.client.query('SELECT COUNT(*) AS n FROM raw.m')
    const [{ numRows }] = (await cloud.client.dataset('raw').table('m').getMetadata()) as unknown as [
      { numRows: string },
    ]
    expect(numRows).toBe(String((rows[0] as { n: number }).n))
  }
})

test('sizes in TABLE_STORAGE, __TABLES__ and the resource; long-term once nobody writes for 90 days', async () => {
  await cloud.client.query("CREATE TABLE raw.old AS SELECT DATE '2024-01-01' AS d, 'xyz' AS s")
  const sizes = async () => {
    const [[storage]] = (await cloud.client.query(
      "SELECT total_rows AS n, total_partitions AS p, total_logical_bytes AS b, active_logical_bytes AS a, long_term_logical_bytes AS l FROM raw.INFORMATION_SCHEMA.TABLE_STORAGE WHERE table_name = 'old'",
    )) as unknown as [unknown[]]
    const [[tables]] = (await cloud.client.query(
      "SELECT size_bytes AS b FROM raw.__TABLES__ WHERE table_id = 'old'",
    )) as unknown as [unknown[]]
    const [{ numBytes, numLongTermBytes }] = (await cloud.client
      .dataset('raw')
      .table('old')
      .getMetadata()) as unknown as [{ numBytes: string; numLongTermBytes: string }]
    return [storage, tables, numBytes, numLongTermBytes]
  }
  expect(await sizes()).toEqual([{ n: 1, p: null, b: 13, a: 13, l: 0 }, { b: 13 }, '13', '0'])
  cloud.clock.advance(90 * 86_400_000)
  expect(await sizes()).toEqual([{ n: 1, p: null, b: 13, a: 0, l: 13 }, { b: 13 }, '13', '13'])
  await cloud.client.query("INSERT raw.old VALUES ('2024-01-02', 'z')")
  expect(await sizes()).toEqual([{ n: 2, p: null, b: 24, a: 24, l: 0 }, { b: 24 }, '24', '0'])
})
