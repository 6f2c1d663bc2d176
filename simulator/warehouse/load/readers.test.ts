import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StoredField } from '../catalog/entry.ts'
import { Database } from '../engine/database.ts'
import { rowsOf } from '../engine/rows.ts'
import { typeOfField } from '../types/type.ts'
import type { ColumnType, LoadRequest } from '../warehouse.ts'
import { csvReader } from './csv.ts'
import type { FormatReader } from './load.ts'
import { jsonReader } from './ndjson.ts'

let dir: string
let database: Database

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'readers-'))
  database = await Database.open({ dir: join(dir, 'w'), threads: 1 })
})
afterAll(async () => {
  await database.close()
  rmSync(dir, { recursive: true, force: true })
})

function field(name: string, type: ColumnType, more: Partial<StoredField> = {}): StoredField {
  return { name, type, mode: 'NULLABLE', ...more }
}

let files = 0

interface Given {
  readonly reader: FormatReader
  readonly schema: readonly StoredField[]
  readonly content: string | Buffer
  readonly more?: Partial<LoadRequest>
}

/** Rows by one way of a reader; null where it leaves the file to the other, the problem's message where it fails. */
async function read(way: 'fast' | 'slow', { reader, schema, content, more }: Given): Promise<unknown> {
  const path = join(dir, `f${files++}`)
  writeFileSync(path, content)
  const request: LoadRequest = {
    destination: { dataset: 'd', table: 't' },
    files: [{ path, name: 'gs://b/f', gzip: content instanceof Buffer && content[0] === 0x1f }],
    format: 'CSV',
    writeDisposition: 'WRITE_APPEND',
    createDisposition: 'CREATE_IF_NEEDED',
    now: 0,
    ...more,
  }
  return database.withConnection(async (connection) => {
    try {
      const from =
        way === 'fast'
          ? await reader.fast(connection, request, schema)
          : (await reader.slow!(connection, request, schema)).from
      if (from === null) return null
      const result = await connection.run(`SELECT * FROM ${from}`)
      const rows = rowsOf(result, schema.map(typeOfField))
      return await rows.read(0, rows.count)
    } catch (error) {
      return (error as Error).message
    }
  })
}

const everything: readonly StoredField[] = [
  field('s', 'STRING'),
  field('i', 'INT64'),
  field('f', 'FLOAT64'),
  field('n', 'NUMERIC'),
  field('b', 'BOOL'),
  field('d', 'DATE'),
  field('dt', 'DATETIME'),
  field('ts', 'TIMESTAMP'),
  field('j', 'JSON'),
]

const nested: readonly StoredField[] = [
  field('id', 'INT64', { mode: 'REQUIRED' }),
  field('tags', 'STRING', { mode: 'REPEATED' }),
  field('r', 'STRUCT', {
    fields: [field('x', 'INT64'), field('l', 'STRUCT', { mode: 'REPEATED', fields: [field('y', 'DATE')] })],
  }),
]

const json = {
  scalars: `{"s":"a\\u0041\\n","i":12,"f":1.5,"n":0.25,"b":true,"d":"2024-01-31","dt":"2024-01-31T10:00:00.5","ts":"2024-01-31 10:00:00+02:00","j":{"b":[1,2.50],"a":null}}
{"s":12,"i":"-7","f":"1e3","n":"12.5","b":"false","d":null,"ts":"2024-01-31T10:00:00Z","j":"x"}

{"s":true,"dt":"2024-01-31 10:00:00"}
`,
  nested: `{"id":1,"tags":["a","b"],"r":{"x":1,"l":[{"y":"2024-01-31"},{"y":null},{}]}}
{"id":2,"tags":[],"r":null}
{"id":3,"r":{"l":[]}}
`,
}

const csv = {
  plain: 'a,12,1.5,0.25,true,2024-01-31,2024-01-31 10:00:00,2024-01-31 10:00:00 UTC,"{""a"":1}"\n,,,,,,,,\n',
  windows: '"",1,2,3,t,2024-01-31,2024-01-31T10:00:00,2024-01-31T10:00:00+02:00,1\r\nx,,,,no,,,,\r\n',
}

/** Where the fast way reads at all, it reads what the slow way does. */
describe('both ways of a reader', () => {
  const cases: readonly (readonly [string, Given])[] = [
    ['JSON, every scalar', { reader: jsonReader, schema: everything, content: json.scalars }],
    ['JSON, gzip', { reader: jsonReader, schema: everything, content: gzipSync(json.scalars) }],
    ['JSON, records and arrays', { reader: jsonReader, schema: nested, content: json.nested }],
    [
      'JSON, unknown members',
      {
        reader: jsonReader,
        schema: nested,
        content: '{"id":1,"x":[1],"r":{"x":1,"more":{}}}\n',
        more: { ignoreUnknownValues: true },
      },
    ],
    ['CSV, every scalar', { reader: csvReader, schema: everything, content: csv.plain }],
    ['CSV, line breaks of Windows', { reader: csvReader, schema: everything, content: csv.windows }],
    ['CSV, gzip', { reader: csvReader, schema: everything, content: gzipSync(csv.plain) }],
    [
      'CSV, tabs, no quotes, two NULL markers',
      {
        reader: csvReader,
        schema: [field('a', 'STRING'), field('b', 'INT64')],
        content: 'h\th\n"x\t1\nNA\t-\n',
        more: {
          csv: { fieldDelimiter: '\t', quote: '', skipLeadingRows: 1, nullMarkers: ['NA', '-'] },
        },
      },
    ],
    [
      'CSV, quoted newlines, jagged rows',
      {
        reader: csvReader,
        schema: [field('a', 'STRING'), field('b', 'INT64')],
        content: '"x\ny",1\nz\n',
        more: { csv: { allowQuotedNewlines: true, allowJaggedRows: true } },
      },
    ],
    [
      'CSV, columns by name',
      {
        reader: csvReader,
        schema: [field('a', 'STRING'), field('b', 'INT64'), field('c', 'INT64')],
        content: 'B,A\n1,x\n',
        more: { csv: { sourceColumnMatch: 'NAME', skipLeadingRows: 1 } },
      },
    ],
    [
      'CSV, formats and a time zone',
      {
        reader: csvReader,
        schema: [field('d', 'DATE'), field('t', 'TIMESTAMP')],
        content: '31/01/2024,2024-01-31 10:00:00\n',
        more: { csv: { dateFormat: 'DD/MM/YYYY', timeZone: 'America/Sao_Paulo' } },
      },
    ],
  ]
  it.each(cases)('%s', async (_, given) => {
    const slow = await read('slow', given)
    expect(slow).toBeInstanceOf(Array)
    expect(await read('fast', given)).toEqual(slow)
  })
})

/** What is not plain is left to the slow way, which refuses it or reads it. */
describe('the fast way gives up', () => {
  const text = [field('a', 'STRING'), field('b', 'INT64')]
  const cases: readonly (readonly [string, Given, unknown])[] = [
    ['an object in a STRING', { reader: jsonReader, schema: text, content: '{"a":{}}\n' }, /too many errors/],
    ['a number as written', { reader: jsonReader, schema: text, content: '{"a":1.50}\n' }, [['1.5', null]]],
    ['a key in other letters', { reader: jsonReader, schema: text, content: '{"A":"x"}\n' }, [['x', null]]],
    ['an unknown key', { reader: jsonReader, schema: text, content: '{"c":1}\n' }, /too many errors/],
    ['a key twice', { reader: jsonReader, schema: text, content: '{"b":1,"b":2}\n' }, [[null, '2']]],
    ['a REQUIRED that is null', { reader: jsonReader, schema: nested, content: '{"id":null}\n' }, /too many/],
    ['no array', { reader: jsonReader, schema: nested, content: '{"id":1,"tags":"x"}\n' }, /too many errors/],
    ['a newline in quotes', { reader: csvReader, schema: text, content: '"x\ny",1\n' }, /too many errors/],
    ['ASCII 0', { reader: csvReader, schema: text, content: 'x\0y,1\n' }, /too many errors/],
    [
      'latin-1',
      {
        reader: csvReader,
        schema: text,
        content: Buffer.from('\xe9,1\n', 'latin1'),
        more: { csv: { encoding: 'ISO-8859-1' } },
      },
      [['é', '1']],
    ],
    [
      'UTF-16',
      {
        reader: csvReader,
        schema: text,
        content: Buffer.from('\uFEFFé,1\n', 'utf16le'),
        more: { csv: { encoding: 'UTF-16LE' } },
      },
      [['é', '1']],
    ],
    [
      'bytes that are no UTF-8',
      { reader: csvReader, schema: text, content: Buffer.from([0xe9, 10]) },
      /too many/,
    ],
    [
      'values that are ignored',
      { reader: csvReader, schema: text, content: 'x,1,2\n', more: { ignoreUnknownValues: true } },
      [['x', '1']],
    ],
  ]
  it.each(cases)('%s', async (_, given, expected) => {
    expect(await read('fast', given)).not.toBeInstanceOf(Array)
    const slow = await read('slow', given)
    if (expected instanceof RegExp) expect(slow).toMatch(expected)
    else expect(slow).toEqual(expected)
  })
})
