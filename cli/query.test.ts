import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Clients } from '../deploy/clients.ts'
import type { Output } from './command.ts'
import { openConnection, type Connection } from './connection.ts'
import { runShell } from './query-shell.ts'
import { run } from './program.ts'
import { runQuery } from './run-query.ts'

const state = mkdtempSync(join(tmpdir(), 'dag-query-'))
let connection: Connection

function collector(terminal = false) {
  const lines = { out: [] as string[], note: [] as string[], bytes: [] as Uint8Array[] }
  const output: Output = {
    out: (text) => lines.out.push(text),
    note: (text) => lines.note.push(text),
    bytes: (data) => lines.bytes.push(data),
    terminal,
    draw: () => {},
    live: false,
    width: 100,
  }
  return { lines, output }
}

const options = {
  text: (name: string) => (name === 'state' ? state : undefined),
  flag: () => false,
  list: () => [],
}

beforeAll(async () => {
  const { output } = collector()
  const signal = new AbortController().signal
  // Holds the folder, so that the commands below go through its server.
  connection = await openConnection({ arguments: [], options, output, signal })
})
afterAll(async () => {
  await connection.close()
  rmSync(state, { recursive: true })
})

async function dag(argv: readonly string[], terminal = false) {
  const { lines, output } = collector(terminal)
  const code = await run(['query', ...argv, '--state', state], output, new AbortController().signal)
  return { code, out: lines.out.join('\n'), note: lines.note.join('\n'), bytes: lines.bytes }
}

async function shell(script: string, clients: Clients = connection.clients) {
  const { lines, output } = collector()
  const code = await runShell({
    clients,
    input: Readable.from([script]),
    output,
    signal: new AbortController().signal,
    format: 'table',
    maxRows: 10,
    parameters: [],
    history: [],
    saveHistory: () => {},
  })
  return { code, out: lines.out.join('\n'), note: lines.note.join('\n') }
}

test('exact values, parameters and nested values', async () => {
  const sql =
    "SELECT 9007199254740993 AS big, @day AS day, NUMERIC '0.1' AS n, STRUCT(1 AS a, ['x'] AS b) AS s, TIMESTAMP '2024-01-02 03:04:05.6Z' AS t"
  const { code, out } = await dag([sql, '--param', 'day:DATE:2026-03-09', '--format', 'json'])
  expect(code).toBe(0)
  expect(JSON.parse(out)).toEqual([
    {
      big: '9007199254740993',
      day: '2026-03-09',
      n: 0.1,
      s: { a: 1, b: ['x'] },
      t: '2024-01-02T03:04:05.6Z',
    },
  ])
})

test('a long table is cut and says so; --max-rows and other formats go on', async () => {
  const sql = 'SELECT x FROM UNNEST(GENERATE_ARRAY(1, 12345)) AS x ORDER BY x'
  const table = await dag([sql])
  expect(table.out.split('\n').at(-1)).toMatch(/^\(the first 1000 of 12345 rows;/)
  const few = await dag([sql, '--max-rows', '2', '--format', 'csv'])
  expect(few.out).toBe('x\n1\n2')
  const all = await dag([sql, '--format', 'csv'])
  expect(all.out.split('\n')).toHaveLength(12_346)
})

test('a file in, a Parquet file out, which the warehouse reads back', async () => {
  const file = join(state, 'q.sql')
  const rows = join(state, 'rows.parquet')
  writeFileSync(file, "SELECT 1 AS id, ['a', 'b'] AS tags, NUMERIC '1.25' AS n, DATE '2024-01-02' AS d\n")
  const { code, out, note } = await dag(['--file', file, '--format', 'parquet', '--output', rows])
  expect({ code, out, note }).toEqual({ code: 0, out: '', note: `1 row in ${rows}` })
  const bytes = readFileSync(rows)
  expect(bytes.subarray(0, 4).toString()).toBe('PAR1')
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create()
  const reader = await (
    await instance.connect()
  ).runAndReadAll(
    `SELECT id, len(tags) AS tags, CAST(n AS VARCHAR) AS n, CAST(d AS VARCHAR) AS d FROM '${rows}'`,
  )
  expect(reader.getRowsJson()).toEqual([['1', '2', '1.250000000', '2024-01-02']])
  const piped = await dag(['--file', file, '--format', 'parquet'])
  expect(Buffer.from(piped.bytes[0]!).subarray(0, 4).toString()).toBe('PAR1')
})

test.each([
  [['SELECT 1', '--format', 'parquet'], /no text that a terminal could show[\s\S]*--output rows\.parquet/],
  [[], /no statement is given[\s\S]*--shell/],
  [['SELECT 1', '--file', 'x.sql'], /both a statement and --file/],
  [['--file', 'no-such.sql'], /the file cannot be read/],
  [['--shell', '--format', 'parquet'], /--shell and --format parquet exclude each other/],
  [['SELECT 1', '--param', 'x'], /it takes name:type:value/],
  [['SELECT\n  genr'], /Unrecognized name: genr[\s\S]*\n {9}genr\n {9}\^/],
])('dag query %j is a user error', async (argv, message) => {
  const { code, note } = await dag(argv, true)
  expect(code).toBe(1)
  expect(note).toMatch(message)
})

test('the shell takes statements over several lines, scripts and its own commands', async () => {
  const { code, out, note } = await shell(`
CREATE SCHEMA shop;
CREATE TABLE shop.item (id INT64 NOT NULL, name STRING)
  CLUSTER BY id;
INSERT shop.item VALUES (1, 'a;b'), (2, NULL);
SELECT name
FROM shop.item
ORDER BY id;
BEGIN
  DECLARE n INT64 DEFAULT (SELECT COUNT(*) FROM shop.item);
  SELECT n * 2 AS twice;
END;
.tables shop
.schema shop.item
.format csv
SELECT id FROM shop.item ORDER BY id`)
  expect({ code, note }).toEqual({ code: 0, note: '' })
  expect(out.split('\n')).toEqual([
    'create schema: done',
    'create table: done',
    'insert: 2 rows',
    'name',
    'a;b',
    'NULL',
    '(2 rows)',
    'twice',
    '    4',
    '(1 row)',
    'dataset  name  type',
    'shop     item  BASE TABLE',
    '(1 row)',
    'name  type    nullable  partitions  clusters',
    'id    INT64   NO        NO                 1',
    'name  STRING  YES       NO              NULL',
    '(2 rows)',
    'id',
    '1',
    '2',
  ])
})

test('a mistake in a piped script is told with its place; the rest runs; the code is 1', async () => {
  const { code, out, note } = await shell('SELECT x;\n.nope\nSELECT 2 AS two;\n.quit\nSELECT 3;')
  expect(code).toBe(1)
  expect(note).toContain('Unrecognized name: x at [1:8]\n       SELECT x\n              ^')
  expect(note).toContain('there is no command .nope')
  expect(out).toBe('two\n  2\n(1 row)')
})

test('a query that is given up is cancelled, and the shell goes on', async () => {
  const stop = new AbortController()
  const sql =
    'SELECT SUM(a * b) FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS a, UNNEST(GENERATE_ARRAY(1, 100000)) AS b WHERE MOD(a * b, 7) = 3'
  const answer = runQuery(connection.clients, sql, { signal: stop.signal })
  setTimeout(() => stop.abort(), 200)
  await expect(answer).rejects.toThrow(/cancelled/i)
  expect((await shell('SELECT 1 AS one;')).out).toBe('one\n  1\n(1 row)')
})
