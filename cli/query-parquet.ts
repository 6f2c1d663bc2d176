import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { QueryResult } from './run-query.ts'
import type { ResultField } from './query-values.ts'
import type { ColumnType, Field } from '../simulator/warehouse/warehouse.ts'

/** The rows as a Parquet file with the columns' types: loaded into a warehouse of their own and extracted from it. */
export async function parquetFile({ fields, rows }: QueryResult): Promise<Uint8Array> {
  const { openWarehouse } = await import('../simulator/warehouse/index.ts')
  const dir = await mkdtemp(join(tmpdir(), 'dag-query-'))
  try {
    const warehouse = await openWarehouse({ dir: join(dir, 'warehouse'), project: 'query' })
    try {
      const lines = rows.map((row) =>
        JSON.stringify(Object.fromEntries(fields.map(({ name }, i) => [name, row[i]]))),
      )
      const source = join(dir, 'rows.ndjson')
      await writeFile(source, lines.map((line) => `${line}\n`).join(''))
      const times = { createdAt: 0, modifiedAt: 0 }
      await warehouse.createDataset({ dataset: 'd', location: 'US', labels: {}, ...times })
      const table = { dataset: 'd', table: 'rows' }
      const schema = fields.map(readField)
      await warehouse.createTable({ ...table, kind: 'TABLE', schema, labels: {}, ...times })
      if (rows.length > 0)
        await warehouse.load({
          destination: table,
          files: [{ path: source, name: 'rows', gzip: false }],
          format: 'NEWLINE_DELIMITED_JSON',
          writeDisposition: 'WRITE_APPEND',
          createDisposition: 'CREATE_NEVER',
          now: 0,
        })
      const file = join(dir, 'rows.parquet')
      await warehouse.extract({
        source: table,
        file,
        format: 'PARQUET',
        gzip: false,
        printHeader: false,
        fieldDelimiter: ',',
        now: 0,
      })
      return await readFile(file)
    } finally {
      await warehouse.close()
    }
  } finally {
    await rm(dir, { recursive: true })
  }
}

const names: Readonly<Record<string, ColumnType>> = {
  INTEGER: 'INT64',
  FLOAT: 'FLOAT64',
  BOOLEAN: 'BOOL',
  RECORD: 'STRUCT',
}

function readField({ name, type, mode, fields }: ResultField): Field {
  return {
    name,
    type: names[type] ?? (type as ColumnType),
    mode: mode === 'REPEATED' ? 'REPEATED' : 'NULLABLE',
    ...(fields === undefined ? {} : { fields: fields.map(readField) }),
  }
}
