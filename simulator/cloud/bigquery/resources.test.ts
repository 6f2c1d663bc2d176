import type { Job, JobMetadata } from '@google-cloud/bigquery'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWarehouse } from '../../warehouse/index.ts'
import { project, startBigQuery, type BigQueryFixture } from './testing/fixture.ts'

/** Tables, routines and policies as resources, over the real warehouse. */
let cloud: BigQueryFixture

const api = `/bigquery/v2/projects/${project}`

beforeAll(async () => {
  cloud = await startBigQuery((dir) => openWarehouse({ dir, project }))
  await cloud.client.createDataset('raw')
  await cloud.storage.createBucket('lake')
})
afterAll(() => cloud.stop())

async function send(method: string, path: string, body?: unknown) {
  const response = await fetch(new URL(`${api}${path}`, cloud.url), {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, json: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) }
}

async function finished(configuration: object): Promise<JobMetadata> {
  const [job] = (await cloud.client.createJob({ configuration })) as [Job, unknown]
  for (;;) {
    const [metadata] = (await job.getMetadata()) as unknown as [JobMetadata]
    if (metadata.status?.state === 'DONE') return metadata
  }
}

const table = (tableId: string) => ({ projectId: project, datasetId: 'raw', tableId })
const fields = (...names: string[]) => ({ fields: names.map((name) => ({ name, type: 'INTEGER' })) })

describe('tables', () => {
  test('friendlyName by REST, by SQL and by a load', async () => {
    await send('POST', '/datasets/raw/tables', {
      tableReference: table('friend'),
      schema: fields('a'),
      friendlyName: 'One',
    })
    expect((await send('GET', '/datasets/raw/tables/friend')).json).toMatchObject({ friendlyName: 'One' })
    await cloud.client.query("ALTER TABLE raw.friend SET OPTIONS (friendly_name = 'Two')")
    expect((await send('GET', '/datasets/raw/tables/friend')).json).toMatchObject({ friendlyName: 'Two' })
    await send('PATCH', '/datasets/raw/tables/friend', { friendlyName: null })
    expect((await send('GET', '/datasets/raw/tables/friend')).json).not.toHaveProperty('friendlyName')
    await cloud.storage.bucket('lake').file('one.csv').save('7\n')
    await finished({
      load: {
        sourceUris: ['gs://lake/one.csv'],
        destinationTable: table('loaded'),
        destinationTableProperties: { friendlyName: 'Three' },
        schema: fields('a'),
      },
    })
    const [rows] = await cloud.client.query(
      "SELECT option_value AS v FROM raw.INFORMATION_SCHEMA.TABLE_OPTIONS WHERE table_name = 'loaded' AND option_name = 'friendly_name'",
    )
    expect(rows).toEqual([{ v: '"Three"' }])
  })

  test('tableConstraints are made, shown, replaced and removed; keys that cannot be are refused', async () => {
    const primary = (...columns: string[]) => ({ primaryKey: { columns } })
    await send('POST', '/datasets/raw/tables', {
      tableReference: table('parent'),
      schema: fields('a', 'b'),
      tableConstraints: primary('a'),
    })
    const foreign = {
      foreignKeys: [
        {
          name: 'to_parent',
          referencedTable: table('parent'),
          columnReferences: [{ referencingColumn: 'p', referencedColumn: 'a' }],
        },
      ],
    }
    const made = await send('POST', '/datasets/raw/tables', {
      tableReference: table('child'),
      schema: fields('id', 'p'),
      tableConstraints: { ...primary('id'), ...foreign },
    })
    expect(made.json['tableConstraints']).toEqual({ ...primary('id'), ...foreign })
    const [keys] = await cloud.client.query(
      "SELECT constraint_name AS n FROM raw.INFORMATION_SCHEMA.TABLE_CONSTRAINTS WHERE table_name = 'child' ORDER BY n",
    )
    expect(keys).toEqual([{ n: 'child.pk$' }, { n: 'child.to_parent' }])
    expect(
      (await send('PATCH', '/datasets/raw/tables/child', { tableConstraints: primary('id', 'p') })).json[
        'tableConstraints'
      ],
    ).toEqual(primary('id', 'p'))
    const gone = await send('PATCH', '/datasets/raw/tables/child', { tableConstraints: null })
    expect(gone.json).not.toHaveProperty('tableConstraints')
    for (const tableConstraints of [
      primary('nothing'),
      {
        foreignKeys: [
          {
            ...foreign.foreignKeys[0],
            columnReferences: [{ referencingColumn: 'p', referencedColumn: 'b' }],
          },
        ],
      },
    ])
      expect(await send('PATCH', '/datasets/raw/tables/child', { tableConstraints })).toMatchObject({
        status: 400,
      })
  })

  test('a load makes a table partitioned by range; one that says something else of a table is refused', async () => {
    await cloud.storage.bucket('lake').file('n.csv').save('5,1\n15,2\n')
    const load = (more: object) =>
      finished({
        load: {
          sourceUris: ['gs://lake/n.csv'],
          destinationTable: table('ranged'),
          schema: fields('n', 'm'),
          writeDisposition: 'WRITE_TRUNCATE',
          ...more,
        },
      })
    const range = { field: 'n', range: { start: '0', end: '100', interval: '10' } }
    expect((await load({ rangePartitioning: range })).status?.errorResult).toBeUndefined()
    expect((await send('GET', '/datasets/raw/tables/ranged')).json).toMatchObject({
      rangePartitioning: range,
      numPartitions: '2',
    })
    expect((await load({})).status?.errorResult).toBeUndefined()
    const refused = await load({ clustering: { fields: ['m'] } })
    expect(refused.status?.errorResult?.message).toContain(
      'Incompatible table partitioning specification. Expects partitioning specification range(start:0,end:100,interval:10,field:n), but input partitioning specification is range(start:0,end:100,interval:10,field:n) clustering(m)',
    )
    const [rows] = await cloud.client.query('SELECT COUNT(*) AS n FROM raw.ranged')
    expect(rows).toEqual([{ n: 2 }])
    await expect(cloud.client.query('CREATE OR REPLACE TABLE raw.ranged AS SELECT 1 AS n')).rejects.toThrow(
      'Cannot replace a table with a different partitioning spec',
    )
  })

  test('a query writes a new table partitioned by range', async () => {
    await finished({
      query: {
        query: 'SELECT n FROM UNNEST([1, 2, 12]) AS n',
        useLegacySql: false,
        destinationTable: table('queried'),
        rangePartitioning: { field: 'n', range: { start: 0, end: 20, interval: 10 } },
      },
    })
    expect((await send('GET', '/datasets/raw/tables/queried')).json).toMatchObject({ numPartitions: '2' })
  })

  test('an extract deals the rows out to its URIs', async () => {
    await cloud.client.query('CREATE TABLE raw.dealt AS SELECT n FROM UNNEST(GENERATE_ARRAY(1, 9)) AS n')
    const metadata = await finished({
      extract: {
        sourceTable: table('dealt'),
        destinationUris: ['gs://lake/a-*.csv', 'gs://lake/b-*.csv'],
        printHeader: false,
      },
    })
    expect(metadata.statistics?.extract).toMatchObject({ destinationUriFileCounts: ['1', '1'] })
    const read = async (name: string) =>
      (await cloud.storage.bucket('lake').file(name).download())[0].toString().trim().split('\n')
    const [a, b] = [await read('a-000000000000.csv'), await read('b-000000000000.csv')]
    expect(Math.min(a.length, b.length)).toBeGreaterThan(0)
    expect([...a, ...b].toSorted()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9'])
  })
})

test('copies that snapshot and clone', async () => {
  await cloud.client.query('CREATE TABLE raw.origin AS SELECT 1 AS n UNION ALL SELECT 2')
  const copy = (operationType: string, tableId: string) =>
    finished({ copy: { sourceTable: table('origin'), destinationTable: table(tableId), operationType } })
  for (const kind of ['SNAPSHOT', 'CLONE']) {
    const made = await copy(kind, kind)
    expect(made.status?.errorResult).toBeUndefined()
    expect(made.statistics?.copy).toMatchObject({ copiedRows: '2' })
    const again = await copy(kind, kind)
    expect(again.status?.errorResult?.message).toContain('Already Exists')
  }
  await expect(cloud.client.query('INSERT raw.SNAPSHOT VALUES (3)')).rejects.toThrow('is a snapshot')
  await cloud.client.query('INSERT raw.CLONE VALUES (3)')
  const [rows] = await cloud.client.query('SELECT COUNT(*) AS n FROM raw.origin')
  expect(rows).toEqual([{ n: 2 }])
})

test('a Buffer as a parameter', async () => {
  const [rows] = await cloud.client.query({
    query: 'SELECT TO_HEX(@b) AS h',
    params: { b: Buffer.from([0, 255, 7]) },
  })
  expect(rows).toEqual([{ h: '00ff07' }])
})

describe('routines', () => {
  test.each([
    [
      "CREATE FUNCTION raw.plus(x INT64, y ARRAY<STRUCT<a INT64, b STRING>>) RETURNS INT64 OPTIONS(description='adds') AS (x + 1)",
      'plus',
      {
        routineType: 'SCALAR_FUNCTION',
        language: 'SQL',
        arguments: [
          { name: 'x', dataType: { typeKind: 'INT64' } },
          {
            name: 'y',
            dataType: {
              typeKind: 'ARRAY',
              arrayElementType: {
                typeKind: 'STRUCT',
                structType: {
                  fields: [
                    { name: 'a', type: { typeKind: 'INT64' } },
                    { name: 'b', type: { typeKind: 'STRING' } },
                  ],
                },
              },
            },
          },
        ],
        returnType: { typeKind: 'INT64' },
        definitionBody: 'x + 1',
        description: 'adds',
      },
    ],
    [
      'CREATE FUNCTION raw.any(x ANY TYPE) AS (x)',
      'any',
      {
        routineType: 'SCALAR_FUNCTION',
        arguments: [{ name: 'x', argumentKind: 'ANY_TYPE' }],
        definitionBody: 'x',
      },
    ],
    [
      'CREATE TABLE FUNCTION raw.upto(n INT64) RETURNS TABLE<v INT64> AS SELECT v FROM UNNEST(GENERATE_ARRAY(1, n)) AS v',
      'upto',
      {
        routineType: 'TABLE_VALUED_FUNCTION',
        arguments: [{ name: 'n', dataType: { typeKind: 'INT64' } }],
        returnTableType: { columns: [{ name: 'v', type: { typeKind: 'INT64' } }] },
        definitionBody: 'SELECT v FROM UNNEST(GENERATE_ARRAY(1, n)) AS v',
      },
    ],
    [
      "CREATE PROCEDURE raw.proc(n INT64, OUT m INT64) OPTIONS(description='sets m') BEGIN SET m = n; END",
      'proc',
      {
        routineType: 'PROCEDURE',
        arguments: [
          { name: 'n', dataType: { typeKind: 'INT64' } },
          { name: 'm', dataType: { typeKind: 'INT64' }, mode: 'OUT' },
        ],
        definitionBody: 'BEGIN SET m = n; END',
        description: 'sets m',
      },
    ],
  ])('%s, and the same made from what it is shown as', async (sql, name, resource) => {
    await cloud.client.query(sql)
    const shown = await send('GET', `/datasets/raw/routines/${name}`)
    expect(shown.json).toMatchObject(resource)
    expect(await send('DELETE', `/datasets/raw/routines/${name}`)).toMatchObject({ status: 204 })
    const { etag: _etag, ...body } = shown.json
    const again = await send('POST', '/datasets/raw/routines', body)
    expect(again.json).toMatchObject(resource)
  })

  test('their descriptions are options', async () => {
    await cloud.client.query("CREATE FUNCTION raw.told() AS (1) OPTIONS(description='one')")
    const [rows] = await cloud.client.query(
      "SELECT option_name AS n, option_type AS t, option_value AS v FROM raw.INFORMATION_SCHEMA.ROUTINE_OPTIONS WHERE specific_name = 'told'",
    )
    expect(rows).toEqual([{ n: 'description', t: 'STRING', v: '"one"' }])
  })
})

test('policies of tables, routines and datasets are kept, with their etag', async () => {
  await cloud.client.query('CREATE TABLE raw.guarded (a INT64); CREATE FUNCTION raw.guarded() AS (1)')
  for (const path of ['/datasets/raw/tables/guarded', '/datasets/raw/routines/guarded', '/datasets/raw']) {
    const before = await send('POST', `${path}:getIamPolicy`, { options: { requestedPolicyVersion: 3 } })
    expect(before).toMatchObject({ status: 200, json: { version: 1 } })
    const bindings = [{ role: 'roles/bigquery.dataViewer', members: ['user:a@example.com'] }]
    const policy = { ...before.json, bindings }
    const set = await send('POST', `${path}:setIamPolicy`, { policy })
    expect(set).toMatchObject({ status: 200, json: { bindings } })
    expect((await send('POST', `${path}:getIamPolicy`)).json).toEqual(set.json)
    // The policy has changed since that etag.
    expect(await send('POST', `${path}:setIamPolicy`, { policy })).toMatchObject({ status: 409 })
  }
  const permissions = ['bigquery.tables.get']
  expect(
    (await send('POST', '/datasets/raw/tables/guarded:testIamPermissions', { permissions })).json,
  ).toEqual({ permissions })
  expect(await send('POST', '/datasets/raw/tables/none:getIamPolicy')).toMatchObject({ status: 404 })
})
