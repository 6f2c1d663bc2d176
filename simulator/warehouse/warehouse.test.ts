import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openWarehouse } from './open.ts'
import type { LoadRequest, QueryRequest, QueryResult, TableMetadata, Warehouse } from './warehouse.ts'

const DAY = 86_400_000
const NOW = Date.parse('2024-06-15T12:00:00Z')
let dir: string
let warehouse: Warehouse

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'warehouse-'))
  warehouse = await open()
  await warehouse.createDataset({ dataset: 'd', location: 'US', labels: {}, createdAt: NOW, modifiedAt: NOW })
})

afterEach(async () => {
  await warehouse.close()
  rmSync(dir, { recursive: true, force: true })
})

function open(): Promise<Warehouse> {
  return openWarehouse({ dir: join(dir, 'w'), project: 'p', threads: 2 })
}

function run(sql: string, more: Partial<QueryRequest> = {}): Promise<QueryResult> {
  return warehouse.query({ sql, project: 'p', parameters: [], now: NOW, ...more })
}

async function rows(sql: string, more: Partial<QueryRequest> = {}): Promise<unknown> {
  const result = await run(sql, more)
  return result.rows.read(0, 1000)
}

function table(
  name: string,
  schema: TableMetadata['schema'],
  more: Partial<TableMetadata> = {},
): TableMetadata {
  return {
    dataset: 'd',
    table: name,
    kind: 'TABLE',
    schema,
    labels: {},
    createdAt: NOW,
    modifiedAt: NOW,
    ...more,
  }
}

function file(name: string, content: string | Buffer, gzip = false): LoadRequest['files'][number] {
  const path = join(dir, name)
  writeFileSync(path, content)
  return { path, name: `gs://b/${name}`, gzip }
}

function load(
  request: Partial<LoadRequest> & Pick<LoadRequest, 'files' | 'format'>,
): ReturnType<Warehouse['load']> {
  return warehouse.load({
    destination: { dataset: 'd', table: 't' },
    writeDisposition: 'WRITE_APPEND',
    createDisposition: 'CREATE_IF_NEEDED',
    now: NOW,
    ...request,
  })
}

describe('load', () => {
  const schema = [
    { name: 'id', type: 'INT64', mode: 'REQUIRED' },
    { name: 'big', type: 'INT64', mode: 'NULLABLE' },
    { name: 'j', type: 'JSON', mode: 'NULLABLE' },
    { name: 'tags', type: 'STRING', mode: 'REPEATED' },
    {
      name: 's',
      type: 'STRUCT',
      mode: 'NULLABLE',
      fields: [
        { name: 'y', type: 'INT64', mode: 'NULLABLE' },
        { name: 'd', type: 'DATE', mode: 'NULLABLE' },
      ],
    },
    { name: 'ts', type: 'TIMESTAMP', mode: 'NULLABLE' },
  ] as const

  it('NDJSON with nested, repeated and JSON columns and integers beyond 2^53', async () => {
    const line =
      '{"id":1,"big":9007199254740993,"j":{"b":[1,2.50],"a":9007199254740993},"tags":["x","y"],"s":{"y":2024,"d":"2024-01-31"},"ts":"2024-01-31T10:00:00.5Z"}\n{"id":"2"}\n'
    const result = await load({
      files: [file('a', gzipSync(line), true)],
      format: 'NEWLINE_DELIMITED_JSON',
      schema,
    })
    // 6 INT64, 27 characters of text in 3 strings, DATE and TIMESTAMP.
    expect(result).toEqual({ outputRows: 2, outputBytes: 90, badRecords: 0, errors: [] })
    expect(await rows('SELECT * FROM d.t ORDER BY id')).toEqual([
      [
        '1',
        '9007199254740993',
        '{"a":9007199254740993,"b":[1,2.5]}',
        ['x', 'y'],
        ['2024', '2024-01-31'],
        1706695200500000n,
      ],
      ['2', null, null, [], null, null],
    ])
  })

  it('tells which jobs have had their effect, until it is closed', async () => {
    const fields = [{ name: 'a', type: 'INT64', mode: 'NULLABLE' }] as const
    const result = await load({ files: [file('a', '1\n')], format: 'CSV', schema: fields, jobKey: 'US.one' })
    await run('INSERT d.t (a) VALUES (2)', { jobKey: 'US.two' })
    await expect(run('INSERT d.t (a) VALUES (DIV(1, 0))', { jobKey: 'US.three' })).rejects.toThrow(
      'division by zero',
    )
    // A script of several statements may have been half done.
    await run('INSERT d.t (a) VALUES (3); INSERT d.t (a) VALUES (4)', { jobKey: 'US.four' })
    const keys = ['US.one', 'US.two', 'US.three', 'US.four', 'US.five']
    const before = await warehouse.committedJobs(keys)
    expect([...before]).toEqual([
      ['US.one', result],
      ['US.two', null],
    ])
    await warehouse.close()
    warehouse = await open()
    expect(await warehouse.committedJobs(keys)).toEqual(new Map())
  })

  it('refuses unknown fields unless they are ignored, and counts bad records', async () => {
    const files = [file('a', '{"id":1}\n{"id":2,"x":3}\n{"id":"q"}\nnot json\n')]
    const failed = load({ files, format: 'NEWLINE_DELIMITED_JSON', schema })
    await expect(failed).rejects.toThrow(
      /JSON table encountered too many errors, giving up. Rows: 4; errors: 3/,
    )
    await expect(failed).rejects.toMatchObject({
      more: [
        { message: expect.stringMatching(/Rows: 4; errors: 3; max bad: 0; error percent: 0.75$/) as string },
        {
          message: expect.stringMatching(
            /row starting at position 9: No such field: x\. File: gs:/,
          ) as string,
        },
        { message: expect.stringMatching(/'string_value: "q"' to integer\. Field: id; Value: q/) as string },
        { message: expect.stringMatching(/Parser terminated before end of string/) as string },
      ],
    })
    const result = await load({
      files,
      format: 'NEWLINE_DELIMITED_JSON',
      schema,
      ignoreUnknownValues: true,
      maxBadRecords: 2,
    })
    expect([result.outputRows, result.badRecords, result.errors.length]).toEqual([2, 2, 2])
  })

  it('CSV with quotes, NULL marker, header, and bad rows', async () => {
    const fields = [
      { name: 'a', type: 'STRING', mode: 'NULLABLE' },
      { name: 'n', type: 'INT64', mode: 'NULLABLE' },
      { name: 'v', type: 'NUMERIC', mode: 'NULLABLE' },
      { name: 'd', type: 'DATE', mode: 'NULLABLE' },
    ] as const
    const good = 'a,n,v,d\n"x ""q"", y",1,1.5,2024-01-31\n"",,,\n'
    await load({ files: [file('a', good)], format: 'CSV', schema: fields, csv: { skipLeadingRows: 1 } })
    expect(await rows('SELECT * FROM d.t ORDER BY n')).toEqual([
      ['', null, null, null],
      ['x "q", y', '1', '1.5', '2024-01-31'],
    ])
    const bad = [file('b', 'a,1,1,2024-01-31\nb,x,1,2024-01-31\nc,3,1,2024-02-30\nd,4\n')]
    await expect(load({ files: bad, format: 'CSV', schema: fields })).rejects.toThrow(
      /CSV table encountered too many errors, giving up. Rows: 4; errors: 3/,
    )
    const result = await load({
      files: bad,
      format: 'CSV',
      schema: fields,
      maxBadRecords: 3,
      writeDisposition: 'WRITE_TRUNCATE',
    })
    expect(result.outputRows).toBe(1)
    expect(await rows('SELECT a FROM d.t')).toEqual([['a']])
  })

  it('replaces one partition through its decorator and refuses rows of others', async () => {
    const fields = [
      { name: 'd', type: 'DATE', mode: 'NULLABLE' },
      { name: 'v', type: 'INT64', mode: 'NULLABLE' },
    ] as const
    await warehouse.createTable(table('t', fields, { partitioning: { type: 'DAY', field: 'd' } }))
    await run(`INSERT INTO d.t (d, v) VALUES ('2024-06-01', 1), ('2024-06-02', 2)`)
    const json = {
      format: 'NEWLINE_DELIMITED_JSON',
      partition: '20240602',
      writeDisposition: 'WRITE_TRUNCATE',
      schema: fields,
    } as const
    for (let i = 0; i < 2; i++) await load({ ...json, files: [file('a', '{"d":"2024-06-02","v":20}\n')] })
    expect(await rows('SELECT v FROM d.t ORDER BY d')).toEqual([['1'], ['20']])
    await expect(load({ ...json, files: [file('a', '{"d":"2024-06-03","v":20}\n')] })).rejects.toThrow(
      /different partitions/,
    )
    expect(await rows('SELECT v FROM d.t ORDER BY d')).toEqual([['1'], ['20']])
  })

  it('detects schemas; Parquet comes back as it went', async () => {
    await run(
      `CREATE TABLE d.src AS SELECT 1 AS i, 1.5 AS f, 'x' AS s, DATE '2024-01-31' AS d, TIMESTAMP '2024-01-31 10:00:00+00' AS ts, [1, 2] AS l, STRUCT(1 AS a) AS st, TRUE AS b`,
    )
    const path = join(dir, 'x.parquet')
    expect(
      await warehouse.extract({
        source: { dataset: 'd', table: 'src' },
        file: path,
        format: 'PARQUET',
        gzip: false,
        printHeader: false,
        fieldDelimiter: ',',
        now: NOW,
      }),
    ).toEqual({ rows: 1 })
    const parquet = { files: [{ path, name: 'gs://b/x', gzip: false }], format: 'PARQUET' } as const
    await load({ ...parquet, parquet: { enableListInference: true } })
    expect(await rows('SELECT * FROM d.t')).toEqual(await rows('SELECT * FROM d.src'))
    await load({ ...parquet, destination: { dataset: 'd', table: 'groups' } })
    expect(await rows('SELECT l.list[OFFSET(1)].element, st.a FROM d.groups')).toEqual([['2', '1']])
    await load({
      files: [file('c', 'id,name,at\n1,a,2024-01-31\n')],
      format: 'CSV',
      autodetect: true,
      destination: { dataset: 'd', table: 'csv' },
    })
    const found = await warehouse.getTable({ dataset: 'd', table: 'csv' }, NOW)
    expect(found?.schema.map((field) => [field.name, field.type])).toEqual([
      ['id', 'INT64'],
      ['name', 'STRING'],
      ['at', 'DATE'],
    ])
  })

  it('extracts JSON and CSV', async () => {
    await run(
      `CREATE TABLE d.src AS SELECT 1 AS i, 'x,"y"' AS s, TIMESTAMP '2024-01-31 10:00:00+00' AS ts, CAST(NULL AS STRING) AS n`,
    )
    const path = join(dir, 'out')
    const base = {
      source: { dataset: 'd', table: 'src' },
      file: path,
      gzip: false,
      printHeader: true,
      fieldDelimiter: ',',
      now: NOW,
    }
    await warehouse.extract({ ...base, format: 'CSV' })
    expect(readFileSync(path, 'utf8')).toBe('i,s,ts,n\n1,"x,""y""",2024-01-31 10:00:00 UTC,\n')
    await warehouse.extract({ ...base, format: 'NEWLINE_DELIMITED_JSON' })
    expect(readFileSync(path, 'utf8')).toBe('{"i":"1","s":"x,\\"y\\"","ts":"2024-01-31 10:00:00 UTC"}\n')
  })
})

describe('streaming insert, copy, destination tables', () => {
  const schema = [
    { name: 'id', type: 'INT64', mode: 'REQUIRED' },
    { name: 's', type: 'STRING', mode: 'NULLABLE' },
  ] as const

  it('refuses a whole request for one bad row, or skips it', async () => {
    await warehouse.createTable(table('t', schema))
    const options = { ignoreUnknownValues: false, skipInvalidRows: false, now: NOW }
    const name = { dataset: 'd', table: 't' }
    const refused = await warehouse.insertRows(name, [{ id: 1 }, { id: 'x' }], options)
    expect(refused.map((item) => [item.index, item.problem.reason])).toEqual([
      [0, 'stopped'],
      [1, 'invalid'],
    ])
    await warehouse.insertRows(name, [{ id: 1 }, { id: 'x' }], { ...options, skipInvalidRows: true })
    expect(await rows('SELECT * FROM d.t')).toEqual([['1', null]])
  })

  it('writes a query into a table and copies it', async () => {
    const destination = {
      table: { dataset: 'd', table: 'r' },
      writeDisposition: 'WRITE_EMPTY',
      createDisposition: 'CREATE_IF_NEEDED',
    } as const
    const result = await run('SELECT x FROM UNNEST([1, 2]) AS x ORDER BY x', { destination })
    expect(await result.rows.read(0, 9)).toEqual([['1'], ['2']])
    await expect(run('SELECT 3 AS x', { destination })).rejects.toMatchObject({ reason: 'duplicate' })
    await run('SELECT 3 AS x', { destination: { ...destination, writeDisposition: 'WRITE_APPEND' } })
    const copy = {
      sources: [{ dataset: 'd', table: 'r' }],
      destination: { dataset: 'd', table: 'c' },
      writeDisposition: 'WRITE_TRUNCATE',
      createDisposition: 'CREATE_IF_NEEDED',
      now: NOW,
    } as const
    expect(await warehouse.copy(copy)).toEqual({ rows: 3 })
    const page = await warehouse.readTable({ dataset: 'd', table: 'c' }, NOW)
    expect([page.rows.count, await page.rows.read(1, 1)]).toEqual([3, [['2']]])
  })
})

describe('scripts and procedures', () => {
  beforeEach(async () => {
    await run('CREATE TABLE d.t (d DATE, v INT64) PARTITION BY d')
    await run(`INSERT d.t VALUES ('2024-06-01', 1), ('2024-06-02', 2)`)
  })

  it('passes parameters to a procedure, whose arguments are names in its SQL', async () => {
    await run(`CREATE OR REPLACE PROCEDURE d.build(reference_date DATE, factor INT64)
      BEGIN
        BEGIN TRANSACTION;
        DELETE FROM d.t WHERE d = reference_date;
        INSERT INTO d.t (d, v) SELECT reference_date, 10 * factor;
        COMMIT TRANSACTION;
        SELECT SUM(v) AS total FROM d.t;
      END`)
    const parameters = [{ name: 'day', type: { type: 'DATE' }, value: { value: '2024-06-02' } }]
    const result = await run('CALL d.build(@day, 3)', { parameters })
    expect([result.statementType, result.dml, await result.rows.read(0, 1)]).toEqual([
      'CALL',
      { inserted: 1, updated: 0, deleted: 1 },
      [['31']],
    ])
  })

  it('a failing statement leaves earlier ones applied, a transaction none', async () => {
    await expect(run(`DELETE FROM d.t WHERE v = 1; SELECT 1/0`)).rejects.toThrow(
      /division by zero.*at \[1:30\]/,
    )
    expect(await rows('SELECT v FROM d.t')).toEqual([['2']])
    await expect(
      run(`BEGIN TRANSACTION; DELETE FROM d.t WHERE TRUE; SELECT 1/0; COMMIT TRANSACTION`),
    ).rejects.toThrow(/division by zero/)
    expect(await rows('SELECT v FROM d.t')).toEqual([['2']])
  })

  it('handles errors, raises, asserts, branches, temporary tables', async () => {
    const script = `
      DECLARE n INT64 DEFAULT 0;
      CREATE TEMP TABLE tmp AS SELECT * FROM d.t;
      BEGIN
        BEGIN TRANSACTION;
        INSERT INTO d.t (d, v) SELECT d, v FROM tmp;
        ASSERT (SELECT COUNT(*) FROM d.t) = 2 AS 'two rows expected';
        COMMIT TRANSACTION;
      EXCEPTION WHEN ERROR THEN
        ROLLBACK TRANSACTION;
        SET n = (SELECT COUNT(*) FROM d.t);
        IF n = 2 THEN
          SELECT n, @@error.message AS message;
        ELSEIF n = 3 THEN
          SELECT 3;
        ELSE
          RAISE USING MESSAGE = 'unexpected';
        END IF;
      END`
    expect(await rows(script)).toEqual([['2', expect.stringContaining('two rows expected')]])
  })

  it('refuses loops and EXECUTE IMMEDIATE', async () => {
    await expect(run('LOOP SELECT 1; END LOOP')).rejects.toThrow(
      'Unsupported in the local warehouse: LOOP statement at 1:1',
    )
    await expect(run(`EXECUTE IMMEDIATE 'SELECT 1'`)).rejects.toThrow(
      'Unsupported in the local warehouse: EXECUTE statement at 1:1',
    )
  })
})

describe('partitions and lifetime', () => {
  it('drops rows of expired partitions and expired tables by the given time', async () => {
    const schema = [{ name: 'd', type: 'DATE', mode: 'NULLABLE' }] as const
    await warehouse.createTable(
      table('t', schema, {
        partitioning: { type: 'DAY', field: 'd', expirationMs: 2 * DAY },
        expiresAt: NOW + 9 * DAY,
      }),
    )
    await run(`INSERT d.t VALUES ('2024-06-14'), ('2024-06-15'), (NULL)`)
    expect((await warehouse.getTable({ dataset: 'd', table: 't' }, NOW))?.numRows).toBe(3)
    expect(await rows('SELECT COUNT(*) FROM d.t', { now: NOW + DAY })).toEqual([['2']])
    expect(await warehouse.getTable({ dataset: 'd', table: 't' }, NOW + 9 * DAY)).toBeNull()
  })

  it('keeps everything over a reopening', async () => {
    await run(
      `CREATE TABLE d.Case (a INT64 OPTIONS(description='x')) OPTIONS(labels=[('layer', 'raw')]); CREATE TABLE d.case_ AS SELECT 1 AS a; INSERT d.Case VALUES (7)`,
    )
    await run('CREATE VIEW d.v AS SELECT a + 1 AS b FROM d.Case')
    await warehouse.close()
    warehouse = await open()
    expect(await rows('SELECT b FROM d.v')).toEqual([['8']])
    const found = await warehouse.getTable({ dataset: 'd', table: 'Case' }, NOW)
    expect([found?.labels, found?.schema[0]?.description]).toEqual([{ layer: 'raw' }, 'x'])
    await expect(run('SELECT 1 FROM d.CASE')).rejects.toMatchObject({ reason: 'notFound' })
  })

  it('many writers and readers at once', async () => {
    await run('CREATE TABLE d.t (k INT64, n INT64)')
    await run('INSERT d.t VALUES (1, 0)')
    const work = Array.from({ length: 12 }, (_, i) => [
      run('UPDATE d.t SET n = n + 1 WHERE k = 1'),
      run(
        `MERGE d.t USING (SELECT ${i + 10} AS k) AS s ON t.k = s.k WHEN NOT MATCHED THEN INSERT (k, n) VALUES (k, 0)`,
      ),
      run('SELECT SUM(n) FROM d.t'),
    ])
    await Promise.all(work.flat())
    expect(await rows('SELECT n, (SELECT COUNT(*) FROM d.t) FROM d.t WHERE k = 1')).toEqual([['12', '13']])
  })

  it('dry run checks and names the tables', async () => {
    await run('CREATE TABLE d.t (a INT64)')
    const result = await run('SELECT a FROM d.t', { dryRun: true })
    expect([result.statementType, result.schema, result.referencedTables]).toEqual([
      'SELECT',
      [{ name: 'a', type: 'INT64', mode: 'NULLABLE' }],
      [{ dataset: 'd', table: 't' }],
    ])
    await expect(run('SELECT b FROM d.t', { dryRun: true })).rejects.toThrow('Unrecognized name: b at [1:8]')
  })

  it('stops when told to', async () => {
    const controller = new AbortController()
    const slow = run(
      'SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 100000)) a, UNNEST(GENERATE_ARRAY(1, 100000)) b WHERE MOD(a * b, 7) = 3',
      { signal: controller.signal },
    )
    setTimeout(() => controller.abort(), 100)
    await expect(slow).rejects.toMatchObject({ reason: 'stopped' })
  })
})
